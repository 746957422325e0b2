"""Reads make-up sittings: what was granted to a person, and what waits for a second person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.exams.models import SittingRequestRow, SittingRow
from lms.kernel.errors import NotFound

MOST_SHOWN = 50


@dataclass(frozen=True)
class Sitting:
    """A make-up sitting as its owner sees it; without times it lies within the exam's window."""

    attempts: int
    opens_at: datetime | None
    closes_at: datetime | None

    def now(self, now: datetime) -> bool:
        """Whether it has a time of its own, and this is it."""
        return self.opens_at is not None and self.closes_at is not None and self.opens_at <= now < self.closes_at


@dataclass(frozen=True)
class SittingRequest:
    """A make-up sitting that was asked for, with what became of it."""

    id: UUID
    exam_id: UUID
    person_id: UUID
    name: str
    attempts: int
    opens_at: datetime | None
    closes_at: datetime | None
    reason: str
    state: str
    asked_by: UUID
    asker: str
    asked_at: datetime
    decider: str | None
    comment: str


def sittings_of(session: Session, exam_id: UUID, person_id: UUID) -> tuple[Sitting, ...]:
    """The make-up sittings of a person and of joined accounts, the oldest first."""
    rows = session.execute(
        select(SittingRow.attempts, SittingRow.opens_at, SittingRow.closes_at)
        .where(SittingRow.exam_id == exam_id, SittingRow.person_id.in_(aliases(person_id)))
        .order_by(SittingRow.granted_at)
    )
    return tuple(Sitting(*row) for row in rows)


def requests_of(session: Session, exam_id: UUID, person_id: UUID) -> tuple[SittingRequest, ...]:
    """What was asked for a person, the newest first."""
    return _requests(session, SittingRequestRow.exam_id == exam_id, SittingRequestRow.person_id.in_(aliases(person_id)))


def waiting(session: Session, exam_id: UUID) -> tuple[SittingRequest, ...]:
    """What waits for a second person in an exam, the newest first."""
    return _requests(session, SittingRequestRow.exam_id == exam_id, SittingRequestRow.state == "asked")


def request(session: Session, request_id: UUID) -> SittingRequest:
    """One request. Raises NotFound."""
    for found in _requests(session, SittingRequestRow.id == request_id):
        return found
    raise NotFound


def _requests(session: Session, *conditions: ColumnElement[bool]) -> tuple[SittingRequest, ...]:
    owner, person, asker, decider = (aliased(PersonRow) for _ in range(4))
    rows = session.execute(
        select(
            SittingRequestRow.id,
            SittingRequestRow.exam_id,
            SittingRequestRow.person_id,
            person.name,
            SittingRequestRow.attempts,
            SittingRequestRow.opens_at,
            SittingRequestRow.closes_at,
            SittingRequestRow.reason,
            SittingRequestRow.state,
            SittingRequestRow.asked_by,
            asker.name,
            SittingRequestRow.asked_at,
            decider.name,
            SittingRequestRow.comment,
        )
        .join(owner, owner.id == SittingRequestRow.person_id)
        .join(person, person.id == func.coalesce(owner.merged_into, owner.id))
        .join(asker, asker.id == SittingRequestRow.asked_by)
        .outerjoin(decider, decider.id == SittingRequestRow.decided_by)
        .where(*conditions)
        .order_by(SittingRequestRow.id.desc())
        .limit(MOST_SHOWN)
    )
    return tuple(SittingRequest(*tuple(row)) for row in rows)


def name_of(session: Session, person_id: UUID) -> str:
    """A person's name. Raises NotFound."""
    found = session.execute(select(PersonRow.name).where(PersonRow.id == person_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found
