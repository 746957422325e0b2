"""A correction of hours on its pages: proposed by one of the staff, decided by another, taken back by who still reaches the person."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms.access.domain import roles
from lms.hours import service
from lms.hours.models import CorrectionRow
from lms.hours.service import Correction
from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries as organisations, service as units
from tests.factories import learning
from tests.factories.cadres import at_work
from tests.factories.learning import NOW, School
from tests.factories.people import make_person, post, signed_in
from tests.service.hours.ledger import credited


@pytest.fixture
def entry(clean: Flask) -> tuple[School, UUID]:
    school = learning.add_school()
    return school, credited(learning.add_course(school, "课程"), learning.add_person(school.unit_id))


def state(correction_id: UUID) -> str:
    with reading() as session:
        return session.execute(select(CorrectionRow.state).where(CorrectionRow.id == correction_id)).scalar_one()


def test_from_the_proposal_to_the_reversal(clean: Flask, entry: tuple[School, UUID]) -> None:
    school, entry_id = entry
    with reading() as session:
        unit = organisations.unit(session, school.unit_id)
    first, second = (make_person(unit, name, grants={roles.UNIT_ADMIN: unit}) for name in ("甲", "乙"))
    waiting = service.propose(entry_id, Correction.REVERSAL, by=at_work(first, unit), reason="误计", now=NOW)
    page = f"/staff/hours/corrections/{waiting}"
    assert "误计" in signed_in(clean, first).get(page).text
    other = signed_in(clean, second)
    assert "确认更正" in other.get(page).text
    assert post(other, f"{page}/decision", {"decision": ""}).status_code == 422
    assert post(other, f"{page}/decision", {"decision": "confirm", "comment": "属实"}).status_code == 303
    assert state(waiting) == "confirmed"


def test_who_does_not_reach_the_person_any_more_takes_nothing_back(clean: Flask, entry: tuple[School, UUID]) -> None:
    school, entry_id = entry
    with reading() as session:
        unit = organisations.unit(session, school.unit_id)
    assert unit.parent_id
    there = units.add_unit(parent_id=unit.parent_id, name="别的公司工会", kind="unit", reach=EVERYWHERE, now=NOW)
    admin = make_person(there, "管理员", grants={roles.UNIT_ADMIN: there})
    waiting = service.propose(entry_id, Correction.REVERSAL, by=at_work(admin, unit), reason="误计", now=NOW)
    answer = post(signed_in(clean, admin), f"/staff/hours/corrections/{waiting}/withdrawal")
    assert (answer.status_code, state(waiting)) == (404, "proposed")
