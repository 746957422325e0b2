"""Reads courses and lectures: what learners may see, and what authors and reviewers work on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.queries import aliases
from lms.catalogue.domain.package import Package, content_hash
from lms.catalogue.models import CourseRow, LectureRow, LectureVersionRow, TeacherRow
from lms.infra.types import Uuid
from lms.kernel.errors import NotFound
from lms.kernel.hourrules import Rule, from_data
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import Level, State
from lms.moderation.models import RevisionRow
from lms.questionbank import queries as questionbank
from lms.questionbank.domain.items import Item, as_data
from lms.video.models import CaptionRow, MediaAssetRow


@dataclass(frozen=True)
class Teacher:
    """As shown beside a course."""

    name: str
    institution: str
    post: str


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


@dataclass(frozen=True)
class LectureVersion:
    """Everything that a revision hands in, for its author and its reviewers."""

    revision_id: UUID
    lecture_id: UUID
    course_id: UUID
    course_title: str
    bank_code: str
    title: str
    teacher: Teacher
    outline: str
    asset_id: UUID
    caption_id: UUID | None
    source_sha256: str
    captions_sha256: str
    items: tuple[Item, ...]
    practice_items: tuple[Item, ...] = ()

    @property
    def content_hash(self) -> str:
        """What a reviewer approves."""
        return content_hash(
            Package(
                title=self.title,
                course_title=self.course_title,
                teacher=(self.teacher.name, self.teacher.institution, self.teacher.post),
                outline=self.outline,
                source_sha256=self.source_sha256,
                captions_sha256=self.captions_sha256,
                items=[as_data(item) for item in self.items],
                practice_items=[as_data(item) for item in self.practice_items],
            )
        )


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


def courses_of_author(session: Session, author_id: UUID, *, limit: int = 100) -> tuple[tuple[UUID, str], ...]:
    """(id, title) of the courses that a person began, under whatever account, the newest first."""
    rows = session.execute(
        select(CourseRow.id, CourseRow.title)
        .where(CourseRow.author_id.in_(aliases(author_id)))
        .order_by(CourseRow.id.desc())
        .limit(limit)
    )
    return tuple((row[0], row[1]) for row in rows)


def lecture_version(session: Session, revision_id: UUID) -> LectureVersion:
    """What a revision hands in. Raises NotFound."""
    columns: tuple[Any, ...] = (
        LectureVersionRow.revision_id,
        LectureRow.id,
        CourseRow.id,
        CourseRow.title,
        CourseRow.bank_code,
        LectureVersionRow.title,
        TeacherRow.name,
        TeacherRow.institution,
        TeacherRow.post,
        LectureVersionRow.outline,
        LectureVersionRow.asset_id,
        LectureVersionRow.caption_id,
        MediaAssetRow.source_sha256,
        CaptionRow.sha256,
    )
    row = session.execute(
        select(*columns)
        .join(LectureRow, LectureRow.id == LectureVersionRow.lecture_id)
        .join(CourseRow, CourseRow.id == LectureRow.course_id)
        .join(TeacherRow, TeacherRow.id == LectureVersionRow.teacher_id)
        .join(MediaAssetRow, MediaAssetRow.id == LectureVersionRow.asset_id)
        .outerjoin(CaptionRow, CaptionRow.id == LectureVersionRow.caption_id)
        .where(LectureVersionRow.revision_id == revision_id)
    ).first()
    if row is None:
        raise NotFound
    items = questionbank.items_of_revision(session, revision_id)
    return LectureVersion(
        revision_id=row[0],
        lecture_id=row[1],
        course_id=row[2],
        course_title=row[3],
        bank_code=row[4],
        title=row[5],
        teacher=Teacher(row[6], row[7], row[8]),
        outline=row[9],
        asset_id=row[10],
        caption_id=row[11],
        source_sha256=row[12],
        captions_sha256=row[13] or "",
        items=items.exam,
        practice_items=items.practice,
    )


def live_revisions(session: Session) -> tuple[tuple[UUID, UUID], ...]:
    """(lecture, revision) of everything that learners see now."""
    rows = session.execute(
        select(LectureRow.id, LectureRow.live_revision_id)
        .where(LectureRow.live_revision_id.is_not(None))
        .order_by(LectureRow.id)
    )
    return tuple((lecture_id, live_id) for lecture_id, live_id in rows if live_id is not None)


def approved_hash(session: Session, revision_id: UUID) -> str | None:
    """The hash of the content that both levels approved, None when a published revision's last submission lacks one."""
    submission = moderation.last_submission(session, revision_id)
    if submission is None or moderation.revision(session, revision_id).state is not State.PUBLISHED:
        return None
    decided = moderation.reviews(session, revision_id)
    levels = {one.level for one in decided if one.round == submission.round and one.decision == "approve"}
    return submission.content_hash if levels == set(Level) else None


def revisions_of_asset(session: Session, asset_id: UUID) -> tuple[UUID, ...]:
    """The revisions that a media asset was handed in with."""
    rows = session.execute(select(LectureVersionRow.revision_id).where(LectureVersionRow.asset_id == asset_id))
    return tuple(row[0] for row in rows)


def bank_of_revision(session: Session, revision_id: UUID) -> str:
    """The code of the exam bank that a revision's items go to. Raises NotFound."""
    code = session.execute(
        select(CourseRow.bank_code)
        .join(LectureRow, LectureRow.course_id == CourseRow.id)
        .join(LectureVersionRow, LectureVersionRow.lecture_id == LectureRow.id)
        .where(LectureVersionRow.revision_id == revision_id)
    ).scalar()
    if code is None:
        raise NotFound
    return code


def asset_of_revision(session: Session, revision_id: UUID) -> UUID:
    """The video that a revision hands in. Raises NotFound."""
    asset_id = session.execute(
        select(LectureVersionRow.asset_id).where(LectureVersionRow.revision_id == revision_id)
    ).scalar()
    if asset_id is None:
        raise NotFound
    return asset_id


def live_asset(session: Session, lecture_id: UUID) -> UUID | None:
    """The video of the version that learners see, None while they see none."""
    return session.execute(
        select(LectureVersionRow.asset_id)
        .join(LectureRow, LectureRow.live_revision_id == LectureVersionRow.revision_id)
        .where(LectureRow.id == lecture_id)
    ).scalar()


def used_assets(session: Session, asset_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these videos a revision hands in or ever handed in."""
    rows = session.execute(select(LectureVersionRow.asset_id).where(LectureVersionRow.asset_id.in_(asset_ids)))
    return frozenset(row[0] for row in rows)


@dataclass(frozen=True)
class PooledTeacher:
    """A teacher, and in how many lectures that learners see now: one at least."""

    teacher: Teacher
    published: int


def teachers(session: Session, text: str = "", *, limit: int = 50, offset: int = 0) -> tuple[PooledTeacher, ...]:
    """Teachers whom learners see, by name; with a text those whose name or institution has it.

    Who teaches in drafts only is the business of their authors and reviewers.
    """
    live = and_(LectureRow.live_revision_id == LectureVersionRow.revision_id, RevisionRow.state == State.PUBLISHED)
    published = (
        select(func.count())
        .select_from(LectureVersionRow)
        .join(LectureRow, LectureRow.id == LectureVersionRow.lecture_id)
        .join(RevisionRow, RevisionRow.id == LectureVersionRow.revision_id)
        .where(LectureVersionRow.teacher_id == TeacherRow.id, live)
        .scalar_subquery()
    )
    statement = select(TeacherRow.name, TeacherRow.institution, TeacherRow.post, published).where(published > 0)
    if text:
        has = (TeacherRow.name.contains(text, autoescape=True), TeacherRow.institution.contains(text, autoescape=True))
        statement = statement.where(or_(*has))
    rows = session.execute(statement.order_by(TeacherRow.name, TeacherRow.id).limit(limit).offset(offset))
    return tuple(PooledTeacher(Teacher(row[0], row[1], row[2]), row[3]) for row in rows)
