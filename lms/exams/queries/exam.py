"""Reads exams under their newest rules."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.classes.models import TrainingClassRow
from lms.exams.domain.blueprint import Blueprint, Section
from lms.exams.models import ExamRow, ExamRulesRow
from lms.kernel.errors import NotFound


@dataclass(frozen=True)
class Exam:
    """An exam under its newest rules; `review` says whether keys are shown when the class is over ("full") or never ("score")."""

    id: UUID
    class_id: UUID
    class_phase: str
    title: str
    open: bool
    rules_version: int
    blueprint: Blueprint
    grace: timedelta
    review: str

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


def _exam(session: Session, condition) -> Exam | None:  # type: ignore[no-untyped-def]  # a SQL condition
    row = session.execute(
        select(ExamRow, ExamRulesRow, TrainingClassRow.phase)
        .join(ExamRulesRow, ExamRulesRow.exam_id == ExamRow.id)
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .where(condition)
        .order_by(ExamRulesRow.version.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    one, rules, phase = row
    return Exam(
        id=one.id,
        class_id=one.class_id,
        class_phase=phase,
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
