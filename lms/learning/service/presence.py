"""Takes answers to presence checks: in time they cost nothing, late they cost the time since the question."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.infra.db import for_update, unit_of_work
from lms.kernel.errors import NotFound
from lms.learning import queries
from lms.learning.domain import presence
from lms.learning.models import LeaseRow, PresenceCheckRow
from lms.learning.service import waiting
from lms.learning.service.standing import lazily_expired
from lms.questionbank import queries as questionbank
from lms.questionbank.queries import ItemVersion


@dataclass(frozen=True)
class Answered:
    """What an answer brought: `presence` is a check that is still open, `held_ms` the real time of the lease that pays nothing.

    `lost_ms` is what this answer cost of it; `correct` is None where nothing was asked that can be wrong.
    """

    lease_state: str
    presence: waiting.Question | None
    held_ms: int
    lost_ms: int
    correct: bool | None


def answer_presence(lease_id: UUID, check_id: UUID, answer: str, *, now: datetime, rng: Random) -> Answered:
    """Takes an answer; the same one again changes nothing. Raises NotFound for an unknown lease or check."""
    with unit_of_work() as session:
        row = session.execute(for_update(select(LeaseRow).where(LeaseRow.id == lease_id))).scalar()
        if row is None:
            raise NotFound
        state, ended_at = lazily_expired(row, now)
        if row.presence_id != check_id:
            known = _known(session, lease_id, check_id)
            open_now = waiting.question_of(row) if state == "active" else None
            return Answered(state, open_now, row.held_ms, known.lost_ms, known.correct)
        check = _check(session, row, answer, min(now, ended_at) if ended_at else now)
        session.add(check)
        due, item_id = row.presence_due_ms, None
        if state == "active":
            policy = queries.policy_version(session, row.course_id, row.policy_version)
            due = row.credited_ms + policy.presence.draw(rng)
            item_id = waiting.draw(session, policy, row.course_id, by=check_id, but=row.presence_item_id)
        session.execute(
            update(LeaseRow)
            .where(LeaseRow.id == lease_id)
            .values(
                state=state,
                ended_at=ended_at,
                last_beat_at=max(now, row.last_beat_at) if state == "active" else row.last_beat_at,
                held_ms=row.held_ms + check.lost_ms,
                presence_id=None,
                presence_item_id=item_id,
                presence_asked_at=None,
                presence_due_ms=due,
            )
            .execution_options(synchronize_session=False)
        )
        session.flush()
        return Answered(state, None, row.held_ms + check.lost_ms, check.lost_ms, check.correct)


def _check(session: Session, row: LeaseRow, answer: str, at: datetime) -> PresenceCheckRow:
    asked_at, seconds = _open(row)
    item = item_asked(session, row.presence_item_id)
    at = max(at, asked_at)
    return PresenceCheckRow(
        id=row.presence_id,
        lease_id=row.id,
        person_id=row.person_id,
        asked_at=asked_at,
        answered_at=at,
        seconds=seconds,
        answer=answer,
        item_version_id=item.id if item else None,
        correct=set(answer) == set(item.answer) if item else None,
        lost_ms=presence.lost_ms(asked_at, at, seconds),
    )


def item_asked(session: Session, item_id: UUID | None) -> ItemVersion | None:
    """The item that a check asks, with its key; None for a button, and for an item that was withdrawn since it was drawn."""
    found = questionbank.item_versions(session, [item_id]).get(item_id) if item_id else None
    return found if found and found.published else None


def _open(row: Any) -> tuple[datetime, int]:
    return row.presence_asked_at, row.presence_seconds


def _known(session: Session, lease_id: UUID, check_id: UUID) -> PresenceCheckRow:
    found = session.execute(
        select(PresenceCheckRow).where(PresenceCheckRow.id == check_id, PresenceCheckRow.lease_id == lease_id)
    ).scalar()
    if found is None:
        raise NotFound
    return found
