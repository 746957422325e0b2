"""Why a union joined two accounts stays with it: neither the ledger nor the person's next union reads it."""

from uuid import UUID

import pytest
from flask import Flask

from lms.access.domain import roles
from lms.accounts.service import joining, memberships
from lms.hours import queries
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries as organisations, service as units
from lms.organisations.queries import Unit
from tests.factories import learning
from tests.factories.cadres import at_work, make_admin
from tests.factories.learning import NOW, School
from tests.factories.people import make_person, signed_in
from tests.service.hours.ledger import credited

WHY = "纪检部门核实其用两个账号重复刷学时"


def joined(school: School, unit: Unit) -> tuple[Principal, UUID]:
    """Who had the hours of a course twice and is one person now, and the proposal that said why."""
    course = learning.add_course(school, "课程")
    kept, gone = make_person(unit, "一个人", now=NOW), make_person(unit, "一个人", now=NOW)
    credited(course, kept.person_id)
    credited(course, gone.person_id)
    first, second = make_admin(unit, "甲"), make_admin(unit, "乙")
    made = joining.propose(kept.person_id, gone.person_id, by=at_work(first, unit), reason=WHY, now=NOW)
    joining.confirm(made, by=at_work(second, unit), now=NOW)
    return kept, made


@pytest.mark.parametrize("page", ["/staff/people/joinings", "/staff/hours/people/{}?year=2026", "/staff/hours/entries"])
def test_why_two_accounts_were_joined_stays_with_the_union_that_wrote_it(clean: Flask, page: str) -> None:
    school = learning.add_school()
    with reading() as session:
        unit, nation = organisations.unit(session, school.unit_id), organisations.national(session)
    assert nation
    other = units.add_unit(
        parent_id=nation.id, name="湖南省总工会", kind="province", code="43", reach=EVERYWHERE, now=NOW
    )
    kept, _made = joined(school, unit)
    memberships.move(
        kept.person_id,
        other.id,
        from_on=NOW.date(),
        by=at_work(make_admin(nation, "全国"), nation),
        reason="调动",
        now=NOW,
    )
    there = signed_in(clean, make_person(other, "新省", grants={roles.UNIT_ADMIN: other}))
    if page == "/staff/hours/entries":
        page = f"/staff/hours/entries/{reversal_of(kept.person_id)}"
    shown = there.get(page.format(kept.person_id))
    assert shown.status_code == 200
    assert WHY not in shown.text


def test_nor_do_a_tutor_who_may_join_nobody_and_the_person_read_it(clean: Flask) -> None:
    school = learning.add_school()
    with reading() as session:
        unit = organisations.unit(session, school.unit_id)
    kept, made = joined(school, unit)
    tutor = signed_in(clean, make_person(unit, "班主任", grants={roles.CLASS_TUTOR: unit}))
    assert tutor.get(f"/staff/people/joinings/{made}").status_code == 403
    ledger, own = (
        tutor.get(f"/staff/hours/people/{kept.person_id}?year=2026"),
        signed_in(clean, kept).get("/me/hours?year=2026"),
    )
    assert (ledger.status_code, own.status_code) == (200, 200)
    assert (WHY in ledger.text, WHY in own.text) == (False, False)


def reversal_of(person_id: UUID) -> UUID:
    with reading() as session:
        return next(one.id for one in queries.entries_of(session, person_id) if one.reversal_of)
