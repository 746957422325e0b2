"""Reads mock exams as their owners may see them: keys only once handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from lms.classes.models import TrainingClassRow
from lms.exams import queries as exams
from lms.exams.domain.attempts import in_time
from lms.exams.domain.drawing import Paper, PaperEntry
from lms.exams.domain.keys import Partial
from lms.exams.domain.points import HUNDRED, Points, points
from lms.exams.domain.scoring import ScoreSheet, score
from lms.exams.queries import Question, Reviewed
from lms.kernel.errors import NotFound
from lms.practice.models import MockExamRow, MockQuestionRow
from lms.questionbank.models import ItemVersionRow


@dataclass(frozen=True)
class Mock:
    """A mock exam; `earned` (hundredths of a point) is None while it is open."""

    id: UUID
    class_id: UUID
    class_name: str
    pass_mark: int
    maximum: int
    partial: Partial
    started_at: datetime
    deadline: datetime
    submitted_at: datetime | None
    earned: int | None

    @property
    def score(self) -> Points:
        """What was earned, in points."""
        return points(self.earned or 0)

    @property
    def passed(self) -> bool:
        """Whether the pass mark was reached; it counts for nothing."""
        return self.earned is not None and self.earned >= self.pass_mark * HUNDRED

    def overdue(self, now: datetime) -> bool:
        """Whether the clock has to hand it in."""
        return self.submitted_at is None and not in_time(now, self.deadline)


@dataclass(frozen=True)
class MockView:
    """A mock exam with its items and answers; `reviewed` is empty while it is open."""

    mock: Mock
    questions: tuple[Question, ...]
    given: Mapping[int, tuple[str, ...]]
    reviewed: Mapping[int, Reviewed] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many items have an answer."""
        return sum(bool(value) for value in self.given.values())


def _mocks() -> Select[*tuple[Any, ...]]:
    return select(
        MockExamRow.id,
        MockExamRow.class_id,
        TrainingClassRow.name,
        MockExamRow.pass_mark,
        MockExamRow.maximum,
        MockExamRow.partial,
        MockExamRow.started_at,
        MockExamRow.deadline,
        MockExamRow.submitted_at,
        MockExamRow.earned,
    ).join(TrainingClassRow, TrainingClassRow.id == MockExamRow.class_id)


def own_mock(session: Session, mock_id: UUID, person_id: UUID) -> Mock:
    """One's own mock exam. Raises NotFound, for another's as for none."""
    owned = _mocks().where(MockExamRow.id == mock_id, MockExamRow.person_id == person_id)
    row = session.execute(owned).first()
    if row is None:
        raise NotFound
    return _mock(row)


def mocks(session: Session, class_id: UUID, person_id: UUID, *, limit: int) -> tuple[Mock, ...]:
    """One's mock exams for a class, the newest first."""
    rows = session.execute(
        _mocks()
        .where(MockExamRow.class_id == class_id, MockExamRow.person_id == person_id)
        .order_by(MockExamRow.started_at.desc())
        .limit(limit)
    )
    return tuple(map(_mock, rows))


def paper(session: Session, mock: Mock) -> tuple[Paper, dict[int, tuple[str, ...]]]:
    """The paper with the answers by position; of an open one without the items that are withdrawn now. One statement."""
    statement = select(
        MockQuestionRow.position,
        MockQuestionRow.item_version_id,
        MockQuestionRow.type,
        MockQuestionRow.points,
        MockQuestionRow.option_order,
        MockQuestionRow.given,
    ).where(MockQuestionRow.mock_exam_id == mock.id)
    if mock.submitted_at is None:
        published = ItemVersionRow.id == MockQuestionRow.item_version_id, ItemVersionRow.state == "published"
        statement = statement.join(ItemVersionRow, and_(*published))
    rows = session.execute(statement.order_by(MockQuestionRow.position)).all()
    entries = tuple(PaperEntry(row[0], row[1], row[2], row[3], tuple(row[4])) for row in rows)
    return Paper(entries), {row[0]: tuple(row[5]) for row in rows}


def sheet(session: Session, mock: Mock, entries: Paper, given: Mapping[int, Sequence[str]]) -> ScoreSheet:
    """What the answers earn. One statement, none when the process has kept the items."""
    items = exams.items(session, [entry.version_id for entry in entries.entries])
    keys = {version_id: item.key for version_id, item in items.items()}
    return score(entries, {position: tuple(value) for position, value in given.items()}, keys, mock.partial)


def mock_view(session: Session, mock_id: UUID, person_id: UUID) -> MockView:
    """One's own mock exam. Three statements. Raises NotFound."""
    found = own_mock(session, mock_id, person_id)
    entries, given = paper(session, found)
    asked = exams.questions(session, entries.entries, whole=found.submitted_at is not None)
    places = {entry.position: entry for entry in entries.entries}
    told = {position: places[position].on_page(value) for position, value in given.items()}
    if found.submitted_at is None:
        return MockView(found, asked, told)
    items = exams.items(session, [entry.version_id for entry in entries.entries])
    reviewed = {
        line.position: Reviewed(
            places[line.position].on_page(line.key),
            points(line.earned or 0),
            items[line.version_id].explanation,
            items[line.version_id].sources,
        )
        for line in sheet(session, found, entries, given).lines
    }
    return MockView(found, asked, told, reviewed)


def mock_picture(session: Session, mock_id: UUID, person_id: UUID, position: int, number: int) -> bytes:
    """The picture `number` of an item of one's own mock exam. Four statements at most. Raises NotFound."""
    found = own_mock(session, mock_id, person_id)
    entries, _given = paper(session, found)
    return exams.picture(session, entries.entries, position, number, whole=found.submitted_at is not None)


def _mock(row: Any) -> Mock:
    return Mock(row[0], row[1], row[2], row[3], row[4], Partial(row[5]), *row[6:])
