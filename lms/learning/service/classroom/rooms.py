"""Opens sessions and ends them; at the end the sheet is frozen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.audit import service as audit
from lms.catalogue import queries as catalogue
from lms.classes import queries as classes
from lms.classes.queries import TrainingClass
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Invalid, NotFound
from lms.learning.domain import classroomsheet
from lms.learning.domain.classroom import joined
from lms.learning.domain.classroomsheet import Line
from lms.learning.models import (
    ClassroomAttendanceRow,
    ClassroomSessionRow,
    ClassroomSheetRow,
    LeaseRow,
)
from lms.learning.queries import classrooms
from lms.learning.service.classroom.refusals import HoldsAnother, hosted, said, taken
from lms.organisations import queries as organisations
from lms.organisations.queries import Unit

IDLE = timedelta(minutes=60)
"""A session whose screen has said nothing for so long is over."""
LONGEST = timedelta(hours=12)
UNIT_CLOSED = N_("这个单位已撤销或已并入其他单位，请选择现在的单位")


@dataclass(frozen=True)
class RoomPlan:
    """What is to be played, where, for whom: the learners of a class, or without one the people of the unit."""

    lecture_id: UUID
    class_id: UUID | None
    unit_id: UUID
    place: str
    seats: int


def open_room(plan: RoomPlan, *, by: Staff, now: datetime) -> UUID:
    """Opens a session. Returns its id. Raises NotFound (also out of reach), Invalid, HoldsAnother."""
    place = said(plan.place, "place", longest=80)
    session_id = ids.new_id(now)
    try:
        with unit_of_work() as session:
            accounts.lock_person(session, by.person_id)  # whoever disables the host ends this session too, or waits
            if not accounts.held_open(session, by.person_id):
                raise NotFound
            training = None if plan.class_id is None else classes.class_facts(session, plan.class_id)
            units = organisations.held_units(session, {plan.unit_id, training.unit_id if training else plan.unit_id})
            unit = units.get(plan.unit_id)
            if unit is None or not by.reaches(unit.path):
                raise NotFound
            if training is not None:
                _check_reach(units[training.unit_id], by)
            if unit.state != "open":
                raise Invalid(fields={"unit_id": UNIT_CLOSED})
            lecture = catalogue.playable_lecture(session, plan.lecture_id, held=True)
            if training is not None:
                _check_class(training, lecture.course_id)
            session.add(
                ClassroomSessionRow(
                    id=session_id,
                    host_id=by.person_id,
                    unit_id=unit.id,
                    class_id=plan.class_id,
                    lecture_id=lecture.lecture_id,
                    asset_id=lecture.asset_id,
                    course_id=lecture.course_id,
                    title=lecture.title,
                    duration_ms=lecture.duration_ms,
                    place=place,
                    seats=plan.seats,
                    state="open",
                    opened_at=now,
                    last_beat_at=now,
                    last_seq=0,
                    position_ms=0,
                    held=[],
                )
            )
            session.flush()
            _note(session, "classroom.opened", session_id, by.person_id, {"lecture": str(lecture.lecture_id)}, now=now)
    except IntegrityError as error:
        if "uq_classroom_session_open" not in str(error.orig) and "host_id" not in str(error.orig):
            raise
        raise HoldsAnother from error
    return session_id


def _check_reach(unit: Unit, by: Staff) -> None:
    """Asked before anything else of a class: one that is elsewhere answers like none."""
    if unit.state == "merged" or not by.reaches(unit.path):  # of a merged one the class went along meanwhile
        raise NotFound


def _check_class(training: TrainingClass, course_id: UUID) -> None:
    if course_id not in training.course_ids:
        raise Invalid(fields={"class_id": N_("这个培训班没有这门课程")})
    if training.phase != "implement":
        raise Invalid(fields={"class_id": N_("这个培训班现在不在实施阶段")})


def end_room(session_id: UUID, *, by: Staff, now: datetime) -> None:
    """The host ends a session: whoever is there leaves, and the sheet is frozen. Harmless when it is over. Raises NotFound."""
    with unit_of_work() as session:
        room = hosted(session, session_id, by)
        if room.state == "open":
            _end(session, room, "host", now=now)


def end_idle_rooms(*, now: datetime) -> int:
    """Ends sessions whose screens have gone, and those that last too long. Returns how many."""
    with reading() as session:
        due = session.execute(
            select(ClassroomSessionRow.id)
            .where(
                ClassroomSessionRow.state == "open",
                (ClassroomSessionRow.last_beat_at < now - IDLE) | (ClassroomSessionRow.opened_at < now - LONGEST),
            )
            .limit(100)
        ).scalars()
        found = list(due)
    return sum(_end_if_open(session_id, "idle", now=now) for session_id in found)


def end_rooms_of(*, asset_id: UUID | None = None, host_id: UUID | None = None, now: datetime) -> None:
    """Ends the sessions that play a withdrawn lecture, or that somebody holds whose account ended."""
    which = ClassroomSessionRow.asset_id == asset_id if asset_id else ClassroomSessionRow.host_id == host_id
    with unit_of_work() as session:
        found = session.execute(select(ClassroomSessionRow.id).where(which, ClassroomSessionRow.state == "open"))
        for session_id in found.scalars().all():
            _end_if_open(session_id, "withdrawn" if asset_id else "account", now=now)


def _end_if_open(session_id: UUID, why: str, *, now: datetime) -> bool:
    with unit_of_work() as session:
        room = taken(session, session_id)
        if room.state != "open":
            return False
        _end(session, room, why, now=now)
        return True


def keep_present(*, now: datetime) -> None:
    """Keeps the leases of those who sit in open sessions from expiring as silent; one statement for all of them."""
    there = (
        select(ClassroomAttendanceRow.lease_id)
        .join(ClassroomSessionRow, ClassroomSessionRow.id == ClassroomAttendanceRow.session_id)
        .where(ClassroomSessionRow.state == "open")
    )
    silent = select(LeaseRow.id).where(LeaseRow.id.in_(there), LeaseRow.state == "active", LeaseRow.last_beat_at < now)
    with unit_of_work() as session:
        session.execute(
            update(LeaseRow)
            .where(LeaseRow.id.in_(silent.with_for_update(skip_locked=True)))  # what somebody is ending needs no more
            .values(last_beat_at=now)
            .execution_options(synchronize_session=False)
        )


def _end(session: Session, room: ClassroomSessionRow, why: str, *, now: datetime) -> None:
    """Everybody leaves, and the sheet is frozen; the caller has the session locked."""
    theirs = select(ClassroomAttendanceRow.lease_id).where(ClassroomAttendanceRow.session_id == room.id)
    live = session.execute(
        select(LeaseRow.id, LeaseRow.opened_at).where(LeaseRow.id.in_(theirs), LeaseRow.ended_at.is_(None))
    ).all()
    for lease_id, opened_at in live:
        session.execute(
            update(LeaseRow)
            .where(LeaseRow.id == lease_id, LeaseRow.ended_at.is_(None))
            .values(state="ended", ended_at=max(now, opened_at))
        )
    room.state, room.ended_at, room.screen_id = "ended", now, None
    room.check_id = room.check_asked_at = room.next_check_at = None
    session.flush()
    _freeze(session, room, now=now)
    _note(session, "classroom.ended", room.id, None, {"why": why}, now=now)


def _freeze(session: Session, room: ClassroomSessionRow, *, now: datetime) -> None:
    shots = {photo.id: photo.sha256 for photo in classrooms.photos(session, room.id)}
    people = [
        classroomsheet.plain(
            Line(
                attendance_id=one.id,
                person_id=one.person_id,
                name=one.name,
                unit_name=one.unit_name,
                way=one.way,
                came_at=one.came_at,
                left_at=min(one.left_at or now, max(now, one.came_at)),
                photo=shots.get(one.photo_id, "") if one.photo_id else "",
            )
        )
        for one in classrooms.present(session, room.id)
    ]
    plays = classroomsheet.rows(joined(classrooms.plays(session, room.id)))
    photos = sorted(shots.values())
    facts = {
        "id": str(room.id),
        "host": str(room.host_id),
        "lecture": str(room.lecture_id),
        "asset": str(room.asset_id),
        "place": room.place,
        "opened_at": room.opened_at.isoformat(timespec="milliseconds"),
        "ended_at": now.isoformat(timespec="milliseconds"),
    }
    session.add(
        ClassroomSheetRow(
            session_id=room.id,
            frozen_at=now,
            people=people,
            plays=plays,
            photos=photos,
            sha256=classroomsheet.digest(facts, people, plays, photos),
        )
    )
    session.flush()


def _note(
    session: Session, action: str, session_id: UUID, actor_id: UUID | None, details: dict[str, Any], *, now: datetime
) -> None:
    audit.record(
        session,
        action=action,
        object_type="classroom",
        object_id=session_id,
        actor_id=actor_id,
        details=details,
        now=now,
    )
