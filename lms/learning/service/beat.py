"""Takes beats: reads the lease with the progress, decides, writes both. The hottest path, so its statements are made once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.infra import db, ratelimit
from lms.infra.db import unit_of_work
from lms.kernel.errors import NotFound
from lms.learning.domain import beats, completion
from lms.learning.domain.intervals import Span, length
from lms.learning.domain.suspicion import Rhythm
from lms.learning.models import LeaseRow, WatchProgressRow
from lms.learning.service import waiting
from lms.learning.service.completing import complete_course
from lms.learning.service.standing import facts_of, lazily_expired, watching

_MILLISECOND = timedelta(milliseconds=1)
OVERCLAIM_MS = 5_000  # an honest page stays far below: its clock can only run as fast as ours

_lease: Table = LeaseRow.__table__  # type: ignore[assignment]  # declared as a FromClause
_progress: Table = WatchProgressRow.__table__  # type: ignore[assignment]  # the same
_FACTS = (
    select(
        *(column for column in _lease.c if column.name != "id"),
        _progress.c.watched,
        _progress.c.completed_at,
        _progress.c.position_ms,
        _progress.c.trims,
    )
    .join(_progress, (_progress.c.person_id == _lease.c.person_id) & (_progress.c.asset_id == _lease.c.asset_id))
    .where(_lease.c.id == bindparam("lease_key"))
)
_FACTS_LOCKED = _FACTS.with_for_update()
_KEEP_LEASE = update(_lease).where(_lease.c.id == bindparam("lease_key"))
_KEEP_PROGRESS = (
    update(_progress)
    .where(_progress.c.person_id == bindparam("person_key"), _progress.c.asset_id == bindparam("asset_key"))
    .values(version=_progress.c.version + 1)
)


@dataclass(frozen=True)
class BeatOutcome:
    """What a beat brought; `over` when the lease had ended before this beat (a final beat ends it and is not over)."""

    accepted_ms: int
    trimmed: tuple[beats.Trim, ...]
    watched: tuple[Span, ...]
    coverage: float
    completed: bool
    course_completed: bool
    lease_state: str
    over: bool
    asset_id: UUID
    presence: waiting.Question | None


def take_beat(lease_id: UUID, beat: beats.Beat, *, now: datetime) -> BeatOutcome:
    """Credits what the lease's budget allows; three statements and a commit. Raises NotFound for an unknown lease."""
    with unit_of_work() as session:
        connection = session.connection()
        row = connection.execute(
            _FACTS_LOCKED if db.dialect() == "postgresql" else _FACTS, {"lease_key": lease_id}
        ).first()
        if row is None:
            raise NotFound
        state, ended_at = lazily_expired(row, now)
        watched = tuple((a, b) for a, b in row.watched)
        accepted = beats.accept(beat, facts_of(row, ended_at, watched), now=now, policy=watching(row.max_rate_percent))
        active = state == "active"
        newest = beat.seq >= row.last_seq and (active or not _watched_since(session, lease_id, row))
        if active and beat.final:
            state, ended_at = "ended", max(now, row.opened_at)
        found = completion.state(accepted.watched, row.duration_ms, _completing(row.threshold_percent))
        complete = row.completed_at is not None or found.state is completion.State.COMPLETED
        credited_ms = row.credited_ms + accepted.credited_ms
        question = waiting.question_of(row)
        if question is None and state == "active" and not complete:
            question = waiting.ask(row, credited_ms, now=now)
        rhythm = Rhythm(row.beats, row.gap_low_ms, row.gap_high_ms)
        if active:
            rhythm = rhythm.after((now - row.last_beat_at) // _MILLISECOND)
        connection.execute(
            _KEEP_LEASE,
            {
                "lease_key": lease_id,
                "state": state,
                "ended_at": ended_at,
                "last_beat_at": max(now, row.last_beat_at) if active else row.last_beat_at,
                "held_ms": accepted.held_ms,
                "credited_ms": credited_ms,
                "last_seq": max(row.last_seq, beat.seq),
                "presence_id": question and question.id,
                "presence_asked_at": question and question.asked_at,
                "beats": rhythm.beats,
                "gap_low_ms": rhythm.low_ms,
                "gap_high_ms": rhythm.high_ms,
            },
        )
        connection.execute(
            _KEEP_PROGRESS,
            {
                "person_key": row.person_id,
                "asset_key": row.asset_id,
                "watched": accepted.watched,
                "covered_ms": length(accepted.watched),
                "trims": _together(row.trims, accepted.trimmed),
                "position_ms": min(max(beat.position_ms, 0), row.duration_ms) if newest else row.position_ms,
                "completed_at": row.completed_at or (now if complete else None),
                "changed_at": now,
            },
        )
        course_complete = complete and complete_course(session, row.person_id, row.course_id, row.enrolment_id, now=now)
        if active:
            _note_overclaim(session, lease_id, row.person_id, accepted.trimmed, now=now)
    return BeatOutcome(
        accepted_ms=accepted.credited_ms,
        trimmed=accepted.trimmed,
        watched=accepted.watched,
        coverage=found.coverage,
        completed=complete,
        course_completed=course_complete,
        lease_state=state,
        over=not active,
        asset_id=row.asset_id,
        presence=question if state == "active" else None,
    )


def _together(before: dict[str, int], trimmed: tuple[beats.Trim, ...]) -> dict[str, int]:
    """The totals by reason with those of this beat."""
    counted = {trim.reason.value: before.get(trim.reason.value, 0) + trim.ms for trim in trimmed if trim.ms}
    return {**before, **counted}


@lru_cache(maxsize=64)
def _completing(threshold_percent: int) -> completion.Policy:
    return completion.Policy(threshold_percent=threshold_percent)


def _watched_since(session: Session, lease_id: UUID, row: Any) -> bool:
    """Whether a later lease plays the same media: then that one knows the position, not what an older page still sends."""
    later = select(LeaseRow.id).where(
        LeaseRow.person_id == row.person_id,
        LeaseRow.asset_id == row.asset_id,
        LeaseRow.opened_at >= row.opened_at,
        LeaseRow.id != lease_id,
    )
    return session.execute(later.limit(1)).first() is not None


def _note_overclaim(
    session: Session, lease_id: UUID, person_id: UUID, trimmed: tuple[beats.Trim, ...], *, now: datetime
) -> None:
    """Leaves a trace of a live lease that claims much more than real time allows, once a day and process; nothing is cancelled."""
    over_ms = sum(trim.ms for trim in trimmed if trim.reason is beats.TrimReason.BUDGET)
    if over_ms < OVERCLAIM_MS or not ratelimit.hit("overclaim", str(lease_id), limit=1, window_seconds=86_400):
        return
    audit.record(
        session,
        action="watch.overclaimed",
        object_type="watch_lease",
        object_id=lease_id,
        actor_id=person_id,
        result="refused",
        details={"over_ms": over_ms},
        now=now,
    )
