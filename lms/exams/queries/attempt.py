"""Reads attempts and their results, and where a person stands with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from lms.accounts.queries import alias_ids, aliases
from lms.classes.models import TrainingClassRow
from lms.exams.domain.attempts import State
from lms.exams.domain.standing import Standing
from lms.exams.domain.window import Window
from lms.exams.models import AttemptRow, ExamRow, ExamRulesRow, ScoreRow
from lms.exams.queries.exam import LONGEST_SECONDS, Exam, exam_of_class
from lms.infra import db
from lms.kernel.errors import NotFound


@dataclass(frozen=True)
class Result:
    """What an attempt earned, in whole points."""

    score: int
    max_score: int
    passed: bool


@dataclass(frozen=True)
class Attempt:
    """One sitting; `result` is None until it is graded."""

    id: UUID
    exam_id: UUID
    class_id: UUID
    exam_title: str
    person_id: UUID
    attempt_no: int
    state: State
    epoch: int
    started_at: datetime
    deadline: datetime
    closes_at: datetime
    submitted_at: datetime | None
    submitted_by: str | None
    pass_mark: int
    review: str
    window: Window
    result: Result | None

    def overdue(self, now: datetime) -> bool:
        """Whether the clock has to hand it in."""
        return self.state is State.OPEN and now > self.closes_at


def _attempts(session: Session, *conditions: ColumnElement[bool]) -> tuple[Attempt, ...]:
    statement = (
        select(
            AttemptRow.id,
            AttemptRow.exam_id,
            ExamRow.class_id,
            ExamRow.title,
            AttemptRow.person_id,
            AttemptRow.attempt_no,
            AttemptRow.state,
            AttemptRow.epoch,
            AttemptRow.started_at,
            AttemptRow.deadline,
            AttemptRow.closes_at,
            AttemptRow.submitted_at,
            AttemptRow.submitted_by,
            ExamRulesRow.pass_mark,
            ExamRulesRow.review,
            TrainingClassRow.phase,
            TrainingClassRow.starts_on,
            TrainingClassRow.ends_on,
            LONGEST_SECONDS,
            ScoreRow.score,
            ScoreRow.max_score,
            ScoreRow.passed,
        )
        .join(ExamRow, ExamRow.id == AttemptRow.exam_id)
        .join(
            ExamRulesRow,
            (ExamRulesRow.exam_id == AttemptRow.exam_id) & (ExamRulesRow.version == AttemptRow.rules_version),
        )
        .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
        .outerjoin(ScoreRow, ScoreRow.attempt_id == AttemptRow.id)
        .where(*conditions)
        .order_by(AttemptRow.attempt_no)
    )
    return tuple(
        Attempt(
            id=row.id,
            exam_id=row.exam_id,
            class_id=row.class_id,
            exam_title=row.title,
            person_id=row.person_id,
            attempt_no=row.attempt_no,
            state=State(row.state),
            epoch=row.epoch,
            started_at=row.started_at,
            deadline=row.deadline,
            closes_at=row.closes_at,
            submitted_at=row.submitted_at,
            submitted_by=row.submitted_by,
            pass_mark=row.pass_mark,
            review=row.review,
            window=Window(row.phase, row.starts_on, row.ends_on, timedelta(seconds=row.longest_seconds)),
            result=Result(row.score, row.max_score, row.passed) if row.score is not None else None,
        )
        for row in session.execute(statement)
    )


def attempts_of(session: Session, exam_id: UUID, person_id: UUID) -> tuple[Attempt, ...]:
    """A person's attempts at an exam, the first first, those of joined accounts among them."""
    return _attempts(session, AttemptRow.exam_id == exam_id, AttemptRow.person_id.in_(aliases(person_id)))


def attempts_of_person(session: Session, person_id: UUID) -> tuple[Attempt, ...]:
    """All attempts of a person and of joined accounts, at whatever exam."""
    return _attempts(session, AttemptRow.person_id.in_(aliases(person_id)))


def has_open_attempt(session: Session, person_id: UUID) -> bool:
    """Whether an exam of the person is under way, under this very account."""
    statement = select(AttemptRow.id).where(AttemptRow.person_id == person_id, AttemptRow.state == State.OPEN.value)
    return session.execute(statement.limit(1)).first() is not None


def best_passes(session: Session, person_id: UUID) -> dict[UUID, int]:
    """The best passed score by class, of the person and of joined accounts."""
    rows = session.execute(
        select(ExamRow.class_id, func.max(ScoreRow.score))
        .join(AttemptRow, AttemptRow.exam_id == ExamRow.id)
        .join(ScoreRow, ScoreRow.attempt_id == AttemptRow.id)
        .where(AttemptRow.person_id.in_(aliases(person_id)), AttemptRow.state == State.GRADED.value, ScoreRow.passed)
        .group_by(ExamRow.class_id)
    )
    return {row[0]: row[1] for row in rows}


def attempt(session: Session, attempt_id: UUID, *, lock: bool = False) -> Attempt:
    """One attempt; `lock` keeps saves and hand-in of it in line until the unit of work ends. Raises NotFound."""
    if lock:
        # First the lock, then the reading: a join that waited for the lock would still show no score beside "graded".
        session.execute(db.for_update(select(AttemptRow.id).where(AttemptRow.id == attempt_id)))
    found = _attempts(session, AttemptRow.id == attempt_id)
    if not found:
        raise NotFound
    return found[0]


def own_attempt(session: Session, attempt_id: UUID, person_id: UUID, *, lock: bool = False) -> Attempt:
    """One attempt of a person or of an account joined into theirs; another's looks as if it did not exist. Raises NotFound.

    Accounts are only looked up when the attempt is not the person's own.
    """
    found = attempt(session, attempt_id, lock=lock)
    if found.person_id != person_id and found.person_id not in alias_ids(session, person_id):
        raise NotFound
    return found


def overdue(session: Session, now: datetime, *, limit: int) -> tuple[UUID, ...]:
    """Open attempts whose deadline and grace are over, the longest overdue first."""
    rows = session.execute(
        select(AttemptRow.id)
        .where(AttemptRow.state == "open", AttemptRow.closes_at < now)
        .order_by(AttemptRow.closes_at)
        .limit(limit)
    )
    return tuple(rows.scalars())


def sat_since(session: Session, person_id: UUID, since: datetime) -> bool:
    """Whether the person has an attempt open whose time ran, or runs, after a moment."""
    running = select(AttemptRow.id).where(
        AttemptRow.person_id == person_id, AttemptRow.state == "open", AttemptRow.closes_at > since
    )
    return session.execute(running.limit(1)).first() is not None


def standing(session: Session, exam: Exam, person_id: UUID, *, enrolled: bool, now: datetime) -> Standing:
    """Where a person, `enrolled` in the class or not, stands in an exam; voided attempts don't count. One statement."""
    counted = [one for one in attempts_of(session, exam.id, person_id) if one.state is not State.VOIDED]
    results = [one.result for one in counted if one.result is not None]
    return Standing(
        exam_id=exam.id,
        questions=exam.questions,
        minutes=exam.blueprint.minutes,
        pass_mark=exam.blueprint.pass_mark,
        max_score=exam.blueprint.maximum,
        max_attempts=exam.blueprint.max_attempts,
        attempts_used=len(counted),
        best_score=max((result.score for result in results), default=None),
        passed=any(result.passed for result in results),
        open_attempt_id=next((one.id for one in counted if one.state is State.OPEN), None),
        running=enrolled and exam.may_begin(now),
    )


def standing_in_class(
    session: Session, class_id: UUID, person_id: UUID, *, enrolled: bool, now: datetime
) -> Standing | None:
    """Where a person stands in the exam of a class, None when the class has none. Two statements."""
    found = exam_of_class(session, class_id)
    return standing(session, found, person_id, enrolled=enrolled, now=now) if found else None
