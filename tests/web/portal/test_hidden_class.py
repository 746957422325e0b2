"""Who asks for a class that is none of theirs leaves the same trace as who asks for none at all."""

from flask import Flask
from sqlalchemy import func, select, update

from lms.audit.models import AuditEntryRow
from lms.classes.models import TrainingClassRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from tests.factories.people import make_land, make_person, signed_in
from tests.factories.qualification import add_qualification


def refused() -> int:
    with reading() as session:
        return session.execute(
            select(func.count()).select_from(AuditEntryRow).where(AuditEntryRow.action == "access.refused")
        ).scalar_one()


def test_trace(clean: Flask) -> None:
    land = make_land()
    class_id = add_qualification(land.unit)
    with unit_of_work() as session:
        session.execute(update(TrainingClassRow).values(enrolment="closed"))
    browser = signed_in(clean, make_person(land.other_unit))
    traces = []
    for one in (ids.new_id(), class_id):
        before = refused()
        assert browser.get(f"/classes/{one}").status_code == 404
        traces.append(refused() - before)
    assert traces == [1, 1]
