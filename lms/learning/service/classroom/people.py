"""Signs people in to a session and out of it: from the list, on the strength of a photo, or by the code on the screen."""

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.audit import service as audit
from lms.catalogue import queries as catalogue
from lms.classes import queries as classes
from lms.infra import crypto, ratelimit
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import NotFound, TooMany
from lms.kernel.scope import covers
from lms.learning.domain import classroom as rules
from lms.learning.models import ClassroomAttendanceRow, ClassroomPhotoRow, ClassroomSessionRow, LeaseRow
from lms.learning.queries import classrooms
from lms.learning.service.classroom.refusals import (
    CodeRefused,
    HostByList,
    NotOfThisRoom,
    RoomFull,
    hosted,
    still_open,
    taken,
)
from lms.learning.service.lease import open_lease
from lms.organisations import queries as organisations

TRIES, TRIES_SECONDS = 10, 600


@dataclass(frozen=True)
class Code:
    """What the screen shows, and until when."""

    digits: str
    until: datetime


@dataclass(frozen=True)
class CodePolicy:
    """How long a code is shown; the one before it is still taken."""

    seconds: int


def code_shown(session_id: UUID, policy: CodePolicy, *, now: datetime) -> Code:
    """The sign-in code of a session at this moment. It stands nowhere: it follows from the session and the time."""
    step, _ = rules.code_steps(now, policy.seconds)
    return Code(_digits(session_id, step), rules.code_until(now, policy.seconds))


def sign_in(session_id: UUID, person_id: UUID, *, by: Staff, photo_id: UUID | None = None, now: datetime) -> UUID:
    """The host signs somebody in from the list, or because a photo shows them. Returns the attendance's id.

    Who is there already stays there. What the person was playing elsewhere ends at once. Raises NotFound (also for who is
    outside the host's reach), RoomOver, RoomFull, NotOfThisRoom, HostByList.
    """
    with unit_of_work() as session:
        accounts.lock_person(session, person_id)  # nobody moves them away meanwhile
        room = still_open(hosted(session, session_id, by))
        if person_id == by.person_id:
            raise HostByList
        require_named(session, room, person_id, by)
        if photo_id is not None and not _has_photo(session, session_id, photo_id):
            raise NotFound
        way = "photo" if photo_id else "list"
        return _sign_in(session, room, person_id, way=way, photo_id=photo_id, by=by.person_id, now=now)


def sign_in_by_code(digits: str, *, person_id: UUID, policy: CodePolicy, now: datetime) -> UUID:
    """Somebody types what the screen shows. Returns the attendance's id.

    Raises TooMany, CodeRefused (also for the code of a session that is not for this person), RoomOver, RoomFull.
    """
    if not ratelimit.hit("classroom-code", str(person_id), limit=TRIES, window_seconds=TRIES_SECONDS):
        raise TooMany
    digits = "".join(str(unicodedata.decimal(letter)) for letter in digits if letter.isdecimal())  # full-width ones too
    with reading() as session:
        unit_path = accounts.person(session, person_id).unit_path
        open_to = classrooms.rooms_open_to(session, person_id, unit_path)
    shown = [room_id for room_id in open_to if _shows(room_id, digits, policy, now)]
    if len(shown) != 1:
        raise CodeRefused
    with unit_of_work() as session:
        accounts.lock_person(session, person_id)
        catalogue.hold_lecture(session, classrooms.lies_with(session, shown[0]).lecture_id)
        room = still_open(taken(session, shown[0]))
        return _sign_in(session, room, person_id, way="code", photo_id=None, by=person_id, now=now)


def sign_out(attendance_id: UUID, *, person_id: UUID, now: datetime) -> None:
    """Somebody leaves. Harmless when they are gone. Raises NotFound."""
    with unit_of_work() as session:
        row = _attendance(session, attendance_id)
        if row.person_id != person_id:
            raise NotFound
        accounts.lock_person(session, person_id)
        _leave(session, row, by=person_id, now=now)


def sign_person_out(attendance_id: UUID, *, by: Staff, now: datetime) -> None:
    """The host sees that somebody has left. Harmless when they are gone. Raises NotFound."""
    with unit_of_work() as session:
        row = _attendance(session, attendance_id)
        accounts.lock_person(session, row.person_id)
        hosted(session, row.session_id, by)
        _leave(session, row, by=by.person_id, now=now)


def require_named(session: Session, room: ClassroomSessionRow, person_id: UUID, by: Staff) -> None:
    """Raises NotFound for whom one of the staff may not name: who is elsewhere answers like who does not exist.

    The class, because of which they may be named, stays where it is: `reached` holds its unit together with the room's.
    """
    if room.class_id is not None:
        organisations.held_place(session, classes.class_facts(session, room.class_id).unit_id)
    if not classrooms.may_name(session, room.class_id, person_id, by.scopes):
        raise NotFound


def eligible(session: Session, room: ClassroomSessionRow, person_id: UUID) -> UUID | None:
    """The enrolment that a presence of the person counts for, None without a class. Raises NotFound, NotOfThisRoom."""
    person = accounts.person(session, person_id)
    if not accounts.still_there(session, person_id):
        raise NotFound
    if room.class_id is not None:
        enrolment = classes.enrolment(session, room.class_id, person_id)
        if enrolment is None or not enrolment.active:
            raise NotOfThisRoom
        return enrolment.id
    path = organisations.unit(session, room.unit_id).path
    if covers(path, person.unit_path):
        return None
    _unit_id, then = accounts.units_on(session, [person_id], room.opened_at.astimezone(SHANGHAI).date())[person_id]
    if not covers(path, then):  # who moved since was there that day
        raise NotOfThisRoom
    return None


def _sign_in(
    session: Session,
    room: ClassroomSessionRow,
    person_id: UUID,
    *,
    way: str,
    photo_id: UUID | None,
    by: UUID,
    now: datetime,
) -> UUID:
    """Lists somebody who is held: of list and code in the same moment the second finds the first."""
    enrolment_id = eligible(session, room, person_id)
    there = classrooms.live_attendance(session, room.id, person_id)
    if there is not None:
        return there
    if classrooms.count_live(session, room.id) >= room.seats:
        raise RoomFull
    lease = open_lease(room.lecture_id, person_id=person_id, enrolment_id=enrolment_id, now=now, rng=SystemRandom())
    attendance_id = ids.new_id(now)
    session.add(
        ClassroomAttendanceRow(
            id=attendance_id,
            session_id=room.id,
            person_id=person_id,
            lease_id=lease.lease_id,
            way=way,
            photo_id=photo_id,
            signed_in_at=now,
            signed_in_by=by,
        )
    )
    session.flush()
    _note(session, "classroom.signed_in", attendance_id, by, {"way": way, "session": str(room.id)}, now=now)
    return attendance_id


def _attendance(session: Session, attendance_id: UUID) -> ClassroomAttendanceRow:
    row = session.get(ClassroomAttendanceRow, attendance_id)
    if row is None:
        raise NotFound
    return row


def _leave(session: Session, row: ClassroomAttendanceRow, *, by: UUID, now: datetime) -> None:
    opened_at = session.execute(select(LeaseRow.opened_at).where(LeaseRow.id == row.lease_id)).scalar_one()
    gone = session.execute(
        update(LeaseRow)
        .where(LeaseRow.id == row.lease_id, LeaseRow.ended_at.is_(None))
        .values(state="ended", ended_at=max(now, opened_at))
        .returning(LeaseRow.id)
    ).first()
    if gone:
        _note(session, "classroom.signed_out", row.id, by, {"own": by == row.person_id}, now=now)


def _shows(session_id: UUID, digits: str, policy: CodePolicy, now: datetime) -> bool:
    steps = rules.code_steps(now, policy.seconds)
    return any(hmac.compare_digest(_digits(session_id, step), digits) for step in steps)


def _digits(session_id: UUID, step: int) -> str:
    return rules.code_of(crypto.mac("classroom-code", f"{session_id}:{step}"))


def _has_photo(session: Session, session_id: UUID, photo_id: UUID) -> bool:
    found = select(ClassroomPhotoRow.id).where(
        ClassroomPhotoRow.id == photo_id, ClassroomPhotoRow.session_id == session_id
    )
    return session.execute(found).first() is not None


def _note(
    session: Session, action: str, attendance_id: UUID, by: UUID, details: dict[str, object], *, now: datetime
) -> None:
    audit.record(
        session,
        action=action,
        object_type="attendance",
        object_id=attendance_id,
        actor_id=by,
        details=details,
        now=now,
    )
