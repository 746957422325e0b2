"""Reads progress: of a lecture, of courses, of a class."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.catalogue import queries as catalogue
from lms.catalogue.models import CourseRow
from lms.classes import queries as classes
from lms.infra.types import Uuid
from lms.learning.domain import completion
from lms.learning.domain.completion import State
from lms.learning.domain.intervals import Span
from lms.learning.models import CourseCompletionRow, LeaseRow, WatchProgressRow
from lms.learning.queries.classrooms import held_since


@dataclass(frozen=True)
class Progress:
    """What a person has of an asset; times in media milliseconds.

    `trims` is what beats claimed and were not paid, by reason: it may have been paid later.
    """

    watched: tuple[Span, ...]
    covered_ms: int
    position_ms: int
    completed_at: datetime | None
    trims: Mapping[str, int] = field(default_factory=dict)


NOTHING = Progress((), 0, 0, None)


@dataclass(frozen=True)
class LectureState:
    """A lecture and how far the person is with it."""

    lecture_id: UUID
    state: State
    coverage: float
    duration_ms: int
    progress: Progress


@dataclass(frozen=True)
class CourseState:
    """A course and how far the person is with it; `next_lecture_id` is where they go on.

    It is None when the course is complete, and when only suspended lectures are left.
    """

    course_id: UUID
    state: State
    coverage: float
    completed_at: datetime | None
    next_lecture_id: UUID | None
    lectures: tuple[LectureState, ...]


@dataclass(frozen=True)
class CourseRef:
    """A course by name."""

    id: UUID
    title: str


# What every page of a learner asks is built once: building took as long as asking.
_PERSON_ID = bindparam("person_id", type_=Uuid)
_PROGRESS = select(
    WatchProgressRow.asset_id,
    WatchProgressRow.watched,
    WatchProgressRow.covered_ms,
    WatchProgressRow.position_ms,
    WatchProgressRow.completed_at,
    WatchProgressRow.trims,
).where(WatchProgressRow.person_id == _PERSON_ID, WatchProgressRow.asset_id.in_(bindparam("asset_ids", expanding=True)))
_COMPLETIONS = (
    select(CourseCompletionRow.course_id, CourseCompletionRow.completed_at)
    .where(
        CourseCompletionRow.person_id.in_(aliases(_PERSON_ID)),
        CourseCompletionRow.course_id.in_(bindparam("course_ids", expanding=True)),
    )
    .order_by(CourseCompletionRow.completed_at.desc())
)


def progress(session: Session, person_id: UUID, asset_id: UUID) -> Progress:
    """A person's progress in an asset; NOTHING before they began."""
    return progress_of(session, person_id, [asset_id]).get(asset_id, NOTHING)


def progress_of(session: Session, person_id: UUID, asset_ids: Iterable[UUID]) -> dict[UUID, Progress]:
    """Progress by asset, for those that the person began."""
    rows = session.execute(_PROGRESS, {"person_id": person_id, "asset_ids": list(asset_ids)})
    return {row[0]: Progress(tuple((a, b) for a, b in row[1]), *row[2:]) for row in rows}


def completed_assets(session: Session, person_id: UUID, asset_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When the person, or an account that was joined into theirs, had watched assets to the end first, by asset."""
    rows = session.execute(
        select(WatchProgressRow.asset_id, func.min(WatchProgressRow.completed_at))
        .where(
            WatchProgressRow.person_id.in_(aliases(person_id)),
            WatchProgressRow.asset_id.in_(list(asset_ids)),
            WatchProgressRow.completed_at.is_not(None),
        )
        .group_by(WatchProgressRow.asset_id)
    )
    return {row[0]: row[1] for row in rows if row[1] is not None}


def watched_since(session: Session, person_id: UUID, since: datetime) -> bool:
    """Whether a page of the person has played or renewed a video, or a classroom's screen of theirs, since a moment."""
    beats = select(LeaseRow.id).where(LeaseRow.person_id == person_id, LeaseRow.last_beat_at >= since).limit(1)
    return session.execute(beats).first() is not None or held_since(session, person_id, since)


def completions(session: Session, person_id: UUID, course_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When the person, or an account that was joined into theirs, completed courses first, by course."""
    rows = session.execute(_COMPLETIONS, {"person_id": person_id, "course_ids": list(course_ids)})
    return {row[0]: row[1] for row in rows}


def completed_counts(session: Session, course_ids: Sequence[UUID], person_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many of some courses each of some people has completed, with the accounts that were joined into theirs."""
    whose = func.coalesce(PersonRow.merged_into, PersonRow.id)
    rows = session.execute(
        select(whose, func.count(CourseCompletionRow.course_id.distinct()))
        .join(PersonRow, PersonRow.id == CourseCompletionRow.person_id)
        .where(
            CourseCompletionRow.course_id.in_(course_ids),
            or_(PersonRow.id.in_(person_ids), PersonRow.merged_into.in_(person_ids)),
        )
        .group_by(whose)
    )
    return {row[0]: row[1] for row in rows}


def course_states(
    session: Session,
    person_id: UUID,
    cards: Iterable[catalogue.CourseCard],
    *,
    done: Mapping[UUID, datetime] | None = None,
) -> dict[UUID, CourseState]:
    """How far a person is with courses whose cards were read before. Two statements; one when the completions are given.

    A lecture is complete once a beat completed it: a threshold that was lowered since shows with the next one.
    """
    listed = list(cards)
    if done is None:
        done = completions(session, person_id, [card.id for card in listed])
    seen = progress_of(session, person_id, [lecture.asset_id for card in listed for lecture in card.lectures])
    return {card.id: _course_state(card, done.get(card.id), seen) for card in listed}


def _course_state(card: catalogue.CourseCard, completed_at: datetime | None, seen: dict[UUID, Progress]) -> CourseState:
    lectures = []
    for lecture in card.lectures:
        one = seen.get(lecture.asset_id, NOTHING)
        coverage = completion.coverage(one.watched, lecture.duration_ms)
        opened = State.IN_PROGRESS if one.watched else State.NOT_STARTED
        state = State.COMPLETED if one.completed_at else opened
        lectures.append(LectureState(lecture.id, state, coverage, lecture.duration_ms, one))
    total = sum(lecture.duration_ms for lecture in lectures)
    covered = sum(lecture.coverage * lecture.duration_ms for lecture in lectures)
    begun = any(lecture.state is not State.NOT_STARTED for lecture in lectures)
    state = State.COMPLETED if completed_at else State.IN_PROGRESS if begun else State.NOT_STARTED
    open_lectures = [one.lecture_id for one in lectures if one.state is not State.COMPLETED and not completed_at]
    going_on = open_lectures[0] if open_lectures else None
    return CourseState(card.id, state, covered / total if total else 0.0, completed_at, going_on, tuple(lectures))


def missing_courses(session: Session, person_id: UUID, class_id: UUID) -> tuple[CourseRef, ...]:
    """The courses of a class that the person has not completed, in the class's order. Raises NotFound."""
    found = classes.class_facts(session, class_id)
    done = completions(session, person_id, found.course_ids)
    missing = [course_id for course_id in found.course_ids if course_id not in done]
    if not missing:
        return ()
    titles = catalogue.course_titles(session, missing)
    return tuple(CourseRef(course_id, titles.get(course_id, "")) for course_id in missing)


@dataclass(frozen=True)
class Studied:
    """How long a person watched the lectures of a course, in media milliseconds, and since when it is complete."""

    title: str
    credited_ms: int
    completed_at: datetime | None


def studied(session: Session, person_id: UUID) -> tuple[Studied, ...]:
    """Every course that a person watched or completed, under whatever account of theirs, by title."""
    watched = (
        select(LeaseRow.course_id, func.sum(LeaseRow.credited_ms).label("credited_ms"))
        .where(LeaseRow.person_id.in_(aliases(person_id)))
        .group_by(LeaseRow.course_id)
        .subquery()
    )
    done = (
        select(CourseCompletionRow.course_id, func.min(CourseCompletionRow.completed_at).label("completed_at"))
        .where(CourseCompletionRow.person_id.in_(aliases(person_id)))
        .group_by(CourseCompletionRow.course_id)
        .subquery()
    )
    rows = session.execute(
        select(CourseRow.title, watched.c.credited_ms, done.c.completed_at)
        .outerjoin(watched, watched.c.course_id == CourseRow.id)
        .outerjoin(done, done.c.course_id == CourseRow.id)
        .where(or_(watched.c.course_id.is_not(None), done.c.course_id.is_not(None)))
        .order_by(CourseRow.title)
    )
    return tuple(Studied(row.title, int(row.credited_ms or 0), row.completed_at) for row in rows)
