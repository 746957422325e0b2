"""Credits the people of a signed sheet: from frozen facts, one person to a commit, each once however often it runs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.infra.db import for_update, reading, unit_of_work
from lms.learning.domain import classroom as rules, completion
from lms.learning.domain.intervals import Span, length, union
from lms.learning.models import (
    ClassroomAttendanceRow,
    ClassroomCorrectionRow,
    ClassroomSessionRow,
    ClassroomSheetRow,
    LeaseRow,
    WatchProgressRow,
)
from lms.learning.queries import classroomsheets
from lms.learning.queries.classroomsheets import Sheet
from lms.learning.service.completing import complete_course

_MOST_SPANS = 500


def credit_session(session_id: UUID, *, now: datetime) -> int:
    """Credits whoever of a signed session is not credited yet. Returns how many were.

    Safe to run twice, in two workers at once, or again after a death in the middle: each person's media time, the mark that
    it is credited and the course that it completes commit together.
    """
    with reading() as session:
        sheet = classroomsheets.sheet(session, session_id)
        signed = classroomsheets.signature(session, session_id)
        waiting = session.execute(
            select(ClassroomAttendanceRow.id, ClassroomAttendanceRow.person_id)
            .where(ClassroomAttendanceRow.session_id == session_id, ClassroomAttendanceRow.credited_at.is_(None))
            .order_by(ClassroomAttendanceRow.id)
        )
        found = [(row.id, row.person_id) for row in waiting]
    if sheet is None or signed is None:
        return 0
    return sum(_credit(attendance_id, person_id, sheet, now=now) for attendance_id, person_id in found)


def _credit(attendance_id: UUID, person_id: UUID, sheet: Sheet, *, now: datetime) -> bool:
    with unit_of_work() as session:
        accounts.lock_person(session, person_id)  # before what they watched, as a beat of theirs does
        mine = select(ClassroomAttendanceRow).where(ClassroomAttendanceRow.id == attendance_id)
        attendance = session.execute(for_update(mine)).scalar_one()
        if attendance.credited_at is not None:
            return False
        struck = _struck(session, attendance.session_id, attendance.person_id)
        attendance.credited_ms = 0 if struck else _give(session, attendance, sheet, now=now)
        attendance.credited_at = now
        return True


def _struck(session: Session, session_id: UUID, person_id: UUID) -> bool:
    found = select(ClassroomCorrectionRow.id).where(
        ClassroomCorrectionRow.session_id == session_id,
        ClassroomCorrectionRow.person_id == person_id,
        ClassroomCorrectionRow.kind == "strike",
        ClassroomCorrectionRow.state == "confirmed",
    )
    return session.execute(found.limit(1)).first() is not None


def _give(session: Session, attendance: ClassroomAttendanceRow, sheet: Sheet, *, now: datetime) -> int:
    """Adds what the person saw to what they have watched; returns what was new of it, in media milliseconds."""
    room = session.execute(
        select(ClassroomSessionRow.opened_at).where(ClassroomSessionRow.id == attendance.session_id)
    ).one()
    lease = session.execute(for_update(select(LeaseRow).where(LeaseRow.id == attendance.lease_id))).scalar_one()
    known = session.execute(
        for_update(
            select(WatchProgressRow).where(
                WatchProgressRow.person_id == lease.person_id, WatchProgressRow.asset_id == lease.asset_id
            )
        )
    ).scalar_one()
    came, left = _stay(attendance, sheet, lease)
    spans = rules.seen(sheet.plays, _ms(room.opened_at, came), _ms(room.opened_at, left))
    before = union((start, end) for start, end in known.watched)
    after = _with(before, spans)
    news = length(after) - length(before)
    if news:
        session.execute(update(LeaseRow).where(LeaseRow.id == lease.id).values(credited_ms=LeaseRow.credited_ms + news))
    policy = completion.Policy(threshold_percent=lease.threshold_percent)
    whole = _complete(spans, lease.duration_ms, policy)
    if whole:  # seen whole in the room: whatever was played since came later
        known.completed_at = min(known.completed_at or sheet.frozen_at, sheet.frozen_at)
    elif known.completed_at is None and _complete(after, lease.duration_ms, policy):
        known.completed_at = _since(session, lease, sheet, spans, before=before, after=after)
    known.watched, known.covered_ms = [list(span) for span in after], length(after)
    known.version, known.changed_at = known.version + 1, now
    session.flush()
    if known.completed_at is not None:
        complete_course(session, lease.person_id, lease.course_id, lease.enrolment_id, at=sheet.frozen_at, now=now)
    return news


def _complete(spans: Iterable[Span], duration_ms: int, policy: completion.Policy) -> bool:
    return completion.state(union(spans), duration_ms, policy).state is completion.State.COMPLETED


def _since(
    session: Session,
    lease: LeaseRow,
    sheet: Sheet,
    spans: Iterable[Span],
    *,
    before: Iterable[Span],
    after: Iterable[Span],
) -> datetime:
    """Since when the lecture is complete by this sheet and what else was seen of it: the end of the session, or later if it took
    what was seen after that.

    Leases tell how much they were paid and not for what. It did not take that where the rest is enough without so much, or
    where so much was seen in the room too.
    """
    paid = select(LeaseRow.credited_ms, func.coalesce(ClassroomSheetRow.frozen_at, LeaseRow.last_beat_at))
    others = session.execute(
        paid.outerjoin(ClassroomAttendanceRow, ClassroomAttendanceRow.lease_id == LeaseRow.id)
        .outerjoin(ClassroomSheetRow, ClassroomSheetRow.session_id == ClassroomAttendanceRow.session_id)
        .where(
            LeaseRow.person_id == lease.person_id,
            LeaseRow.asset_id == lease.asset_id,
            LeaseRow.id != lease.id,
            LeaseRow.credited_ms > 0,
        )
    )
    later = [(ms, at) for ms, at in others if at > sheet.frozen_at]
    later_ms = sum(ms for ms, _ in later)
    enough = (length(after) - later_ms) * 100 >= lease.duration_ms * lease.threshold_percent
    seen_twice_ms = length(union(spans)) - (length(after) - length(before))
    if enough or later_ms <= seen_twice_ms:
        return sheet.frozen_at
    return max(at for _, at in later)


def _stay(attendance: ClassroomAttendanceRow, sheet: Sheet, lease: Any) -> tuple[datetime, datetime]:
    """From when to when the sheet says that the person was there; of who was added later, what the correction says."""
    for line in sheet.people:
        if line.attendance_id == attendance.id:
            return line.came_at, line.left_at
    return lease.opened_at, lease.ended_at


def _with(before: tuple[Span, ...], spans: tuple[Span, ...]) -> tuple[Span, ...]:
    after = before
    for span in spans:
        joined = union((*after, span))
        if len(joined) <= max(len(after), _MOST_SPANS):
            after = joined
    return after


def _ms(opened_at: datetime, moment: datetime) -> int:
    return round((moment - opened_at).total_seconds() * 1000)
