"""Reads progress: of a lecture, of courses, of a class."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.catalogue import queries as catalogue
from lms.classes import queries as classes
from lms.learning.domain import completion
from lms.learning.domain.completion import State
from lms.learning.domain.intervals import Span
from lms.learning.models import CourseCompletionRow, WatchProgressRow


@dataclass(frozen=True)
class Progress:
    """What a person has of an asset; times in media milliseconds."""

    watched: tuple[Span, ...]
    covered_ms: int
    position_ms: int
    completed_at: datetime | None


NOTHING = Progress((), 0, 0, None)


@dataclass(frozen=True)
class LectureState:
    """A lecture and how far the person is with it."""

    lecture_id: UUID
    state: State
    coverage: float
    position_ms: int
    duration_ms: int


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


def progress(session: Session, person_id: UUID, asset_id: UUID) -> Progress:
    """A person's progress in an asset; NOTHING before they began."""
    return progress_of(session, person_id, [asset_id]).get(asset_id, NOTHING)


def progress_of(session: Session, person_id: UUID, asset_ids: Iterable[UUID]) -> dict[UUID, Progress]:
    """Progress by asset, for those that the person began."""
    rows = session.execute(
        select(
            WatchProgressRow.asset_id,
            WatchProgressRow.watched,
            WatchProgressRow.covered_ms,
            WatchProgressRow.position_ms,
            WatchProgressRow.completed_at,
        ).where(WatchProgressRow.person_id == person_id, WatchProgressRow.asset_id.in_(list(asset_ids)))
    )
    return {row[0]: Progress(tuple((a, b) for a, b in row[1]), row[2], row[3], row[4]) for row in rows}


def completions(session: Session, person_id: UUID, course_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When the person completed courses, by course."""
    rows = session.execute(
        select(CourseCompletionRow.course_id, CourseCompletionRow.completed_at).where(
            CourseCompletionRow.person_id == person_id, CourseCompletionRow.course_id.in_(list(course_ids))
        )
    )
    return {row[0]: row[1] for row in rows}


def completed_counts(session: Session, course_ids: Sequence[UUID], person_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many of some courses each of some people has completed."""
    rows = session.execute(
        select(CourseCompletionRow.person_id, func.count())
        .where(CourseCompletionRow.course_id.in_(course_ids), CourseCompletionRow.person_id.in_(person_ids))
        .group_by(CourseCompletionRow.person_id)
    )
    return {row[0]: row[1] for row in rows}


def course_states(
    session: Session,
    person_id: UUID,
    cards: Iterable[catalogue.CourseCard],
    *,
    done: Mapping[UUID, datetime] | None = None,
) -> dict[UUID, CourseState]:
    """How far a person is with courses whose cards were read before. Two statements; one when the completions are given."""
    listed = list(cards)
    if done is None:
        done = completions(session, person_id, [card.id for card in listed])
    seen = progress_of(session, person_id, [lecture.asset_id for card in listed for lecture in card.lectures])
    return {card.id: _course_state(card, done.get(card.id), seen) for card in listed}


def _course_state(card: catalogue.CourseCard, completed_at: datetime | None, seen: dict[UUID, Progress]) -> CourseState:
    lectures = []
    for lecture in card.lectures:
        one = seen.get(lecture.asset_id, NOTHING)
        found = completion.state(one.watched, lecture.duration_ms, completion.COMPLETING)
        state = State.COMPLETED if one.completed_at else found.state
        lectures.append(LectureState(lecture.id, state, found.coverage, one.position_ms, lecture.duration_ms))
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
