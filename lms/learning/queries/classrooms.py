"""Reads branch classrooms: the sessions of some units, who is in one, what was frozen and signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.accounts.queries import Sought, aliases, people_page, unit_name_on
from lms.classes.models import EnrolmentRow, TrainingClassRow
from lms.classes.queries import ENROLLED
from lms.infra import pinyin
from lms.infra.db import second
from lms.infra.subtrees import within
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import NotFound
from lms.learning.domain.classroom import Play
from lms.learning.models import (
    ClassroomAttendanceRow,
    ClassroomPhotoRow,
    ClassroomPlayRow,
    ClassroomSessionRow,
    LeaseRow,
)
from lms.organisations.models import UnitRow

_Room = ClassroomSessionRow
MOST_ROOMS_OF_A_PERSON = 5_000
"""As many counties as hold a class of the nation at once; the code of each is worked out for who types one."""
_host = second(PersonRow)
_class_unit = second(UnitRow)


@dataclass(frozen=True)
class Room:
    """A session with the names that people know it by."""

    id: UUID
    host_id: UUID
    host_name: str
    unit_id: UUID
    unit_name: str
    unit_path: str
    class_id: UUID | None
    class_name: str | None
    lecture_id: UUID
    asset_id: UUID
    course_id: UUID
    title: str
    duration_ms: int
    place: str
    seats: int
    state: str
    opened_at: datetime
    ended_at: datetime | None
    last_beat_at: datetime
    position_ms: int
    screen_opened_at: datetime | None


@dataclass(frozen=True)
class LiesWith:
    """The lecture that a session plays, the unit that holds it, and the one of its class."""

    lecture_id: UUID
    unit_id: UUID
    class_unit_id: UUID | None


@dataclass(frozen=True)
class Present:
    """Somebody who signed in; `left_at` is None while they are there, `credited_ms` None until the sheet is credited."""

    id: UUID
    person_id: UUID
    name: str
    unit_name: str
    way: str
    photo_id: UUID | None
    came_at: datetime
    left_at: datetime | None
    lease_state: str
    credited_ms: int | None


@dataclass(frozen=True)
class OwnAttendance:
    """A presence as the person themselves sees it."""

    id: UUID
    session_id: UUID
    title: str
    place: str
    host_name: str
    unit_name: str
    came_at: datetime
    left_at: datetime | None
    state: str
    credited_ms: int | None


@dataclass(frozen=True)
class Photo:
    """A photo of a session."""

    id: UUID
    session_id: UUID
    sha256: str
    uploaded_at: datetime


_ROOM: tuple[Any, ...] = (
    _Room.id,
    _Room.host_id,
    _host.name,
    UnitRow.id,
    UnitRow.name,
    UnitRow.path,
    _Room.class_id,
    TrainingClassRow.name,
    _Room.lecture_id,
    _Room.asset_id,
    _Room.course_id,
    _Room.title,
    _Room.duration_ms,
    _Room.place,
    _Room.seats,
    _Room.state,
    _Room.opened_at,
    _Room.ended_at,
    _Room.last_beat_at,
    _Room.position_ms,
    _Room.screen_opened_at,
)


def _rooms() -> Select[*tuple[Any, ...]]:
    return (
        select(*_ROOM)
        .join(UnitRow, UnitRow.id == _Room.unit_id)
        .join(_host, _host.id == _Room.host_id)
        .outerjoin(TrainingClassRow, TrainingClassRow.id == _Room.class_id)
    )


def room(session: Session, session_id: UUID, scopes: Sequence[str] | None = None) -> Room:
    """One session, of units in `scopes` when they are given. Raises NotFound."""
    statement = _rooms().where(_Room.id == session_id)
    if scopes is not None:
        statement = statement.where(within(UnitRow.path, scopes))
    row = session.execute(statement).first()
    if row is None:
        raise NotFound
    return Room(*row)


def lies_with(session: Session, session_id: UUID) -> LiesWith:
    """Whose a session is. Raises NotFound."""
    statement = (
        select(_Room.lecture_id, _Room.unit_id, TrainingClassRow.unit_id)
        .outerjoin(TrainingClassRow, TrainingClassRow.id == _Room.class_id)
        .where(_Room.id == session_id)
    )
    row = session.execute(statement).first()
    if row is None:
        raise NotFound
    return LiesWith(*row)


def rooms_within(
    session: Session, scopes: Sequence[str], *, after: UUID | None = None, limit: int = 50
) -> tuple[Room, ...]:
    """Sessions that units of some subtrees held, the newest first, those before the session `after`."""
    statement = _rooms().where(within(UnitRow.path, scopes))
    if after is not None:
        statement = statement.where(_Room.id < after)
    return tuple(Room(*row) for row in session.execute(statement.order_by(_Room.id.desc()).limit(limit)))


def open_room_of(session: Session, host_id: UUID) -> UUID | None:
    """The session that a person holds at this moment."""
    return session.execute(select(_Room.id).where(_Room.host_id == host_id, _Room.state == "open")).scalar()


def rooms_open_to(session: Session, person_id: UUID, unit_path: str) -> tuple[UUID, ...]:
    """Ids of the open sessions that a person of a unit may sign in to, the newest first: of their classes, wherever these are
    held at this moment, and of the units above them."""
    above = [unit_path[: at + 1] for at, letter in enumerate(unit_path) if letter == "/" and at]
    classes = select(EnrolmentRow.class_id).where(
        EnrolmentRow.person_id.in_(aliases(person_id)), EnrolmentRow.state.in_(ENROLLED)
    )
    mine = or_(_Room.class_id.in_(classes), and_(_Room.class_id.is_(None), UnitRow.path.in_(above)))
    statement = select(_Room.id).join(UnitRow, UnitRow.id == _Room.unit_id).where(_Room.state == "open", mine)
    return tuple(session.execute(statement.order_by(_Room.id.desc()).limit(MOST_ROOMS_OF_A_PERSON)).scalars())


def present(session: Session, session_id: UUID) -> tuple[Present, ...]:
    """Everybody who signed in to a session, in that order: as many as its seats, and some who came back.

    The unit is the one of that day. Two statements.
    """
    opened_at = session.execute(select(_Room.opened_at).where(_Room.id == session_id)).scalar_one()
    statement = (
        select(
            ClassroomAttendanceRow.id,
            ClassroomAttendanceRow.person_id,
            PersonRow.name,
            unit_name_on(PersonRow.id, opened_at.astimezone(SHANGHAI).date()),
            ClassroomAttendanceRow.way,
            ClassroomAttendanceRow.photo_id,
            LeaseRow.opened_at,
            LeaseRow.ended_at,
            LeaseRow.state,
            ClassroomAttendanceRow.credited_ms,
        )
        .join(LeaseRow, LeaseRow.id == ClassroomAttendanceRow.lease_id)
        .join(PersonRow, PersonRow.id == ClassroomAttendanceRow.person_id)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .where(ClassroomAttendanceRow.session_id == session_id)
        .order_by(LeaseRow.opened_at, ClassroomAttendanceRow.id)
        .limit(1000)
    )
    return tuple(Present(*tuple(row)) for row in session.execute(statement))


def live_attendance(session: Session, session_id: UUID, person_id: UUID) -> UUID | None:
    """A person's presence in a session that has not ended."""
    statement = (
        select(ClassroomAttendanceRow.id)
        .join(LeaseRow, LeaseRow.id == ClassroomAttendanceRow.lease_id)
        .where(
            ClassroomAttendanceRow.session_id == session_id,
            ClassroomAttendanceRow.person_id == person_id,
            LeaseRow.ended_at.is_(None),
        )
    )
    return session.execute(statement).scalar()


def count_live(session: Session, session_id: UUID) -> int:
    """How many are in the room now."""
    statement = (
        select(func.count())
        .select_from(ClassroomAttendanceRow)
        .join(LeaseRow, LeaseRow.id == ClassroomAttendanceRow.lease_id)
        .where(ClassroomAttendanceRow.session_id == session_id, LeaseRow.ended_at.is_(None))
    )
    return session.execute(statement).scalar_one()


_OWN: tuple[Any, ...] = (
    ClassroomAttendanceRow.id,
    ClassroomAttendanceRow.session_id,
    _Room.title,
    _Room.place,
    _host.name,
    UnitRow.name,
    LeaseRow.opened_at,
    LeaseRow.ended_at,
    _Room.state,
    ClassroomAttendanceRow.credited_ms,
)


def _own(person_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(*_OWN)
        .join(_Room, _Room.id == ClassroomAttendanceRow.session_id)
        .join(LeaseRow, LeaseRow.id == ClassroomAttendanceRow.lease_id)
        .join(UnitRow, UnitRow.id == _Room.unit_id)
        .join(_host, _host.id == _Room.host_id)
        .where(ClassroomAttendanceRow.person_id.in_(aliases(person_id)))
    )


def own_attendance(session: Session, attendance_id: UUID, person_id: UUID) -> OwnAttendance:
    """One's own presence. Raises NotFound, also for somebody else's."""
    row = session.execute(_own(person_id).where(ClassroomAttendanceRow.id == attendance_id)).first()
    if row is None:
        raise NotFound
    return OwnAttendance(*row)


def own_attendances(session: Session, person_id: UUID, *, limit: int = 500) -> tuple[OwnAttendance, ...]:
    """One's own presences, the newest first."""
    rows = session.execute(_own(person_id).order_by(ClassroomAttendanceRow.signed_in_at.desc()).limit(limit))
    return tuple(OwnAttendance(*row) for row in rows)


def plays(session: Session, session_id: UUID, *, since_ms: int = 0) -> tuple[Play, ...]:
    """What the screen played, in order of real time, as far as it reaches beyond a real moment."""
    rows = session.execute(
        select(ClassroomPlayRow.real_from_ms, ClassroomPlayRow.real_to_ms, ClassroomPlayRow.media_from_ms)
        .where(ClassroomPlayRow.session_id == session_id, ClassroomPlayRow.real_to_ms > since_ms)
        .order_by(ClassroomPlayRow.real_from_ms)
    )
    return tuple(Play(*row) for row in rows)


def photos(session: Session, session_id: UUID) -> tuple[Photo, ...]:
    """The photos of a session, the oldest first."""
    rows = session.execute(
        select(
            ClassroomPhotoRow.id,
            ClassroomPhotoRow.session_id,
            ClassroomPhotoRow.sha256,
            ClassroomPhotoRow.uploaded_at,
        )
        .where(ClassroomPhotoRow.session_id == session_id)
        .order_by(ClassroomPhotoRow.uploaded_at, ClassroomPhotoRow.id)
    )
    return tuple(Photo(*row) for row in rows)


def held_since(session: Session, person_id: UUID, since: datetime) -> bool:
    """Whether a screen of the person has reported since a moment."""
    screen = select(_Room.id).where(_Room.host_id == person_id, _Room.state == "open", _Room.last_beat_at >= since)
    return session.execute(screen.limit(1)).first() is not None


def credited_in_rooms(session: Session, person_id: UUID, course_id: UUID) -> tuple[int, int]:
    """Of a course's credited media time of a person, in milliseconds: what came from classrooms, and all of it."""
    statement = (
        select(
            func.coalesce(func.sum(LeaseRow.credited_ms).filter(ClassroomAttendanceRow.id.is_not(None)), 0),
            func.coalesce(func.sum(LeaseRow.credited_ms), 0),
        )
        .select_from(LeaseRow)
        .outerjoin(ClassroomAttendanceRow, ClassroomAttendanceRow.lease_id == LeaseRow.id)
        .where(LeaseRow.person_id.in_(aliases(person_id)), LeaseRow.course_id == course_id)
    )
    row = session.execute(statement).one()
    return int(row[0]), int(row[1])


@dataclass(frozen=True)
class Candidate:
    """Somebody who may sign in to a session."""

    person_id: UUID
    name: str
    unit_name: str
    post: str


def candidates(session: Session, room: Room, text: str, scopes: Sequence[str], *, limit: int) -> tuple[Candidate, ...]:
    """Who may sign in to a session, by pinyin, called as `text` begins: the learners of its class, or the people of its unit.

    Who does not reach the class is told of those of its learners whom they reach.
    """
    if room.class_id is None:
        sought = Sought((room.unit_path,), text=text)
        found = people_page(session, sought, limit=limit).people
        return tuple(Candidate(one.id, one.name, one.unit_name, one.post) for one in found)
    earner = aliased(PersonRow)
    enrolled = (
        select(func.coalesce(earner.merged_into, earner.id))
        .join(EnrolmentRow, EnrolmentRow.person_id == earner.id)
        .where(EnrolmentRow.class_id == room.class_id, EnrolmentRow.state.in_(ENROLLED))
    )
    statement = (
        select(PersonRow.id, PersonRow.name, UnitRow.name, PersonRow.post)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .where(
            PersonRow.id.in_(enrolled),
            _told_of(room.class_id, scopes),
            PersonRow.merged_into.is_(None),
            PersonRow.closed_at.is_(None),
        )
        .order_by(PersonRow.name_key, PersonRow.id)
        .limit(limit)
    )
    if text:
        key = pinyin.key_of(text) if text.isascii() else ""
        by_key = [
            PersonRow.name_key.startswith(key, autoescape=True),
            PersonRow.initials.startswith(key, autoescape=True),
        ]
        statement = statement.where(or_(PersonRow.name.startswith(text, autoescape=True), *(by_key if key else ())))
    return tuple(Candidate(*row) for row in session.execute(statement))


def may_name(session: Session, class_id: UUID | None, person_id: UUID, scopes: Sequence[str]) -> bool:
    """Whether somebody may name a person in a room of a class, or of none: the person lies in their reach, or has a place, in
    whatever state, in the class that does."""
    enrolled = select(EnrolmentRow.id).where(
        EnrolmentRow.class_id == class_id, EnrolmentRow.person_id.in_(aliases(person_id))
    )
    told = or_(within(PersonRow.unit_path, scopes), and_(_reached(class_id, scopes), enrolled.exists()))
    found = select(PersonRow.id).where(PersonRow.id == person_id, told)
    return session.execute(found).first() is not None


def _told_of(class_id: UUID | None, scopes: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a person, or the class as a whole, lies in some subtrees."""
    return or_(within(PersonRow.unit_path, scopes), _reached(class_id, scopes))


def _reached(class_id: UUID | None, scopes: Sequence[str]) -> ColumnElement[bool]:
    return (
        select(TrainingClassRow.id)
        .join(_class_unit, _class_unit.id == TrainingClassRow.unit_id)
        .where(TrainingClassRow.id == class_id, within(_class_unit.path, scopes))
        .exists()
    )


def listed(session: Session, session_id: UUID, *person_ids: UUID) -> bool:
    """Whether one of some people is on the sheet of a session, however they came to be."""
    one = ClassroomAttendanceRow
    found = select(one.id).where(one.session_id == session_id, one.person_id.in_(person_ids)).limit(1)
    return session.execute(found).first() is not None
