"""Takes beats: reads the lease with the progress, decides, writes both. The hottest path, so it speaks to the driver itself."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.audit import service as audit
from lms.infra import dbdriver, ratelimit
from lms.infra.db import unit_of_work
from lms.kernel.errors import NotFound
from lms.learning.domain import beats, completion
from lms.learning.domain.intervals import Span, length
from lms.learning.domain.suspicion import Rhythm
from lms.learning.models import LeaseRow
from lms.learning.service import carried, rows, waiting
from lms.learning.service.completing import complete_course, course_complete
from lms.learning.service.standing import facts_of, lazily_expired, watching

_MILLISECOND = timedelta(milliseconds=1)
OVERCLAIM_MS = 5_000  # an honest page stays far below: its clock can only run as fast as ours

TRIES = 3  # then the rows are locked while it is decided


@dataclass(frozen=True)
class BeatOutcome:
    """What a beat brought; `over` when the lease had ended before this beat (a final beat ends it and is not over).

    `fetched`: the lease's playlist came, so that its mark is needed no more.
    `carry` is for the page to send with its next beat, None where that would spare nothing.
    """

    accepted_ms: int
    trimmed: tuple[beats.Trim, ...]
    watched: tuple[Span, ...]
    coverage: float
    completed: bool
    course_completed: bool
    lease_state: str
    over: bool
    asset_id: UUID
    fetched: bool
    presence: waiting.Question | None
    carry: str | None = None


def take_beat(lease_id: UUID, beat: beats.Beat, *, carry: str | None = None, now: datetime) -> BeatOutcome:
    """Credits what the lease's budget allows: one read, two rows written, one commit. Raises NotFound for an unknown lease.

    With the `carry` of the beat before nothing is read: what it tells is what the rows are, or else the write says so.

    Where a beat has more to do (it completes something, its lease is over, it claims what can't be) the rows are locked and
    a unit of work does it whole.
    """
    known = carried.opened(lease_id, carry, now=now)
    for _ in range(TRIES):
        try:
            with dbdriver.connected() as connection:
                row, known = known or rows.read(connection, lease_id), None
                decided = _decide(row, beat, now)
                if decided.more:
                    break
                seen = rows.write(connection, decided.row, decided.change)
            return replace(decided.outcome, carry=carried.sealed(decided.row, decided.change, seen, now=now))
        except rows.Overtaken:
            continue
    return _take_whole(lease_id, decided.row, beat, now=now)


@dataclass(frozen=True, slots=True)
class _Decided:
    row: rows.Playing
    change: rows.Change
    outcome: BeatOutcome
    more: bool


def _decide(row: rows.Playing | None, beat: beats.Beat, now: datetime) -> _Decided:
    """What the beat makes of the rows; `more` when that is not all that it does."""
    if row is None:
        raise NotFound
    state, ended_at = lazily_expired(row, now)
    accepted = beats.accept(beat, facts_of(row, ended_at, row.watched), now=now, policy=watching(row.max_rate_percent))
    active = state == "active"
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
    change = rows.Change(
        state=state,
        ended_at=ended_at,
        last_beat_at=max(now, row.last_beat_at) if active else row.last_beat_at,
        held_ms=accepted.held_ms,
        credited_ms=credited_ms,
        last_seq=max(row.last_seq, beat.seq),
        presence_id=question.id if question else None,
        presence_asked_at=question.asked_at if question else None,
        beats=rhythm.beats,
        gap_low_ms=rhythm.low_ms,
        gap_high_ms=rhythm.high_ms,
        watched=accepted.watched,
        covered_ms=length(accepted.watched),
        trims=_together(row.trims, accepted.trimmed) if accepted.trimmed else row.trims,
        position_ms=min(max(beat.position_ms, 0), row.duration_ms) if beat.seq >= row.last_seq else row.position_ms,
        completed_at=row.completed_at or (now if complete else None),
        changed_at=now,
    )
    outcome = BeatOutcome(
        accepted_ms=accepted.credited_ms,
        trimmed=accepted.trimmed,
        watched=accepted.watched,
        coverage=found.coverage,
        completed=complete,
        course_completed=False,
        lease_state=state,
        over=not active,
        asset_id=row.asset_id,
        fetched=row.playlist_at is not None,
        presence=question if state == "active" else None,
    )
    return _Decided(row, change, outcome, more=complete or not active or _overclaimed(outcome))


def _take_whole(lease_id: UUID, seen: rows.Playing, beat: beats.Beat, *, now: datetime) -> BeatOutcome:
    with unit_of_work() as session, dbdriver.connected() as connection:
        settled = seen.completed_at is not None and course_complete(session, seen.person_id, seen.course_id)
        if not settled:  # who plays again what counts already waits for nobody
            accounts.lock_person(session, seen.person_id)  # before their lease, as who opens the next one does
        decided = _decide(rows.read(connection, lease_id, lock=True), beat, now)
        row, change, outcome = decided.row, decided.change, decided.outcome
        if outcome.over and _watched_since(session, lease_id, row):
            change = change._replace(position_ms=row.position_ms)
        rows.write(connection, row, change)
        if outcome.completed:
            done = settled or complete_course(session, row.person_id, row.course_id, row.enrolment_id, at=now, now=now)
            outcome = replace(outcome, course_completed=done)
        if not outcome.over and _overclaimed(outcome):
            _note_overclaim(session, lease_id, row.person_id, outcome.trimmed, now=now)
        return outcome


def _overclaimed(outcome: BeatOutcome) -> bool:
    return _over_ms(outcome.trimmed) >= OVERCLAIM_MS


def _over_ms(trimmed: tuple[beats.Trim, ...]) -> int:
    return sum(trim.ms for trim in trimmed if trim.reason is beats.TrimReason.BUDGET)


def _together(before: dict[str, int], trimmed: tuple[beats.Trim, ...]) -> dict[str, int]:
    """The totals by reason with those of this beat."""
    counted = {trim.reason.value: before.get(trim.reason.value, 0) + trim.ms for trim in trimmed if trim.ms}
    return {**before, **counted}


@lru_cache(maxsize=64)
def _completing(threshold_percent: int) -> completion.Policy:
    return completion.Policy(threshold_percent=threshold_percent)


def _watched_since(session: Session, lease_id: UUID, row: rows.Playing) -> bool:
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
    if not ratelimit.hit("overclaim", str(lease_id), limit=1, window_seconds=86_400):
        return
    audit.record(
        session,
        action="watch.overclaimed",
        object_type="watch_lease",
        object_id=lease_id,
        actor_id=person_id,
        result="refused",
        details={"over_ms": _over_ms(trimmed)},
        now=now,
    )
