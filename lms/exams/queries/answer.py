"""Reads what was saved of a paper, and what decides about the next save."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lms.exams.domain.attempts import AttemptFacts, SaveKey, State
from lms.exams.models import AnswerEventRow, AttemptRow
from lms.infra import db
from lms.infra.types import Uuid
from lms.kernel.errors import NotFound


@dataclass(frozen=True)
class SavedAnswer:
    """The answer that counts at a position: () when it was taken back."""

    key: SaveKey
    value: tuple[str, ...]
    received_at: datetime


_RANKED = (
    select(
        AnswerEventRow.position,
        AnswerEventRow.epoch,
        AnswerEventRow.client_seq,
        AnswerEventRow.value,
        AnswerEventRow.received_at,
        func.row_number()
        .over(
            partition_by=AnswerEventRow.position,
            order_by=(AnswerEventRow.epoch.desc(), AnswerEventRow.client_seq.desc()),
        )
        .label("newest"),
    )
    .where(AnswerEventRow.attempt_id == bindparam("attempt_id", type_=Uuid))
    .subquery()
)
_ANSWERS = select(_RANKED).where(_RANKED.c.newest == 1).order_by(_RANKED.c.position)


def answers(session: Session, attempt_id: UUID) -> dict[int, SavedAnswer]:
    """The answers that count, by position: of each the save with the highest (epoch, client_seq)."""
    rows = session.connection().execute(_ANSWERS, {"attempt_id": attempt_id})
    return {
        row.position: SavedAnswer(SaveKey(row.epoch, row.client_seq), tuple(row.value), row.received_at) for row in rows
    }


@dataclass(frozen=True)
class SaveTarget:
    """What decides about a save at a position of an attempt, beside what was saved there before."""

    facts: AttemptFacts
    grace: timedelta


def save_target(session: Session, attempt_id: UUID, person_id: UUID) -> SaveTarget:
    """The attempt that a save is for, locked against hand-in. Raises NotFound, also for another's attempt."""
    statement = select(AttemptRow.state, AttemptRow.epoch, AttemptRow.deadline, AttemptRow.closes_at).where(
        AttemptRow.id == attempt_id, AttemptRow.person_id == person_id
    )
    row = session.execute(db.for_update(statement)).first()
    if row is None:
        raise NotFound
    facts = AttemptFacts(State(row.state), row.epoch, row.deadline)
    return SaveTarget(facts, row.closes_at - row.deadline)


def saves_before(
    session: Session, attempt_id: UUID, position: int, key: SaveKey
) -> tuple[SaveKey | None, SavedAnswer | None]:
    """The highest key saved at a position, and what was saved under `key` itself."""
    columns = select(
        AnswerEventRow.epoch, AnswerEventRow.client_seq, AnswerEventRow.value, AnswerEventRow.received_at
    ).where(AnswerEventRow.attempt_id == attempt_id, AnswerEventRow.position == position)
    newest = session.execute(
        columns.order_by(AnswerEventRow.epoch.desc(), AnswerEventRow.client_seq.desc()).limit(1)
    ).first()
    if newest is None:
        return None, None
    newest_key = SaveKey(newest.epoch, newest.client_seq)
    if newest_key < key:
        return newest_key, None
    same = columns.where(AnswerEventRow.epoch == key.epoch, AnswerEventRow.client_seq == key.client_seq)
    twin = newest if newest_key == key else session.execute(same).first()
    return newest_key, SavedAnswer(key, tuple(twin.value), twin.received_at) if twin else None
