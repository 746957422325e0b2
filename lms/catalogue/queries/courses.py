"""Reads courses and lectures as learners may see them, and what courses are worth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from lms.catalogue.models import CourseRow, LectureRow, LectureVersionRow, TeacherRow
from lms.catalogue.queries.teacherpool import Teacher
from lms.infra.types import Uuid
from lms.kernel.errors import NotFound
from lms.kernel.hourrules import Rule, from_data
from lms.moderation.domain.workflow import State
from lms.moderation.models import RevisionRow
from lms.video.models import MediaAssetRow


@dataclass(frozen=True)
class PlayableLecture:
    """A lecture that learners may watch now; the duration is the encoded media's, in milliseconds."""

    lecture_id: UUID
    course_id: UUID
    revision_id: UUID
    title: str
    course_title: str
    teacher: Teacher
    outline: str
    asset_id: UUID
    caption_id: UUID | None
    duration_ms: int
    demo: bool


@dataclass(frozen=True)
class LectureCard:
    """A lecture in a list."""

    id: UUID
    title: str
    asset_id: UUID
    duration_ms: int


@dataclass(frozen=True)
class CourseCard:
    """A course in a list, with the lectures that learners may see and how many are suspended; hours of both, in hundredths."""

    id: UUID
    title: str
    bank_code: str
    demo: bool
    teacher: Teacher
    outline: str
    credit_hours: int
    lectures: tuple[LectureCard, ...] = field(default=())
    suspended: int = 0

    @property
    def duration_ms(self) -> int:
        """The length of the lectures that learners may see."""
        return sum(lecture.duration_ms for lecture in self.lectures)


_live = (LectureVersionRow.revision_id == LectureRow.live_revision_id, MediaAssetRow.id == LectureVersionRow.asset_id)


def _live_lectures(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(LectureRow)
        .join(CourseRow, CourseRow.id == LectureRow.course_id)
        .join(LectureVersionRow, _live[0])
        .join(MediaAssetRow, _live[1])
        .join(TeacherRow, TeacherRow.id == LectureVersionRow.teacher_id)
        .where(MediaAssetRow.state == "ready")
    )


def _counted_lectures(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Lectures that a course consists of: published ones, and suspended ones, which are expected back."""
    return (
        select(*columns)
        .select_from(LectureRow)
        .join(CourseRow, CourseRow.id == LectureRow.course_id)
        .join(LectureVersionRow, LectureVersionRow.lecture_id == LectureRow.id)
        .join(RevisionRow, RevisionRow.id == LectureVersionRow.revision_id)
        .join(MediaAssetRow, MediaAssetRow.id == LectureVersionRow.asset_id)
        .join(TeacherRow, TeacherRow.id == LectureVersionRow.teacher_id)
        .where(RevisionRow.state.in_((State.PUBLISHED.value, State.SUSPENDED.value)))
    )


# What every page of a learner asks is built once: building took as long as asking.
_PLAYABLE = _live_lectures(
    LectureRow.id,
    CourseRow.id,
    LectureVersionRow.revision_id,
    LectureVersionRow.title,
    CourseRow.title,
    TeacherRow.name,
    TeacherRow.institution,
    TeacherRow.post,
    LectureVersionRow.outline,
    LectureVersionRow.asset_id,
    LectureVersionRow.caption_id,
    MediaAssetRow.duration_ms,
    CourseRow.demo,
).where(LectureRow.id == bindparam("lecture_id", type_=Uuid))

# SQLite, which writes one at a time, leaves the lock out.
_HELD_PLAYABLE = _PLAYABLE.with_for_update(read=True, of=LectureRow)

_CARDS = (
    _counted_lectures(
        CourseRow.id,
        CourseRow.title,
        CourseRow.bank_code,
        CourseRow.demo,
        TeacherRow.name,
        TeacherRow.institution,
        TeacherRow.post,
        LectureVersionRow.outline,
        LectureVersionRow.credit_hours,
        LectureRow.id,
        LectureVersionRow.title,
        LectureVersionRow.asset_id,
        MediaAssetRow.duration_ms,
        and_(LectureRow.live_revision_id == LectureVersionRow.revision_id, MediaAssetRow.state == "ready"),
    )
    .where(CourseRow.id.in_(bindparam("course_ids", expanding=True)))
    .order_by(CourseRow.id, LectureRow.position)
)


def playable_lecture(session: Session, lecture_id: UUID, *, held: bool = False) -> PlayableLecture:
    """A published lecture; `held`: it stays published until the unit of work ends.

    Raises NotFound for anything else: absent and unpublished look alike.
    """
    row = session.execute(_HELD_PLAYABLE if held else _PLAYABLE, {"lecture_id": lecture_id}).first()
    if row is None:
        raise NotFound
    return PlayableLecture(
        lecture_id=row[0],
        course_id=row[1],
        revision_id=row[2],
        title=row[3],
        course_title=row[4],
        teacher=Teacher(row[5], row[6], row[7]),
        outline=row[8],
        asset_id=row[9],
        caption_id=row[10],
        duration_ms=row[11],
        demo=row[12],
    )


def hold_lecture(session: Session, lecture_id: UUID) -> None:
    """Keeps a lecture as it is, published or not, until the unit of work ends."""
    session.execute(select(LectureRow.id).where(LectureRow.id == lecture_id).with_for_update(read=True))


def course_cards(session: Session, course_ids: Iterable[UUID]) -> tuple[CourseCard, ...]:
    """Courses with at least one published or suspended lecture, in the order of `course_ids`. One statement."""
    wanted = list(course_ids)
    rows = session.execute(_CARDS, {"course_ids": wanted}).all()
    by_course: dict[UUID, list[Sequence[Any]]] = {}
    for row in rows:
        by_course.setdefault(row[0], []).append(row)
    return tuple(_card(by_course[course_id]) for course_id in wanted if course_id in by_course)


def _card(rows: Sequence[Sequence[Any]]) -> CourseCard:
    live = [row for row in rows if row[13]]
    first = (live or rows)[0]
    return CourseCard(
        id=first[0],
        title=first[1],
        bank_code=first[2],
        demo=first[3],
        teacher=Teacher(first[4], first[5], first[6]),
        outline=first[7],
        credit_hours=sum(row[8] or 0 for row in rows),
        lectures=tuple(LectureCard(row[9], row[10], row[11], row[12]) for row in live),
        suspended=len(rows) - len(live),
    )


def published_course_ids(session: Session, *, limit: int = 24, offset: int = 0) -> tuple[UUID, ...]:
    """Courses with a published lecture, in the order they were made."""
    rows = session.execute(_live_lectures(CourseRow.id).distinct().order_by(CourseRow.id).limit(limit).offset(offset))
    return tuple(row[0] for row in rows)


def lecture_ids(session: Session, course_id: UUID) -> tuple[tuple[UUID, UUID, int], ...]:
    """(lecture, asset, duration in ms) of a course's published and suspended lectures, in order: all that it asks for."""
    rows = session.execute(
        _counted_lectures(LectureRow.id, LectureVersionRow.asset_id, MediaAssetRow.duration_ms)
        .where(LectureRow.course_id == course_id)
        .order_by(LectureRow.position)
    )
    return tuple((row[0], row[1], row[2]) for row in rows)


def course_hours(session: Session, course_id: UUID) -> int:
    """What a course's published and suspended lectures are worth together, in hundredths."""
    total = session.execute(
        _counted_lectures(func.sum(LectureVersionRow.credit_hours)).where(LectureRow.course_id == course_id)
    ).scalar()
    return int(total or 0)


def length_rule(session: Session, course_id: UUID) -> Rule | None:
    """The rule by length under which all of a course's lectures were approved; None when one was fixed, or they differ."""
    found = session.execute(
        _counted_lectures(LectureVersionRow.length_rule).where(LectureRow.course_id == course_id)
    ).scalars()
    rules = {from_data(one[0], 1, one[1]) if one else None for one in found}
    return rules.pop() if len(rules) == 1 else None


def course_titles(session: Session, course_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Titles by course, also of courses that learners no longer see."""
    rows = session.execute(select(CourseRow.id, CourseRow.title).where(CourseRow.id.in_(list(course_ids))))
    return {row[0]: row[1] for row in rows}


def courses_of_banks(session: Session, codes: Iterable[str]) -> dict[str, UUID]:
    """Courses by the code of their bank."""
    rows = session.execute(select(CourseRow.bank_code, CourseRow.id).where(CourseRow.bank_code.in_(list(codes))))
    return {row[0]: row[1] for row in rows}


def practice_bank(session: Session, course_id: UUID) -> str | None:
    """The bank that learners of a course practise with; None while it has no item. It is never a bank of exams."""
    return session.execute(select(CourseRow.practice_bank_code).where(CourseRow.id == course_id)).scalar()


def bank_codes(session: Session, course_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The item bank of each course."""
    rows = session.execute(select(CourseRow.id, CourseRow.bank_code).where(CourseRow.id.in_(list(course_ids))))
    return {row[0]: row[1] for row in rows}
