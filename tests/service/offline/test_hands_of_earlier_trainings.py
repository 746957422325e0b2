"""A training from before hands were kept knows them from its row and from the record of acts."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, update

from lms.infra import schema
from lms.infra.db import reading, unit_of_work
from lms.offline import service
from lms.offline.models import OutsideHandRow, OutsideTrainingRow
from tests.factories.cadres import at_work
from tests.factories.outside import FACTS, Office, draft, submitted
from tests.factories.people import NOW


def hands() -> set[tuple[UUID, UUID]]:
    with reading() as session:
        return {
            (row.training_id, row.person_id)
            for row in session.execute(select(OutsideHandRow.training_id, OutsideHandRow.person_id))
        }


def test_the_step_finds_them_again(office: Office) -> None:
    edited, other = draft(office), submitted(office, facts=replace(FACTS, title="另一次培训"))
    service.edit(edited, FACTS, by=office.deciding, now=NOW)
    service.submit(edited, by=at_work(office.nation, office.land.national), now=NOW)
    before = hands()
    clerk, province, nation = (one.person_id for one in (office.clerk, office.province, office.nation))
    assert before == {(edited, clerk), (edited, province), (edited, nation), (other, clerk)}
    with unit_of_work() as session:
        session.execute(update(OutsideTrainingRow).values(proof_key_sealed=""))  # as they were stored in those days
    schema.downgrade("0037")
    try:
        schema.upgrade()
    finally:
        assert hands() == before
