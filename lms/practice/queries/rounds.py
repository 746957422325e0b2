"""Reads rounds of practice as their owners may see them: of an item that is unanswered, neither key nor explanation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.catalogue.models import CourseRow
from lms.exams import queries as exams
from lms.exams.domain.drawing import PaperEntry
from lms.exams.domain.scoring import shown
from lms.exams.queries import Question
from lms.kernel.errors import NotFound
from lms.practice.models import PracticeRoundRow, PracticeStepRow
from lms.questionbank.models import ItemVersionRow


@dataclass(frozen=True)
class Step:
    """An item at its place; `given` is None until it was answered."""

    position: int
    version_id: UUID
    type: str
    option_order: tuple[str, ...]
    given: tuple[str, ...] | None
    right: bool | None
    published: bool


@dataclass(frozen=True)
class Round:
    """A round with its items in order."""

    id: UUID
    course_id: UUID
    course_title: str
    source: str
    started_at: datetime
    steps: tuple[Step, ...]

    @property
    def next(self) -> Step | None:
        """The first item that waits for an answer; one that was withdrawn meanwhile is passed over."""
        return next((one for one in self.steps if one.given is None and one.published), None)

    @property
    def answered(self) -> tuple[Step, ...]:
        """The items that were answered."""
        return tuple(one for one in self.steps if one.given is not None)

    @property
    def right(self) -> int:
        """How many were answered rightly."""
        return sum(bool(one.right) for one in self.steps)

    def step(self, position: int) -> Step:
        """The item at a place. Raises NotFound."""
        for one in self.steps:
            if one.position == position:
                return one
        raise NotFound


@dataclass(frozen=True)
class Explained:
    """An answered item with what is right about it, and why."""

    question: Question
    given: tuple[str, ...]
    right: bool
    correct: tuple[str, ...]
    explanation: str
    sources: tuple[str, ...]


def own_round(session: Session, round_id: UUID, person_id: UUID) -> Round:
    """One's own round. Two statements. Raises NotFound, for another's as for none."""
    owned = (
        select(
            PracticeRoundRow.id,
            PracticeRoundRow.course_id,
            CourseRow.title,
            PracticeRoundRow.source,
            PracticeRoundRow.started_at,
        )
        .join(CourseRow, CourseRow.id == PracticeRoundRow.course_id)
        .where(PracticeRoundRow.id == round_id, PracticeRoundRow.person_id == person_id)
    )
    row = session.execute(owned).first()
    if row is None:
        raise NotFound
    return Round(*row, steps=_steps(session, round_id))


def open_round(session: Session, course_id: UUID, person_id: UUID, source: str) -> UUID | None:
    """The round that waits to be finished, if any."""
    return session.execute(
        select(PracticeRoundRow.id).where(
            PracticeRoundRow.course_id == course_id,
            PracticeRoundRow.person_id == person_id,
            PracticeRoundRow.source == source,
            PracticeRoundRow.finished_at.is_(None),
        )
    ).scalar()


def question(session: Session, step: Step) -> Question:
    """The item as it is asked. One statement, none when the process has kept it."""
    return exams.questions(session, [_entry(step)])[0]


def explained(session: Session, steps: Sequence[Step]) -> tuple[Explained, ...]:
    """Items with key and explanation, only those that were answered. Two statements at most."""
    answered = [one for one in steps if one.given is not None]
    asked = exams.questions(session, [_entry(one) for one in answered], whole=True)
    items = exams.items(session, [one.version_id for one in answered])
    return tuple(
        Explained(
            how,
            _entry(one).on_page(one.given or ()),
            bool(one.right),
            _entry(one).on_page(shown(items[one.version_id].key)),
            items[one.version_id].explanation,
            items[one.version_id].sources,
        )
        for one, how in zip(answered, asked, strict=True)
    )


def round_picture(session: Session, round_id: UUID, person_id: UUID, position: int, number: int) -> bytes:
    """The picture `number` of an item of one's own round, answered or asked now. Four statements at most. Raises NotFound."""
    found = own_round(session, round_id, person_id)
    step = found.step(position)
    if step.given is None and step != found.next:
        raise NotFound
    return exams.picture(session, [_entry(step)], position, number, whole=step.given is not None)


def _entry(step: Step) -> PaperEntry:
    return PaperEntry(step.position, step.version_id, step.type, 1, step.option_order)


def _steps(session: Session, round_id: UUID) -> tuple[Step, ...]:
    rows = session.execute(
        select(
            PracticeStepRow.position,
            PracticeStepRow.item_version_id,
            ItemVersionRow.type,
            PracticeStepRow.option_order,
            PracticeStepRow.given,
            PracticeStepRow.is_right,
            ItemVersionRow.state,
        )
        .join(ItemVersionRow, ItemVersionRow.id == PracticeStepRow.item_version_id)
        .where(PracticeStepRow.round_id == round_id)
        .order_by(PracticeStepRow.position)
    )
    return tuple(
        Step(
            row.position,
            row.item_version_id,
            row.type,
            tuple(row.option_order),
            None if row.given is None else tuple(row.given),
            row.is_right,
            row.state == "published",
        )
        for row in rows
    )
