"""Who lost their role over a unit reads no more, on a draft of theirs, how many items its banks hold."""

from typing import Any

from sqlalchemy import update

from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.accounts.domain.reach import Staff
from lms.classes.models import TrainingClassRow
from lms.exams.domain.blueprint import Section
from lms.exams.service import planning
from lms.infra.db import unit_of_work
from lms.questionbank.models import BankRow
from tests.factories.exams import NOW, Hall
from tests.factories.people import make_person


def test_counts(hall: Hall, take_seat: Any) -> None:
    land = hall.land
    with unit_of_work() as session:
        session.execute(update(TrainingClassRow).values(unit_id=land.unit.id))
        session.add(BankRow(code="Z9", title="外省题库", kind="exam", unit_id=land.other_unit.id, created_at=NOW))
    me = make_person(
        land.unit, "两地", grants={roles.CLASS_MANAGER: land.unit, roles.UNIT_ADMIN: land.other_unit}, now=NOW
    )
    other = make_person(land.national, "人事", now=NOW)
    by = Staff(me.person_id, (land.unit.path, land.other_unit.path))
    draft = planning.draft_rules(hall.class_id, by=by, now=NOW)
    planning.add_section(draft, Section(type="single", count=7, points=1, banks=("Z9",)), by=by, now=NOW)
    seat = take_seat(me)
    assert "Z9" in seat.get(f"/staff/exam-drafts/{draft}").text
    with unit_of_work() as session:
        gone = update(RoleGrantRow).where(RoleGrantRow.person_id == me.person_id, RoleGrantRow.role == roles.UNIT_ADMIN)
        session.execute(gone.values(ended_at=NOW, ended_by=other.person_id, end_reason="换岗"))
    page = seat.get(f"/staff/exam-drafts/{draft}").text
    assert "需要 7 道，只有 0 道" not in page
