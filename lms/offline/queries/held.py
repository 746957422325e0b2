"""Reads what people hold already of the days of a training."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.hours.models import CreditEntryRow
from lms.offline.domain.overlaps import Held
from lms.offline.domain.workflow import State
from lms.offline.models import OutsideTraineeRow, OutsideTrainingRow


def held(session: Session, person_ids: Sequence[UUID], from_on: date, until_on: date) -> tuple[Held, ...]:
    """Other trainings of these people, or of accounts joined with theirs, on days of the span: handed in, or in the ledger.

    What was approved and taken back since does not count any more. One statement.
    """
    mine, theirs = aliased(PersonRow), aliased(PersonRow)
    one_human = or_(
        mine.id == theirs.id,
        mine.merged_into == theirs.id,
        theirs.merged_into == mine.id,
        mine.merged_into == theirs.merged_into,
    )
    reversal = aliased(CreditEntryRow)
    standing = exists().where(
        CreditEntryRow.person_id == OutsideTraineeRow.person_id,
        CreditEntryRow.source == OutsideTrainingRow.source,
        CreditEntryRow.source_id == OutsideTrainingRow.id,
        CreditEntryRow.reversal_of.is_(None),
        ~exists().where(reversal.reversal_of == CreditEntryRow.id),
    )
    rows = session.execute(
        select(
            mine.id,
            OutsideTrainingRow.id,
            OutsideTrainingRow.title,
            OutsideTrainingRow.ledger,
            OutsideTrainingRow.from_on,
            OutsideTrainingRow.until_on,
            OutsideTrainingRow.unit_path,
        )
        .select_from(OutsideTrainingRow)
        .join(OutsideTraineeRow, OutsideTraineeRow.training_id == OutsideTrainingRow.id)
        .join(theirs, theirs.id == OutsideTraineeRow.person_id)
        .join(mine, one_human)
        .where(
            mine.id.in_(person_ids),
            OutsideTrainingRow.from_on <= until_on,
            OutsideTrainingRow.until_on >= from_on,
            or_(
                OutsideTrainingRow.state == State.SUBMITTED,
                and_(OutsideTrainingRow.state == State.APPROVED, standing),
            ),
        )
    )
    return tuple(Held(*row) for row in rows)
