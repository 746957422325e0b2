"""What a unit holds goes with it into the one that it becomes part of, and leaves the reach of the old one's union."""

from uuid import UUID

from flask import Flask
from sqlalchemy import literal, select, update

from lms.catalogue import queries as catalogue
from lms.classes import queries as classes
from lms.classes.models import TrainingClassRow
from lms.infra import schema
from lms.infra.db import reading, unit_of_work
from lms.infra.types import Uuid
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from lms.organisations.queries import path_today
from lms.questionbank import queries as questionbank, service as questionbank_service
from lms.questionbank.models import BankRow
from tests.factories.content import hand_in
from tests.factories.exams import make_hall
from tests.factories.people import NOW, Land, make_staff


def merge(land: Land) -> None:
    organisations.merge(land.unit.id, land.other_unit.id, organisations.Act(None, "合并", NOW, reach=EVERYWHERE))


def test_banks_go_like_the_lectures_with_their_items(clean: Flask) -> None:
    staff = make_staff()
    revision_id = hand_in(staff.uploader)
    with reading() as session:
        code = catalogue.lecture_version(session, revision_id).bank_code
        assert questionbank.unit_path(session, code) == staff.land.unit.path
    merge(staff.land)
    with reading() as session:
        assert questionbank.unit_path(session, code) == staff.land.other_unit.path


def test_classes_go_with_their_exam(clean: Flask) -> None:
    hall = make_hall()
    with unit_of_work() as session:
        session.execute(update(TrainingClassRow).values(unit_id=hall.land.unit.id))
    merge(hall.land)
    with reading() as session:
        assert classes.class_facts(session, hall.class_id).unit_path == hall.land.other_unit.path


def test_what_was_merged_before_follows(clean: Flask) -> None:
    hall = make_hall()
    land = hall.land
    questionbank_service.ensure_bank("B-OLD", "题库", unit_id=land.unit.id, now=NOW)
    merge(land)
    organisations.merge(
        land.other_unit.id, land.other_province.id, organisations.Act(None, "合并", NOW, reach=EVERYWHERE)
    )
    with unit_of_work() as session:  # as it was stored then
        session.execute(update(BankRow).where(BankRow.code == "B-OLD").values(unit_id=land.unit.id))
        session.execute(update(TrainingClassRow).values(unit_id=land.unit.id))
    schema.downgrade("0040")
    schema.upgrade()
    with reading() as session:
        assert questionbank.unit_path(session, "B-OLD") == land.other_province.path
        assert classes.class_facts(session, hall.class_id).unit_path == land.other_province.path


def test_what_was_written_at_a_unit_goes_along_in_every_merger(clean: Flask) -> None:
    land = make_hall().land
    gone = [
        organisations.add_unit(
            parent_id=land.province.id, name=f"第{no}市总工会", kind="city", reach=EVERYWHERE, now=NOW
        )
        for no in range(4)
    ]
    into = [*gone[1:], land.other_province]
    for one, other in zip(gone, into, strict=True):
        organisations.merge(one.id, other.id, organisations.Act(None, "合并", NOW, reach=EVERYWHERE))
    assert paths_today([one.id for one in gone]) == [land.other_province.path] * 4
    schema.downgrade("0044")
    schema.upgrade()
    assert paths_today([one.id for one in gone]) == [land.other_province.path] * 4
    assert paths_today([land.unit.id]) == [land.unit.path]


def paths_today(unit_ids: list[UUID]) -> list[str]:
    with reading() as session:
        return [session.execute(select(path_today(literal(one, Uuid())))).scalar_one() for one in unit_ids]
