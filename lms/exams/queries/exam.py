"""Reads exams under their newest rules."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from lms.classes.models import TrainingClassRow
from lms.exams.domain.blueprint import Blueprint, Section
from lms.exams.domain.window import Window
from lms.exams.models import ExamRow, ExamRulesRow
from lms.kernel.errors import NotFound

_any_rules = aliased(ExamRulesRow)
LONGEST_SECONDS = (
    select(func.max(_any_rules.minutes * 60 + _any_rules.grace_seconds))
    .where(_any_rules.exam_id == ExamRow.id)
    .correlate(ExamRow)
    .scalar_subquery()
    .label("longest_seconds")
)
"""The longest that an attempt at the exam of the row can last under any version of its rules."""


@dataclass(frozen=True)
class Exam:
    """An exam under its newest rules; `review` says whether keys are shown when the class is over ("full") or never ("score")."""

    id: UUID
    class_id: UUID
    window: Window
    title: str
    open: bool
    rules_version: int
    blueprint: Blueprint
    grace: timedelta
    review: str

    def may_begin(self, now: datetime) -> bool:
        """Whether the exam takes new attempts now; who may begin one is asked besides."""
        return self.open and self.window.may_begin(now)

    @property
    def questions(self) -> int:
        """How many items a paper has."""
        return sum(section.count for section in self.blueprint.sections)

    @property
    def banks(self) -> tuple[str, ...]:
        """The banks that papers are drawn from."""
        return tuple(dict.fromkeys(bank for section in self.blueprint.sections for bank in section.banks))


def exam(session: Session, exam_id: UUID) -> Exam:
    """One exam. Raises NotFound."""
    found = _exam(session, ExamRow.id == exam_id)
    if found is None:
        raise NotFound
    return found


def exam_of_class(session: Session, class_id: UUID) -> Exam | None:
    """The exam of a class, None when it has none."""
    return _exam(session, ExamRow.class_id == class_id)


def _exam(session: Session, condition: ColumnElement[bool]) -> Exam | None:
    row = session.execute(
        select(
            ExamRow,
            ExamRulesRow,
            TrainingClassRow.phase,
            TrainingClassRow.starts_on,
            TrainingClassRow.ends_on,
            LONGEST_SECONDS,
        )
        .join(ExamRulesRow, ExamRulesRow.exam_id == ExamRow.id)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .where(condition)
        .order_by(ExamRulesRow.version.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    one, rules, phase, starts_on, ends_on, longest = row
    return Exam(
        id=one.id,
        class_id=one.class_id,
        window=Window(phase, starts_on, ends_on, timedelta(seconds=longest)),
        title=one.title,
        open=one.state == "open",
        rules_version=rules.version,
        blueprint=Blueprint(
            tuple(Section(s["type"], s["count"], s["points"], tuple(s["banks"])) for s in rules.sections),
            minutes=rules.minutes,
            pass_mark=rules.pass_mark,
            max_attempts=rules.max_attempts,
        ),
        grace=timedelta(seconds=rules.grace_seconds),
        review=rules.review,
    )
