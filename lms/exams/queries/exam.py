"""Reads exams under their newest rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lms.classes.models import EnrolmentRow, TrainingClassRow
from lms.exams.domain.attempts import State
from lms.exams.domain.blueprint import Blueprint
from lms.exams.domain.plans import Settings, settings_of
from lms.exams.domain.terms import Rules
from lms.exams.domain.window import HELD, Window
from lms.exams.models import AttemptRow, ExamRow, ExamRulesRow, SittingRow
from lms.exams.queries.kept import rules_of
from lms.infra.db import second
from lms.infra.types import Uuid
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import NotFound

_any_rules = second(ExamRulesRow)
LONGEST_SECONDS = (
    select(func.max(_any_rules.minutes * 60 + _any_rules.grace_seconds))
    .where(_any_rules.exam_id == ExamRow.id)
    .correlate(ExamRow)
    .scalar_subquery()
    .label("longest_seconds")
)
"""The longest that an attempt at the exam of the row can last under any version of its rules."""


LAST_SITTING = (
    select(func.max(SittingRow.closes_at))
    .where(SittingRow.exam_id == ExamRow.id)
    .correlate(ExamRow)
    .scalar_subquery()
    .label("last_sitting_at")
)
"""When the last make-up sitting with a time of its own ends."""
BUSY_UNTIL = (
    select(func.max(AttemptRow.closes_at))
    .where(AttemptRow.exam_id == ExamRow.id, AttemptRow.state == State.OPEN.value)
    .correlate(ExamRow)
    .scalar_subquery()
    .label("busy_until")
)
"""When the last of the open attempts must be handed in."""


@dataclass(frozen=True)
class Exam:
    """An exam under its newest rules."""

    id: UUID
    class_id: UUID
    window: Window
    title: str
    open: bool
    rules: Rules

    @property
    def blueprint(self) -> Blueprint:
        """Which items a paper has, and the limits of an attempt."""
        return self.rules.blueprint

    @property
    def review(self) -> str:
        """Whether keys are shown when the class is over ("full") or never ("score")."""
        return self.rules.review

    @property
    def settings(self) -> Settings:
        """The rules as people set them."""
        return settings_of(self.rules)

    @property
    def questions(self) -> int:
        """How many items a paper has."""
        return self.blueprint.questions

    def may_begin(self, now: datetime) -> bool:
        """Whether the exam takes new attempts now; who may begin one is asked besides."""
        return self.open and self.window.may_begin(now) and self.rules.terms.may_begin(now)


def exam(session: Session, exam_id: UUID) -> Exam:
    """One exam. Raises NotFound."""
    found = _exam(session, _BY_ID, exam_id)
    if found is None:
        raise NotFound
    return found


def exam_of_class(session: Session, class_id: UUID) -> Exam | None:
    """The exam of a class, None when it has none."""
    return _exam(session, _OF_CLASS, class_id)


def exams_to_begin(session: Session, *, now: datetime, by: datetime, limit: int) -> tuple[tuple[UUID, int], ...]:
    """Exams that take starts at some moment from `now` to `by`, and how many of their candidates have begun none, by id."""
    first, last = now.astimezone(SHANGHAI).date(), by.astimezone(SHANGHAI).date()
    newest = select(func.max(_any_rules.version)).where(_any_rules.exam_id == ExamRow.id).scalar_subquery()
    begun = select(AttemptRow.id).where(
        AttemptRow.exam_id == ExamRow.id, AttemptRow.person_id == EnrolmentRow.person_id
    )
    rows = session.execute(
        select(ExamRow.id, func.count(EnrolmentRow.id))
        .select_from(ExamRow)
        .join(ExamRulesRow, (ExamRulesRow.exam_id == ExamRow.id) & (ExamRulesRow.version == newest))
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .join(EnrolmentRow, EnrolmentRow.class_id == ExamRow.class_id)
        .where(
            ExamRow.state == "open",
            TrainingClassRow.phase == HELD,
            TrainingClassRow.starts_on <= last,
            TrainingClassRow.ends_on >= first,
            or_(ExamRulesRow.opens_at.is_(None), ExamRulesRow.opens_at <= by),
            or_(ExamRulesRow.closes_at.is_(None), ExamRulesRow.closes_at > now),
            EnrolmentRow.state == "approved",
            ~begun.exists(),
        )
        .group_by(ExamRow.id)
        .order_by(ExamRow.id)
        .limit(limit)
    )
    return tuple((row[0], row[1]) for row in rows)


WINDOW: tuple[Any, ...] = (
    TrainingClassRow.phase,
    TrainingClassRow.starts_on,
    TrainingClassRow.ends_on,
    LONGEST_SECONDS,
    LAST_SITTING,
    BUSY_UNTIL,
)
"""What `window_of` reads of an exam with its class: its phase and days, and what holds the keys back."""


def window_of(row: Any) -> Window:
    """The window of a row that has the columns of WINDOW."""
    return Window(
        row.phase,
        row.starts_on,
        row.ends_on,
        timedelta(seconds=row.longest_seconds),
        last_sitting_at=row.last_sitting_at,
        busy_until=row.busy_until,
    )


# Built once: building took longer than asking.
_EXAM = (
    select(ExamRow.id, ExamRow.class_id, ExamRow.title, ExamRow.state, ExamRulesRow, *WINDOW)
    .join(ExamRulesRow, ExamRulesRow.exam_id == ExamRow.id)
    .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
    .order_by(ExamRulesRow.version.desc())
    .limit(1)
)
_BY_ID = _EXAM.where(ExamRow.id == bindparam("wanted", type_=Uuid))
_OF_CLASS = _EXAM.where(ExamRow.class_id == bindparam("wanted", type_=Uuid))


def _exam(session: Session, statement: Select[*tuple[Any, ...]], wanted: UUID) -> Exam | None:
    row = session.execute(statement, {"wanted": wanted}).first()
    if row is None:
        return None
    return Exam(
        id=row.id,
        class_id=row.class_id,
        window=window_of(row),
        title=row.title,
        open=row.state == "open",
        rules=rules_of(row.ExamRulesRow),
    )
