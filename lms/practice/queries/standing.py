"""Reads where a learner stands: by course, by knowledge point, and in their book of wrong answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from lms.catalogue.models import CourseRow
from lms.classes.models import ClassCourseRow, EnrolmentRow
from lms.classes.queries import ENROLLED
from lms.exams import queries as exams
from lms.kernel.errors import NotFound
from lms.practice.models import PractisedItemRow
from lms.practice.queries.items import bank_of, of_person, practised
from lms.questionbank import queries as questionbank
from lms.questionbank.models import ItemVersionRow

MOST_COURSES = 100
MOST_POINTS = 100
"""Knowledge points shown of a course; the weakest come first."""


@dataclass(frozen=True)
class CoursePractice:
    """A course that can be practised: its items, those that were tried and those answered rightly last, the book."""

    id: UUID
    title: str
    items: int
    tried: int
    known: int
    in_book: int


@dataclass(frozen=True)
class PointPractice:
    """The same of one knowledge point."""

    name: str
    items: int
    tried: int
    known: int


@dataclass(frozen=True)
class Mistake:
    """An item of the book. `version_id` is the version that is asked now, None while the item is withdrawn;
    `shown_id` is the same, or else the one that was answered last."""

    ref: str
    version_id: UUID | None
    shown_id: UUID
    changed: bool
    knowledge_point: str
    wrong: int
    right_in_row: int
    last_at: datetime


_TRIED = func.count(PractisedItemRow.ref)
_KNOWN = func.coalesce(func.sum(case((PractisedItemRow.right_in_row > 0, 1), else_=0)), 0)


def courses(
    session: Session, person_id: UUID, person_ids: Sequence[UUID], *, course_id: UUID | None = None
) -> tuple[CoursePractice, ...]:
    """Courses of one's classes with items to practise, or the one with that id. Two statements.

    Enrolments of accounts that were joined with one's own (`person_ids`) count; practice itself moved with the joining.
    """
    mine = (
        select(ClassCourseRow.course_id)
        .join(EnrolmentRow, EnrolmentRow.class_id == ClassCourseRow.class_id)
        .where(EnrolmentRow.person_id.in_(person_ids), EnrolmentRow.state.in_(ENROLLED))
    )
    wanted = CourseRow.id.in_(mine) if course_id is None else CourseRow.id.in_(mine) & (CourseRow.id == course_id)
    rows = session.execute(
        practised((CourseRow.id, CourseRow.title, CourseRow.practice_bank_code, func.count(), _TRIED, _KNOWN), wanted)
        .join(CourseRow, CourseRow.practice_bank_code == ItemVersionRow.bank_code)
        .outerjoin(PractisedItemRow, of_person(person_id))
        .group_by(CourseRow.id, CourseRow.title, CourseRow.practice_bank_code)
        .order_by(CourseRow.title, CourseRow.id)
        .limit(MOST_COURSES)
    ).all()
    books = session.execute(
        select(PractisedItemRow.bank_code, func.count())
        .where(
            PractisedItemRow.person_id == person_id,
            PractisedItemRow.bank_code.in_([row[2] for row in rows]),
            PractisedItemRow.in_book,
        )
        .group_by(PractisedItemRow.bank_code)
    )
    in_book = {row[0]: row[1] for row in books}
    return tuple(CoursePractice(row[0], row[1], row[3], row[4], row[5], in_book.get(row[2], 0)) for row in rows)


def points(session: Session, course_id: UUID, person_id: UUID) -> tuple[PointPractice, ...]:
    """How a learner stands by knowledge point of a course, the weakest first. One statement."""
    name, known = ItemVersionRow.knowledge_point, _KNOWN
    rows = session.execute(
        practised((name, func.count(), _TRIED, known), ItemVersionRow.bank_code == bank_of(course_id))
        .outerjoin(PractisedItemRow, of_person(person_id))
        .group_by(name)
        .order_by(known * 100 / func.count(), name)
        .limit(MOST_POINTS)
    )
    return tuple(PointPractice(*row) for row in rows)


def book(
    session: Session, course_id: UUID, person_id: UUID, *, after: tuple[datetime, str] | None = None, limit: int
) -> tuple[Mistake, ...]:
    """What a learner got wrong of a course, the newest first, from behind `after` on. One statement."""
    now, last = aliased(ItemVersionRow), aliased(ItemVersionRow)
    current = (
        select(now.id)
        .where(now.bank_code == PractisedItemRow.bank_code, now.ref == PractisedItemRow.ref, now.state == "published")
        .order_by(now.created_at.desc(), now.id.desc())
        .limit(1)
        .correlate(PractisedItemRow)
        .scalar_subquery()
    )
    shown = aliased(ItemVersionRow)
    statement = (
        select(
            PractisedItemRow.ref,
            shown.id,
            func.coalesce(shown.id, last.id),
            PractisedItemRow.item_version_id,
            func.coalesce(shown.knowledge_point, last.knowledge_point),
            PractisedItemRow.times_wrong,
            PractisedItemRow.right_in_row,
            PractisedItemRow.last_at,
        )
        .join(last, last.id == PractisedItemRow.item_version_id)
        .outerjoin(shown, shown.id == current)
        .where(
            PractisedItemRow.person_id == person_id,
            PractisedItemRow.bank_code == bank_of(course_id),
            PractisedItemRow.in_book,
        )
        .order_by(PractisedItemRow.last_at.desc(), PractisedItemRow.ref.desc())
        .limit(limit)
    )
    if after is not None:
        moment, ref = after
        statement = statement.where(
            (PractisedItemRow.last_at < moment) | ((PractisedItemRow.last_at == moment) & (PractisedItemRow.ref < ref))
        )
    return tuple(
        Mistake(row[0], row[1], row[2], row[1] not in (None, row[3]), *row[4:]) for row in session.execute(statement)
    )


def book_picture(session: Session, course_id: UUID, person_id: UUID, version_id: UUID, number: int) -> bytes:
    """The picture `number` of a version of an item in one's book. Three statements at most. Raises NotFound."""
    mine = (
        select(ItemVersionRow.id)
        .join(PractisedItemRow, of_person(person_id))
        .where(
            ItemVersionRow.id == version_id,
            ItemVersionRow.state.in_(("published", "withdrawn")),
            PractisedItemRow.bank_code == bank_of(course_id),
            PractisedItemRow.in_book,
        )
    )
    if session.execute(mine).first() is None:
        raise NotFound
    item = exams.items(session, [version_id])[version_id]
    return questionbank.picture(session, version_id, item.shown_pictures(whole=False), number)
