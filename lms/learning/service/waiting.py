"""Presence checks as leases carry them: what was left of the wait, when the next is due, and what is being asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.catalogue import queries as catalogue
from lms.kernel import ids
from lms.learning.domain import beats, presence
from lms.learning.domain.presence import Kind
from lms.learning.domain.watchpolicy import WatchPolicy
from lms.learning.models import LeaseRow
from lms.learning.service.standing import facts_of, lazily_expired, watching
from lms.questionbank import queries as questionbank


@dataclass(frozen=True)
class Question:
    """An open presence check: time of the lease from `asked_at` on is held until it is answered."""

    id: UUID
    kind: Kind
    asked_at: datetime
    seconds: int
    place: int
    item_id: UUID | None = None

    @property
    def answer_by(self) -> datetime:
        """Until when an answer costs nothing."""
        return self.asked_at + timedelta(seconds=self.seconds)


def before(session: Session, person_id: UUID, *, now: datetime) -> presence.Before | None:
    """The person's newest lease, as far as the wait goes on from it."""
    row = session.execute(
        select(LeaseRow)
        .where(LeaseRow.person_id == person_id)
        .order_by(LeaseRow.opened_at.desc(), LeaseRow.ended_at.is_(None).desc(), LeaseRow.ended_at.desc())
        .limit(1)
    ).scalar()
    if row is None:
        return None
    _, ended_at = lazily_expired(row, now)
    payable = beats.payable_ms(facts_of(row, ended_at or now), now=now, policy=watching(row.max_rate_percent))
    return presence.Before(
        due_ms=row.presence_due_ms,
        credited_ms=row.credited_ms,
        payable_ms=payable,
        asking=row.presence_seconds is not None,
        open=row.presence_id is not None,
    )


def begin(
    row: LeaseRow, policy: WatchPolicy, last: presence.Before | None, *, percent: int, item_id: UUID | None, rng: Random
) -> Question | None:
    """Gives a fresh lease its next moment; asks at once when it is overdue, for then nothing may be paid before.

    `percent` is how much of the usual time to answer the person is granted, `item_id` what it asks, None for a button.
    """
    carried = presence.left(last)
    if not policy.presence.asks(row.duration_ms):
        row.presence_due_ms = carried
        return None
    row.presence_seconds = policy.presence.window(percent)
    row.presence_item_id = item_id
    row.presence_due_ms = presence.next_due(carried, policy.presence, rng)
    if row.presence_due_ms > 0:
        return None
    row.presence_id, row.presence_asked_at = ids.new_secret_id(), row.opened_at
    return question_of(row)


def draw(session: Session, policy: WatchPolicy, course_id: UUID, *, by: UUID, but: UUID | None = None) -> UUID | None:
    """The item that the next check asks: drawn by a random id from the course's practice bank; None for a button.

    It is drawn ahead, when a lease opens or a check was answered, so that the beat that asks has nothing more to read.
    """
    if policy.presence_kind is not Kind.ITEM:
        return None
    bank = catalogue.practice_bank(session, course_id)
    return questionbank.practice_choice(session, bank, by.int, but=but) if bank else None


def asked(check_id: UUID, asked_at: datetime, seconds: int, item_id: UUID | None) -> Question:
    """A check as a page is told of it."""
    kind = Kind.BUTTON if item_id is None else Kind.ITEM
    return Question(check_id, kind, asked_at, seconds, presence.place(check_id), item_id)


def ask(row: Any, credited_ms: int, *, now: datetime) -> Question | None:
    """A new check when the lease has been paid so much that one is due."""
    if row.presence_seconds is None or credited_ms < row.presence_due_ms:
        return None
    return asked(ids.new_secret_id(), max(now, row.opened_at), row.presence_seconds, row.presence_item_id)


def question_of(row: Any) -> Question | None:
    """The open check of a lease's row."""
    if row.presence_id is None:
        return None
    return asked(row.presence_id, row.presence_asked_at, row.presence_seconds, row.presence_item_id)
