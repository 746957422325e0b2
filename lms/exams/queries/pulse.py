"""Reads what decides at a page's sign of life, and what was told to its attempt."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lms.exams.domain.attempts import AttemptFacts, State
from lms.exams.domain.watching import Before
from lms.exams.models import AttemptPresenceRow, AttemptRow, ExamMessageRow
from lms.infra.types import Uuid
from lms.kernel.errors import NotFound

MOST_MESSAGES = 20
"""A page shows no more messages than the newest so many."""


@dataclass(frozen=True)
class Pulse:
    """What decides at a sign of life; `messages`: how many there are for the attempt."""

    facts: AttemptFacts
    exam_id: UUID
    started_at: datetime
    closes_at: datetime
    before: Before | None
    events: int
    messages: int


@dataclass(frozen=True)
class Message:
    """What was told to an attempt; `to_all`: to everybody in the exam."""

    id: UUID
    text: str
    sent_at: datetime
    to_all: bool


_TO_ATTEMPT = and_(
    ExamMessageRow.exam_id == AttemptRow.exam_id,
    ExamMessageRow.sent_at >= AttemptRow.started_at,
    or_(ExamMessageRow.attempt_id.is_(None), ExamMessageRow.attempt_id == AttemptRow.id),
)
_OF_ATTEMPT = AttemptRow.id == bindparam("attempt_id", type_=Uuid)
_PULSE = (
    select(
        AttemptRow.state,
        AttemptRow.epoch,
        AttemptRow.deadline,
        AttemptRow.closes_at,
        AttemptRow.exam_id,
        AttemptRow.started_at,
        AttemptPresenceRow.epoch.label("page_epoch"),
        AttemptPresenceRow.network,
        AttemptPresenceRow.events,
        select(func.count()).select_from(ExamMessageRow).where(_TO_ATTEMPT).scalar_subquery().label("messages"),
    )
    .outerjoin(AttemptPresenceRow, AttemptPresenceRow.attempt_id == AttemptRow.id)
    .where(_OF_ATTEMPT, AttemptRow.person_id == bindparam("person_id", type_=Uuid))
)
_MESSAGES = (
    select(ExamMessageRow.id, ExamMessageRow.text, ExamMessageRow.sent_at, ExamMessageRow.attempt_id.is_(None))
    .join(AttemptRow, _TO_ATTEMPT)
    .where(_OF_ATTEMPT)
    .order_by(ExamMessageRow.sent_at.desc(), ExamMessageRow.id.desc())
    .limit(MOST_MESSAGES)
)


def pulse(session: Session, attempt_id: UUID, person_id: UUID) -> Pulse:
    """What decides at a sign of life of a page. One statement. Raises NotFound, also for another's attempt."""
    row = session.connection().execute(_PULSE, {"attempt_id": attempt_id, "person_id": person_id}).first()
    if row is None:
        raise NotFound
    return Pulse(
        AttemptFacts(State(row.state), row.epoch, row.deadline),
        row.exam_id,
        row.started_at,
        row.closes_at,
        None if row.page_epoch is None else Before(row.page_epoch, row.network),
        row.events or 0,
        min(row.messages, MOST_MESSAGES),
    )


def messages(session: Session, attempt_id: UUID) -> tuple[Message, ...]:
    """What was told to an attempt since it began, the oldest first, at most MOST_MESSAGES of the newest. One statement."""
    rows = session.connection().execute(_MESSAGES, {"attempt_id": attempt_id}).all()
    return tuple(Message(*row) for row in reversed(rows))


def messages_of_exam(session: Session, exam_id: UUID) -> tuple[Message, ...]:
    """What everybody in an exam was told, the newest first, at most MOST_MESSAGES. One statement."""
    rows = session.execute(
        select(ExamMessageRow.id, ExamMessageRow.text, ExamMessageRow.sent_at, ExamMessageRow.attempt_id.is_(None))
        .where(ExamMessageRow.exam_id == exam_id, ExamMessageRow.attempt_id.is_(None))
        .order_by(ExamMessageRow.sent_at.desc())
        .limit(MOST_MESSAGES)
    )
    return tuple(Message(*row) for row in rows)
