"""The page on the screen: opened by the host, reports what it plays, asks now and then whether the host is there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.accounts.domain.reach import Staff
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Gone
from lms.learning.domain import roompresence
from lms.learning.domain.classroom import PATIENCE_MS, Clock, Play, place
from lms.learning.domain.intervals import Span, length, union
from lms.learning.domain.roompresence import Asked
from lms.learning.models import ClassroomPlayRow, ClassroomSessionRow
from lms.learning.queries import classrooms
from lms.learning.service.classroom.refusals import hosted, still_open

_MILLISECOND = timedelta(milliseconds=1)
MOST_SPANS = 32


class ScreenOver(Gone):
    """The session has ended, or its video plays on another page."""

    code, title = "screen_over", N_("本页的播放已经结束：分课堂已结束，或已在另一页面打开大屏")


@dataclass(frozen=True)
class Screen:
    """An opened screen; times in media milliseconds."""

    id: UUID
    asset_id: UUID
    duration_ms: int
    position_ms: int


@dataclass(frozen=True)
class Report:
    """What the screen played since its last report. Only `segments` can earn anything."""

    seq: int
    segments: tuple[Span, ...]
    position_ms: int


@dataclass(frozen=True)
class Taken:
    """What a report brought: media milliseconds that count, and those for which no real time was left."""

    asset_id: UUID
    accepted_ms: int
    unpaid_ms: int
    present: int
    check_id: UUID | None
    check: Asked | None


def open_screen(session_id: UUID, *, by: Staff, rng: Random, now: datetime) -> Screen:
    """Gives the video to this page; the page that had it before stops at its next report. Raises NotFound, RoomOver."""
    with unit_of_work() as session:
        room = still_open(hosted(session, session_id, by))
        room.screen_id = ids.new_secret_id()
        room.screen_opened_at = now
        room.last_beat_at = now
        room.last_seq = 0
        if room.next_check_at is None:
            room.next_check_at = roompresence.next_check(now, rng)
        return Screen(room.screen_id, room.asset_id, room.duration_ms, room.position_ms)


def take_report(screen_id: UUID, report: Report, *, rng: Random, now: datetime) -> Taken:
    """Puts what was played on the session's clock. A report that was taken before changes nothing.

    Raises ScreenOver, also for an id that there never was.
    """
    with unit_of_work() as session:
        room = _of_screen(session, screen_id)
        accepted = unpaid = 0
        if report.seq > room.last_seq:
            accepted, unpaid = _place(session, room, report, now=now)
            room.last_seq = report.seq
            room.position_ms = min(max(report.position_ms, 0), room.duration_ms)
        room.last_beat_at = max(now, room.last_beat_at)
        _ask(room, rng, now=now)
        session.flush()
        return Taken(
            room.asset_id, accepted, unpaid, classrooms.count_live(session, room.id), room.check_id, _asked(room)
        )


def answer_check(screen_id: UUID, check_id: UUID, *, rng: Random, now: datetime) -> None:
    """The host is there. What stood unanswered beyond its time pays nothing. Harmless twice. Raises ScreenOver."""
    with unit_of_work() as session:
        room = _of_screen(session, screen_id)
        if room.check_id != check_id or room.check_asked_at is None:
            return
        lost = roompresence.held(room.opened_at, room.check_asked_at, now)
        if lost is not None:
            room.held = [*room.held, list(lost)]
        room.check_id = room.check_asked_at = None
        room.next_check_at = roompresence.next_check(now, rng)


def _of_screen(session: Session, screen_id: UUID) -> ClassroomSessionRow:
    statement = for_update(select(ClassroomSessionRow).where(ClassroomSessionRow.screen_id == screen_id))
    room = session.execute(statement.execution_options(populate_existing=True)).scalar()
    if room is None or room.state != "open":
        raise ScreenOver
    return room


def _place(session: Session, room: ClassroomSessionRow, report: Report, *, now: datetime) -> tuple[int, int]:
    at = (now - room.opened_at) // _MILLISECOND
    since = ((room.screen_opened_at or now) - room.opened_at) // _MILLISECOND
    known = classrooms.plays(session, room.id, since_ms=at - PATIENCE_MS)
    clock = Clock(now=at, since=since, taken=known, held=_held(room, now))
    plays, unpaid = place(report.segments[:MOST_SPANS], room.duration_ms, clock)
    _keep(session, room.id, plays)
    return length([(play.real_from, play.real_to) for play in plays]), unpaid


def _held(room: ClassroomSessionRow, now: datetime) -> tuple[Span, ...]:
    spans = [(start, end) for start, end in room.held]
    if room.check_asked_at is not None:
        waiting = roompresence.held(room.opened_at, room.check_asked_at, now)
        spans += [waiting] if waiting else []
    return union(spans)


def _keep(session: Session, session_id: UUID, plays: tuple[Play, ...]) -> None:
    if not plays:
        return
    last = session.execute(
        select(func.coalesce(func.max(ClassroomPlayRow.no), 0)).where(ClassroomPlayRow.session_id == session_id)
    ).scalar_one()
    for number, play in enumerate(plays, start=last + 1):
        session.add(
            ClassroomPlayRow(
                session_id=session_id,
                no=number,
                real_from_ms=play.real_from,
                real_to_ms=play.real_to,
                media_from_ms=play.media_from,
            )
        )


def _ask(room: ClassroomSessionRow, rng: Random, *, now: datetime) -> None:
    if room.next_check_at is None or now < room.next_check_at or room.check_id is not None:
        return
    room.check_id, room.check_asked_at = UUID(int=rng.getrandbits(128)), now


def _asked(room: ClassroomSessionRow) -> Asked | None:
    if room.check_asked_at is None:
        return None
    return Asked(room.check_asked_at, room.check_asked_at + roompresence.ANSWER_WITHIN)
