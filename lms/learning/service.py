"""Opens leases, takes beats and completes courses; the rule itself is domain/beats.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.audit import service as audit
from lms.catalogue import queries as catalogue
from lms.classes import queries as classes
from lms.infra import db, ratelimit
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import NotFound
from lms.learning import queries
from lms.learning.domain import beats, completion
from lms.learning.domain.intervals import Span, length, union
from lms.learning.events import CourseCompleted, course_completed
from lms.learning.models import CourseCompletionRow, LeaseRow, WatchProgressRow

WATCHING = beats.Policy()
OVERCLAIM_MS = 5_000  # an honest page stays far below: its clock can only run as fast as ours
SILENCE = timedelta(milliseconds=WATCHING.forfeit_after_ms)  # a lease without a beat for 12 minutes has expired


@dataclass(frozen=True)
class OpenedLease:
    """A fresh lease with where the person stands; times in media milliseconds."""

    lease_id: UUID
    asset_id: UUID
    duration_ms: int
    watched: tuple[Span, ...]
    position_ms: int


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


def open_lease(lecture_id: UUID, *, person_id: UUID, enrolment_id: UUID | None, now: datetime) -> OpenedLease:
    """Opens a lease on a published lecture and supersedes the person's live one at once.

    Raises NotFound for a lecture that is not published and for an enrolment that is not the person's own or does not
    have the course.
    """
    try:
        return _open_lease(lecture_id, person_id=person_id, enrolment_id=enrolment_id, now=now)
    except IntegrityError:  # another page of the person opened one in the same moment; the later one wins
        return _open_lease(lecture_id, person_id=person_id, enrolment_id=enrolment_id, now=now)


def _open_lease(lecture_id: UUID, *, person_id: UUID, enrolment_id: UUID | None, now: datetime) -> OpenedLease:
    with unit_of_work() as session:
        lecture = catalogue.playable_lecture(session, lecture_id)
        enrolment_id = _checked_enrolment(session, enrolment_id, person_id, lecture.course_id)
        accounts.lock_person(session, person_id)  # two pages of one person open leases one after the other
        opened_at = max(now, _last_end(session, person_id) or now)
        session.execute(
            update(LeaseRow)
            .where(LeaseRow.person_id == person_id, LeaseRow.ended_at.is_(None))
            .values(state="superseded", ended_at=opened_at)
        )
        lease_id = ids.new_secret_id()
        session.add(
            LeaseRow(
                id=lease_id,
                person_id=person_id,
                asset_id=lecture.asset_id,
                lecture_id=lecture.lecture_id,
                course_id=lecture.course_id,
                enrolment_id=enrolment_id,
                state="active",
                opened_at=opened_at,
                last_beat_at=opened_at,
                held_ms=0,
                credited_ms=0,
                max_rate_percent=WATCHING.max_rate_percent,
                duration_ms=lecture.duration_ms,
                last_seq=0,
            )
        )
        _ensure_progress(session, person_id, lecture.asset_id, now)
        session.flush()
        known = queries.progress(session, person_id, lecture.asset_id)
        return OpenedLease(lease_id, lecture.asset_id, lecture.duration_ms, known.watched, known.position_ms)


def take_beat(lease_id: UUID, beat: beats.Beat, *, now: datetime) -> BeatOutcome:
    """Credits what the lease's budget allows; three statements and a commit. Raises NotFound for an unknown lease."""
    with unit_of_work() as session:
        row = session.execute(_lease_and_progress(lease_id)).first()
        if row is None:
            raise NotFound
        state, ended_at = _lazily_expired(row.state, row.ended_at, row.last_beat_at, now)
        facts = beats.LeaseFacts(
            opened_at=row.opened_at,
            ended_at=ended_at,
            held_ms=row.held_ms,
            credited_ms=row.credited_ms,
            duration_ms=row.duration_ms,
            watched=tuple((a, b) for a, b in row.watched),
        )
        policy = WATCHING if row.max_rate_percent == WATCHING.max_rate_percent else _policy(row.max_rate_percent)
        accepted = beats.accept(beat, facts, now=now, policy=policy)
        active = state == "active"
        newest = beat.seq >= row.last_seq and (active or not _watched_since(session, lease_id, row))
        if active and beat.final:
            state, ended_at = "ended", max(now, row.opened_at)
        session.execute(
            update(LeaseRow)
            .where(LeaseRow.id == lease_id)
            .values(
                state=state,
                ended_at=ended_at,
                last_beat_at=max(now, row.last_beat_at) if active else row.last_beat_at,
                held_ms=accepted.held_ms,
                credited_ms=row.credited_ms + accepted.credited_ms,
                last_seq=max(row.last_seq, beat.seq),
            )
        )
        found = completion.state(accepted.watched, row.duration_ms, completion.COMPLETING)
        complete = row.completed_at is not None or found.state is completion.State.COMPLETED
        session.execute(
            update(WatchProgressRow)
            .where(WatchProgressRow.person_id == row.person_id, WatchProgressRow.asset_id == row.asset_id)
            .values(
                watched=accepted.watched,
                covered_ms=length(accepted.watched),
                position_ms=min(max(beat.position_ms, 0), row.duration_ms) if newest else WatchProgressRow.position_ms,
                version=WatchProgressRow.version + 1,
                completed_at=row.completed_at or (now if complete else None),
                changed_at=now,
            )
        )
        course_complete = complete and _complete_course(
            session, row.person_id, row.course_id, row.enrolment_id, now=now
        )
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
    )


def import_progress(person_id: UUID, lecture_id: UUID, *, enrolment_id: UUID | None, now: datetime) -> None:
    """Takes a lecture over as watched whole, without a lease: for records that come from elsewhere (demo learners)."""
    with unit_of_work() as session:
        lecture = catalogue.playable_lecture(session, lecture_id)
        _ensure_progress(session, person_id, lecture.asset_id, now)
        session.execute(
            update(WatchProgressRow)
            .where(WatchProgressRow.person_id == person_id, WatchProgressRow.asset_id == lecture.asset_id)
            .values(
                watched=union([(0, lecture.duration_ms)]),
                covered_ms=lecture.duration_ms,
                version=WatchProgressRow.version + 1,
                completed_at=now,
                changed_at=now,
            )
        )
        _complete_course(session, person_id, lecture.course_id, enrolment_id, now=now)


def revoke_leases(*, asset_id: UUID | None = None, person_id: UUID | None = None, now: datetime) -> None:
    """Ends live leases on an asset, or of a person, at once; what they credited is kept."""
    which = LeaseRow.asset_id == asset_id if asset_id is not None else LeaseRow.person_id == person_id
    with unit_of_work() as session:
        session.execute(
            update(LeaseRow)
            .where(which, LeaseRow.ended_at.is_(None))
            .values(state="revoked", ended_at=_not_before_opening(now))
        )


def expire_silent_leases(*, now: datetime) -> int:
    """Closes leases without a beat for 12 minutes. Returns how many."""
    with db.reading() as session:
        rows = session.execute(
            select(LeaseRow.id, LeaseRow.last_beat_at)
            .where(LeaseRow.state == "active", LeaseRow.last_beat_at < now - SILENCE)
            .limit(500)
        ).all()
    if not rows:
        return 0
    with unit_of_work() as session:
        for lease_id, last_beat_at in rows:
            session.execute(
                update(LeaseRow)
                .where(LeaseRow.id == lease_id, LeaseRow.state == "active", LeaseRow.last_beat_at == last_beat_at)
                .values(state="expired", ended_at=last_beat_at + SILENCE)
            )
    return len(rows)


def _policy(max_rate_percent: int) -> beats.Policy:
    return beats.Policy(max_rate_percent=max_rate_percent)


def _not_before_opening(now: datetime):  # type: ignore[no-untyped-def]  # a SQL expression
    return case((LeaseRow.opened_at > now, LeaseRow.opened_at), else_=literal(now, LeaseRow.opened_at.type))


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


def _lazily_expired(
    state: str, ended_at: datetime | None, last_beat_at: datetime, now: datetime
) -> tuple[str, datetime | None]:
    if state == "active" and now - last_beat_at > SILENCE:
        return "expired", last_beat_at + SILENCE
    return state, ended_at


def _lease_and_progress(lease_id: UUID):  # type: ignore[no-untyped-def]  # a Select of both rows, locked
    statement = (
        select(
            LeaseRow.person_id,
            LeaseRow.asset_id,
            LeaseRow.course_id,
            LeaseRow.enrolment_id,
            LeaseRow.state,
            LeaseRow.opened_at,
            LeaseRow.last_beat_at,
            LeaseRow.ended_at,
            LeaseRow.held_ms,
            LeaseRow.credited_ms,
            LeaseRow.max_rate_percent,
            LeaseRow.duration_ms,
            LeaseRow.last_seq,
            WatchProgressRow.watched,
            WatchProgressRow.completed_at,
        )
        .join(
            WatchProgressRow,
            (WatchProgressRow.person_id == LeaseRow.person_id) & (WatchProgressRow.asset_id == LeaseRow.asset_id),
        )
        .where(LeaseRow.id == lease_id)
    )
    return db.for_update(statement)


def _watched_since(session: Session, lease_id: UUID, row) -> bool:  # type: ignore[no-untyped-def]  # a Row of _lease_and_progress
    """Whether a later lease plays the same media: then that one knows the position, not what an older page still sends."""
    later = select(LeaseRow.id).where(
        LeaseRow.person_id == row.person_id,
        LeaseRow.asset_id == row.asset_id,
        LeaseRow.opened_at >= row.opened_at,
        LeaseRow.id != lease_id,
    )
    return session.execute(later.limit(1)).first() is not None


def _checked_enrolment(session: Session, enrolment_id: UUID | None, person_id: UUID, course_id: UUID) -> UUID | None:
    if enrolment_id is None:
        found = classes.enrolment_for_course(session, person_id, course_id)
        return found.id if found else None
    named = classes.enrolment_by_id(session, enrolment_id)
    has_course = course_id in classes.class_facts(session, named.class_id).course_ids
    if named.person_id != person_id or not named.active or not has_course:
        raise NotFound
    return named.id


def _last_end(session: Session, person_id: UUID) -> datetime | None:
    """The latest moment that a lease of the person reaches, so that the next one can't overlap it."""
    reach = func.coalesce(LeaseRow.ended_at, LeaseRow.opened_at, type_=LeaseRow.opened_at.type)
    return session.execute(select(func.max(reach)).where(LeaseRow.person_id == person_id)).scalar()


def _ensure_progress(session: Session, person_id: UUID, asset_id: UUID, now: datetime) -> None:
    insert = (postgresql.insert if db.dialect() == "postgresql" else sqlite.insert)(WatchProgressRow)
    session.execute(
        insert.values(
            person_id=person_id, asset_id=asset_id, watched=[], covered_ms=0, position_ms=0, version=0, changed_at=now
        ).on_conflict_do_nothing(index_elements=["person_id", "asset_id"])
    )


def _complete_course(
    session: Session, person_id: UUID, course_id: UUID, enrolment_id: UUID | None, *, now: datetime
) -> bool:
    """Completes the course when all its lectures are, once; whoever listens credits the hours in the same step.

    A suspended lecture is asked for too: the hours were fixed for all of them. Returns whether the course is complete.
    """
    if queries.completions(session, person_id, [course_id]):
        return True
    _queue_behind_own_completions(session, person_id)
    assets = [asset_id for _, asset_id, _ in catalogue.lecture_ids(session, course_id)]
    seen = queries.progress_of(session, person_id, assets)
    if not assets or any(asset_id not in seen or seen[asset_id].completed_at is None for asset_id in assets):
        return False
    insert = (postgresql.insert if db.dialect() == "postgresql" else sqlite.insert)(CourseCompletionRow)
    done = session.execute(
        insert.values(
            id=ids.new_id(now),
            person_id=person_id,
            course_id=course_id,
            enrolment_id=enrolment_id,
            completed_at=now,
        )
        .on_conflict_do_nothing(index_elements=["person_id", "course_id"])
        .returning(CourseCompletionRow.id)
    ).first()
    if done is None:
        return True
    class_kind = None
    if enrolment_id is not None:
        class_kind = classes.class_facts(session, classes.enrolment_by_id(session, enrolment_id).class_id).kind
    course_completed.send(None, event=CourseCompleted(person_id, course_id, enrolment_id, class_kind, now))
    return True


def _queue_behind_own_completions(session: Session, person_id: UUID) -> None:
    """Two lectures that complete in the same moment must see each other, or the course would stay open.

    An advisory lock and not the person's row: a beat holds its lease's row, which opening a lease locks after the person's.
    """
    if db.dialect() == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(person_id), 17))))
