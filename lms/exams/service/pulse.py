"""Takes a page's sign of life: keeps when it was, what it tells, and what the server notices; answers with what the page should know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.exams import queries
from lms.exams.domain.attempts import SaveVerdict, State
from lms.exams.domain.watching import MOST_EVENTS, Kind, noticed
from lms.exams.models import AttemptEventRow, AttemptPresenceRow
from lms.exams.queries import Message
from lms.exams.service.answer import SaveRefused
from lms.infra import crypto, db
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.learning.domain.origins import network_of

EVENTS_KEPT = timedelta(days=180)
"""As the register of personal fields promises."""
MARK_LENGTH = 32


@dataclass(frozen=True)
class PageEvent:
    """What a page tells: `no` is its own count, so that a repetition is known; `amount`: seconds, or characters pasted."""

    no: int
    kind: Kind
    amount: int | None


@dataclass(frozen=True)
class Answered:
    """What the page should know: when its time is over, and what it was told; None when it has all of it."""

    deadline: datetime
    messages: tuple[Message, ...] | None


def take_pulse(
    attempt_id: UUID,
    person_id: UUID,
    *,
    epoch: int,
    told: Sequence[PageEvent],
    known: int,
    address: str,
    now: datetime,
) -> Answered:
    """The page that opened the attempt last is there. `known`: how many messages it has; four statements at most.

    Raises NotFound, SaveRefused (closed, late, opened_elsewhere, unknown_epoch).
    """
    with unit_of_work() as session:
        found = queries.pulse(session, attempt_id, person_id)
        if found.facts.state is not State.OPEN:
            raise SaveRefused(SaveVerdict.CLOSED)
        if now > found.closes_at:
            raise SaveRefused(SaveVerdict.LATE)
        if epoch != found.facts.epoch:
            older = epoch < found.facts.epoch
            raise SaveRefused(SaveVerdict.OPENED_ELSEWHERE if older else SaveVerdict.UNKNOWN_EPOCH)
        network = crypto.mac("network", network_of(address))[:MARK_LENGTH]
        seen = noticed(found.before, epoch=epoch, network=network)
        listed = [(None, kind, None) for kind in seen] + [(one.no, one.kind, one.amount) for one in told]
        room = max(0, MOST_EVENTS - found.events)
        kept = _keep_events(session, attempt_id, epoch, listed[:room], now)
        _keep_presence(session, attempt_id, epoch, network, found.events + kept, now)
        news = queries.messages(session, attempt_id) if found.messages != known else None
    return Answered(found.facts.deadline, news)


def _keep_presence(session: Session, attempt_id: UUID, epoch: int, network: str, events: int, now: datetime) -> None:
    values = {"attempt_id": attempt_id, "seen_at": now, "epoch": epoch, "network": network, "events": events}
    session.connection().execute(_PRESENT[db.dialect()], values)


def _keep_events(
    session: Session,
    attempt_id: UUID,
    epoch: int,
    listed: Sequence[tuple[int | None, Kind, int | None]],
    now: datetime,
) -> int:
    """Keeps events, those already kept once; returns how many are new."""
    if not listed:
        return 0
    rows = [
        {
            "id": ids.new_id(now),
            "attempt_id": attempt_id,
            "epoch": epoch,
            "no": no,
            "kind": kind.value,
            "amount": amount,
            "at": now,
        }
        for no, kind, amount in listed
    ]
    statement = db.insert_into(AttemptEventRow).values(rows).on_conflict_do_nothing()
    return len(session.execute(statement.returning(AttemptEventRow.id)).all())


def forget_events(*, now: datetime, batch: int = 1000) -> int:
    """Removes events and signs of life that have outlived what the register of personal fields says. Returns how many."""
    before = now - EVENTS_KEPT
    aged = ((AttemptEventRow.id, AttemptEventRow.at), (AttemptPresenceRow.attempt_id, AttemptPresenceRow.seen_at))
    removed = 0
    with unit_of_work() as session:
        for key, moment in aged:
            old = select(key).where(moment < before).limit(batch)
            gone = delete(key.class_).where(key.in_(old)).returning(key)
            removed += len(session.execute(gone.execution_options(synchronize_session=False)).all())
    return removed


def _present(statement: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    told = {name: statement.excluded[name] for name in ("seen_at", "epoch", "network", "events")}
    return statement.on_conflict_do_update(index_elements=["attempt_id"], set_=told)


_PRESENT = {
    "sqlite": _present(sqlite.insert(AttemptPresenceRow)),
    "postgresql": _present(postgresql.insert(AttemptPresenceRow)),
}
