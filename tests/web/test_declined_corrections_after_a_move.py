"""What a union wrote in a settled proposal to correct hours stays with it when the person moves."""

from uuid import UUID

from flask import Flask

from lms.access.domain import roles
from lms.accounts.service import memberships
from lms.hours import service
from lms.hours.service import Correction
from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries as organisations, service as units
from tests.factories import learning
from tests.factories.cadres import at_work, make_admin
from tests.factories.learning import NOW
from tests.factories.people import make_person, signed_in
from tests.service.hours.ledger import credited

WHY = "怀疑找人代学正在调查"
ANSWER = "调查组认为证据不足"


def test_a_declined_proposal_stays_with_the_union_that_wrote_it(clean: Flask) -> None:
    school = learning.add_school()
    person_id: UUID = learning.add_person(school.unit_id)
    entry_id = credited(learning.add_course(school, "课程"), person_id)
    with reading() as session:
        unit = organisations.unit(session, school.unit_id)
        nation = organisations.national(session)
    assert nation and unit.parent_id
    other = units.add_unit(
        parent_id=nation.id, name="湖南省总工会", kind="province", code="43", reach=EVERYWHERE, now=NOW
    )
    first, second = (make_person(unit, name, grants={roles.UNIT_ADMIN: unit}) for name in ("甲", "乙"))
    made = service.propose(entry_id, Correction.REVERSAL, by=at_work(first, unit), reason=WHY, now=NOW)
    service.decline(made, by=at_work(second, unit), comment=ANSWER, now=NOW)
    memberships.move(
        person_id, other.id, from_on=NOW.date(), by=at_work(make_admin(nation, "全国"), nation), reason="调动", now=NOW
    )
    tutor = signed_in(clean, make_person(other, "新班主任", grants={roles.CLASS_TUTOR: other}))
    admin = signed_in(clean, make_admin(other, "新省"))
    page, own = tutor.get(f"/staff/hours/entries/{entry_id}"), admin.get(f"/staff/hours/corrections/{made}")
    assert page.status_code == 200
    assert (WHY in page.text, ANSWER in own.text) == (False, False)
