"""Reads classes and enrolments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.classes.models import ClassCourseRow, EnrolmentRow, TrainingClassRow
from lms.infra.subtrees import within
from lms.infra.types import Uuid
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow

ENROLLED = ("approved", "completed")
QUALIFICATION = "SG"
"""The kind of certificate with which one takes up a post (上岗): identity is checked against the ID number."""


@dataclass(frozen=True)
class TrainingClass:
    """A class with its courses in order."""

    id: UUID
    name: str
    target_group: str
    kind: str
    phase: str
    enrolment: str
    starts_on: date
    ends_on: date
    certificate_name: str
    certificate_kind: str
    unit_id: UUID
    unit_name: str
    unit_path: str
    demo: bool
    course_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Enrolment:
    """A person's place in a class."""

    id: UUID
    class_id: UUID
    person_id: UUID
    state: str

    @property
    def active(self) -> bool:
        """Whether the person may study and be examined in the class."""
        return self.state in ENROLLED


@dataclass(frozen=True)
class Member:
    """An enrolled person in a list of the class."""

    person_id: UUID
    name: str
    unit_name: str
    post: str
    state: str
    enrolled_at: datetime


Listed = Select[*tuple[Any, ...]]

_CLASS: tuple[Any, ...] = (
    TrainingClassRow.id,
    TrainingClassRow.name,
    TrainingClassRow.target_group,
    TrainingClassRow.kind,
    TrainingClassRow.phase,
    TrainingClassRow.enrolment,
    TrainingClassRow.starts_on,
    TrainingClassRow.ends_on,
    TrainingClassRow.certificate_name,
    TrainingClassRow.certificate_kind,
    UnitRow.id,
    UnitRow.name,
    UnitRow.path,
    TrainingClassRow.demo,
)


# What every page of a learner asks is built once: building took as long as asking.
_CLASS_ID, _PERSON_ID = bindparam("class_id", type_=Uuid), bindparam("person_id", type_=Uuid)
_COURSES = (
    select(ClassCourseRow.class_id, ClassCourseRow.course_id)
    .where(ClassCourseRow.class_id.in_(bindparam("class_ids", expanding=True)))
    .order_by(ClassCourseRow.class_id, ClassCourseRow.position)
)
_ENROLMENT = (
    select(EnrolmentRow.id, EnrolmentRow.class_id, EnrolmentRow.person_id, EnrolmentRow.state)
    .where(EnrolmentRow.class_id == _CLASS_ID, EnrolmentRow.person_id.in_(aliases(_PERSON_ID)))
    .order_by(EnrolmentRow.state.in_(ENROLLED).desc(), (EnrolmentRow.person_id == _PERSON_ID).desc())
    .limit(1)
)


def _classes(session: Session, statement: Listed, **values: UUID) -> tuple[TrainingClass, ...]:
    rows = session.execute(statement, values).all()
    courses: dict[UUID, list[UUID]] = {row[0]: [] for row in rows}
    for class_id, course_id in session.execute(_COURSES, {"class_ids": list(courses)}):
        courses[class_id].append(course_id)
    return tuple(TrainingClass(*[*row, tuple(courses[row[0]])]) for row in rows)


def _select_classes() -> Listed:
    return select(*_CLASS).join(UnitRow, UnitRow.id == TrainingClassRow.unit_id)


_ONE_CLASS = _select_classes().where(TrainingClassRow.id == _CLASS_ID)


def class_facts(session: Session, class_id: UUID) -> TrainingClass:
    """One class. Raises NotFound."""
    found = _classes(session, _ONE_CLASS, class_id=class_id)
    if not found:
        raise NotFound
    return found[0]


def running_classes(session: Session, *, limit: int = 20) -> tuple[TrainingClass, ...]:
    """Running classes that anybody may join and therefore see, the newest first."""
    statement = (
        _select_classes()
        .where(TrainingClassRow.phase == "implement", TrainingClassRow.enrolment == "open")
        .order_by(TrainingClassRow.starts_on.desc(), TrainingClassRow.id)
        .limit(limit)
    )
    return _classes(session, statement)


def classes_of(session: Session, person_id: UUID, *, limit: int = 20) -> tuple[tuple[TrainingClass, Enrolment], ...]:
    """The classes a person is enrolled in, with the enrolment, the newest first."""
    rows = session.execute(
        select(EnrolmentRow.id, EnrolmentRow.class_id, EnrolmentRow.person_id, EnrolmentRow.state)
        .where(EnrolmentRow.person_id.in_(aliases(person_id)), EnrolmentRow.state.in_(ENROLLED))
        .order_by(EnrolmentRow.created_at.desc())
        .limit(limit)
    ).all()
    enrolments = {row[1]: Enrolment(*row) for row in rows}
    if not enrolments:
        return ()
    found = _classes(session, _select_classes().where(TrainingClassRow.id.in_(list(enrolments))))
    by_id = {one.id: one for one in found}
    return tuple((by_id[class_id], enrolment) for class_id, enrolment in enrolments.items())


def enrolment(session: Session, class_id: UUID, person_id: UUID) -> Enrolment | None:
    """A person's enrolment in a class, None when there is none; of joined accounts an active one before the others."""
    row = session.execute(_ENROLMENT, {"class_id": class_id, "person_id": person_id}).first()
    return Enrolment(*row) if row else None


@dataclass(frozen=True)
class OwnEnrolment:
    """A place in a class as its holder sees it, in whatever state."""

    class_name: str
    state: str
    enrolled_at: datetime


def enrolments_of(session: Session, person_id: UUID) -> tuple[OwnEnrolment, ...]:
    """All enrolments a person ever had, the oldest first."""
    rows = session.execute(
        select(TrainingClassRow.name, EnrolmentRow.state, EnrolmentRow.created_at)
        .join(TrainingClassRow, TrainingClassRow.id == EnrolmentRow.class_id)
        .where(EnrolmentRow.person_id.in_(aliases(person_id)))
        .order_by(EnrolmentRow.created_at)
    )
    return tuple(OwnEnrolment(row.name, row.state, row.created_at) for row in rows)


def asks_id_number(session: Session, person_id: UUID) -> tuple[str, ...]:
    """Names of the person's running qualification classes: these, and nothing else, ask for an ID number."""
    rows = session.execute(
        select(TrainingClassRow.name)
        .join(EnrolmentRow, EnrolmentRow.class_id == TrainingClassRow.id)
        .where(
            EnrolmentRow.person_id.in_(aliases(person_id)),
            EnrolmentRow.state.in_(ENROLLED),
            TrainingClassRow.certificate_kind == QUALIFICATION,
            TrainingClassRow.phase != "design",
        )
        .order_by(TrainingClassRow.name)
    )
    return tuple(row.name for row in rows)


def enrolment_by_id(session: Session, enrolment_id: UUID) -> Enrolment:
    """One enrolment. Raises NotFound."""
    row = session.execute(
        select(EnrolmentRow.id, EnrolmentRow.class_id, EnrolmentRow.person_id, EnrolmentRow.state).where(
            EnrolmentRow.id == enrolment_id
        )
    ).first()
    if row is None:
        raise NotFound
    return Enrolment(*row)


def enrolment_for_course(session: Session, person_id: UUID, course_id: UUID) -> Enrolment | None:
    """The oldest active enrolment of a person in a class that has the course."""
    row = session.execute(
        select(EnrolmentRow.id, EnrolmentRow.class_id, EnrolmentRow.person_id, EnrolmentRow.state)
        .join(ClassCourseRow, ClassCourseRow.class_id == EnrolmentRow.class_id)
        .where(
            EnrolmentRow.person_id.in_(aliases(person_id)),
            EnrolmentRow.state.in_(ENROLLED),
            ClassCourseRow.course_id == course_id,
        )
        .order_by(EnrolmentRow.created_at)
        .limit(1)
    ).first()
    return Enrolment(*row) if row else None


def classes_within(
    session: Session, scopes: Sequence[str], *, limit: int = 50, offset: int = 0
) -> tuple[TrainingClass, ...]:
    """Classes that units of some subtrees hold, the newest first."""
    if not scopes:
        return ()
    statement = (
        _select_classes()
        .where(within(UnitRow.path, scopes))
        .order_by(TrainingClassRow.created_at.desc(), TrainingClassRow.id)
        .limit(limit)
        .offset(offset)
    )
    return _classes(session, statement)


def members(session: Session, class_id: UUID, *, limit: int = 50, offset: int = 0) -> tuple[Member, ...]:
    """The people of a class, in the order they enrolled; who enrolled under accounts that were joined stands there once."""
    enrolled, alias, other = aliased(PersonRow), aliased(PersonRow), aliased(EnrolmentRow)
    here = select(other.id).join(alias, alias.id == other.person_id).where(other.class_id == class_id)
    joined = here.where(alias.merged_into.is_not(None)).with_only_columns(alias.merged_into)  # few: looked up once
    active, their_active = EnrolmentRow.state.in_(ENROLLED), other.state.in_(ENROLLED)
    own, their_own = enrolled.merged_into.is_(None), alias.merged_into.is_(None)
    stands_before = or_(  # the one that `enrolment` gives
        and_(their_active, ~active),
        and_(their_active == active, their_own, ~own),
        and_(their_active == active, their_own == own, other.id < EnrolmentRow.id),
    )
    theirs = func.coalesce(alias.merged_into, alias.id) == PersonRow.id
    twice = and_(PersonRow.id.in_(joined), here.where(theirs, stands_before).exists())
    rows = session.execute(
        select(PersonRow.id, PersonRow.name, UnitRow.name, PersonRow.post, EnrolmentRow.state, EnrolmentRow.created_at)
        .join(enrolled, enrolled.id == EnrolmentRow.person_id)
        .join(PersonRow, PersonRow.id == func.coalesce(enrolled.merged_into, enrolled.id))
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .where(EnrolmentRow.class_id == class_id, ~twice)
        .order_by(EnrolmentRow.created_at, EnrolmentRow.id)
        .limit(limit)
        .offset(offset)
    )
    return tuple(Member(*row) for row in rows)
