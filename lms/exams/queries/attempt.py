"""Reads attempts and their results, and where a person stands with them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.accounts.queries import alias_ids
from lms.classes.models import TrainingClassRow
from lms.exams.domain.attempts import State
from lms.exams.domain.keys import Partial
from lms.exams.domain.points import Points, joined, points
from lms.exams.domain.standing import Standing
from lms.exams.domain.terms import Counts
from lms.exams.domain.window import Window
from lms.exams.models import AttemptRow, ExamRow, ExamRulesRow, ScoreAdjustmentRow, ScoreRow
from lms.exams.queries.exam import WINDOW, Exam, exam_of_class, window_of
from lms.exams.queries.starting import start_facts
from lms.infra import db
from lms.infra.db import second
from lms.infra.types import Uuid
from lms.kernel.errors import NotFound


@dataclass(frozen=True)
class Result:
    """What an attempt earned, as it counts now: points, whole or with two places, and whether they are enough."""

    score: Points
    max_score: int
    passed: bool


@dataclass(frozen=True)
class Attempt:
    """One sitting; `result` is None until it is graded."""

    id: UUID
    exam_id: UUID
    class_id: UUID
    exam_title: str
    rules_version: int
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
    review_from: datetime | None
    counts: Counts
    partial: Partial
    window: Window
    result: Result | None
    first_score: Points | None  # before its first correction; None: never corrected

    def overdue(self, now: datetime) -> bool:
        """Whether the clock has to hand it in."""
        return self.state is State.OPEN and now > self.closes_at


_adjusted = second(ScoreAdjustmentRow)
_newest = second(ScoreAdjustmentRow)
_ATTEMPTS: Select[*tuple[Any, ...]] = (
    select(
        AttemptRow.id,
        AttemptRow.exam_id,
        ExamRow.class_id,
        ExamRow.title,
        AttemptRow.rules_version,
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
        ExamRulesRow.review_from,
        ExamRulesRow.counts,
        ExamRulesRow.partial,
        *WINDOW,
        ScoreRow.score,
        ScoreRow.fraction,
        ScoreRow.max_score,
        ScoreRow.passed,
        _adjusted.score.label("later_score"),
        _adjusted.fraction.label("later_fraction"),
        _adjusted.passed.label("later_passed"),
    )
    .join(ExamRow, ExamRow.id == AttemptRow.exam_id)
    .join(
        ExamRulesRow,
        (ExamRulesRow.exam_id == AttemptRow.exam_id) & (ExamRulesRow.version == AttemptRow.rules_version),
    )
    .join(TrainingClassRow, TrainingClassRow.id == ExamRow.class_id)
    .outerjoin(ScoreRow, ScoreRow.attempt_id == AttemptRow.id)
    .outerjoin(
        _adjusted,
        (_adjusted.attempt_id == AttemptRow.id)
        & (_adjusted.no == select(func.max(_newest.no)).where(_newest.attempt_id == AttemptRow.id).scalar_subquery()),
    )
    .order_by(AttemptRow.attempt_no)
)
_PERSON = bindparam("person_id", type_=Uuid)
_ALIASES = select(PersonRow.id).where(or_(PersonRow.id == _PERSON, PersonRow.merged_into == _PERSON))
_BY_ID = _ATTEMPTS.where(AttemptRow.id == bindparam("attempt_id", type_=Uuid))
_OF_PERSON = _ATTEMPTS.where(AttemptRow.person_id.in_(_ALIASES))
_OF_EXAM = _OF_PERSON.where(AttemptRow.exam_id == bindparam("exam_id", type_=Uuid))


def _attempts(session: Session, statement: Select[*tuple[Any, ...]], values: Mapping[str, Any]) -> tuple[Attempt, ...]:
    return tuple(
        Attempt(
            id=row.id,
            exam_id=row.exam_id,
            class_id=row.class_id,
            exam_title=row.title,
            rules_version=row.rules_version,
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
            review_from=row.review_from,
            counts=Counts(row.counts or Counts.BEST),
            partial=Partial(row.partial or Partial.ALL_OR_NOTHING),
            window=window_of(row),
            result=_result(row),
            first_score=points(joined(row.score, row.fraction)) if row.later_score is not None else None,
        )
        for row in session.execute(statement, values)
    )


def _result(row: Any) -> Result | None:
    if row.score is None:
        return None
    if row.later_score is not None:
        return Result(points(joined(row.later_score, row.later_fraction)), row.max_score, row.later_passed)
    return Result(points(joined(row.score, row.fraction)), row.max_score, row.passed)


def attempts_of(session: Session, exam_id: UUID, person_id: UUID) -> tuple[Attempt, ...]:
    """A person's attempts at an exam, the first first, those of joined accounts among them."""
    return _attempts(session, _OF_EXAM, {"exam_id": exam_id, "person_id": person_id})


def attempts_of_person(session: Session, person_id: UUID) -> tuple[Attempt, ...]:
    """All attempts of a person and of joined accounts, at whatever exam."""
    return _attempts(session, _OF_PERSON, {"person_id": person_id})


def has_open_attempt(session: Session, person_id: UUID) -> bool:
    """Whether an exam of the person is under way, under this very account."""
    statement = select(AttemptRow.id).where(AttemptRow.person_id == person_id, AttemptRow.state == State.OPEN.value)
    return session.execute(statement.limit(1)).first() is not None


def results(session: Session, person_id: UUID) -> dict[UUID, Result]:
    """The result that counts in each class, of the person and of joined accounts: the best or the last, as the rules say."""
    by_class: dict[UUID, list[Attempt]] = defaultdict(list)
    for one in attempts_of_person(session, person_id):
        if one.state is State.GRADED:
            by_class[one.class_id].append(one)
    return {class_id: found for class_id, graded in by_class.items() if (found := counting(graded)) is not None}


def counting(graded: Sequence[Attempt]) -> Result | None:
    """Of several graded attempts at an exam the result that counts, by the rules of the last one; None without any."""
    timed = sorted(graded, key=lambda one: one.started_at)
    listed = [one.result for one in timed if one.result is not None]
    if not listed:
        return None
    return listed[-1] if timed[-1].counts is Counts.LAST else max(listed, key=lambda one: (one.passed, one.score))


def best_passes(session: Session, person_id: UUID) -> dict[UUID, Points]:
    """The passed score that counts, by class, of the person and of joined accounts."""
    return {class_id: one.score for class_id, one in results(session, person_id).items() if one.passed}


def attempt(session: Session, attempt_id: UUID, *, lock: bool = False) -> Attempt:
    """One attempt; `lock` keeps saves and hand-in of it in line until the unit of work ends. Raises NotFound."""
    if lock:
        # First the lock, then the reading: a join that waited for the lock would still show no score beside "graded".
        session.execute(db.for_update(select(AttemptRow.id).where(AttemptRow.id == attempt_id)))
    found = _attempts(session, _BY_ID, {"attempt_id": attempt_id})
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


def standing(
    session: Session,
    exam: Exam,
    person_id: UUID,
    *,
    enrolled: bool,
    now: datetime,
    mine: Sequence[Attempt] | None = None,
) -> Standing:
    """Where a person, `enrolled` in the class or not, stands in an exam; voided attempts don't count.

    Two statements; one when the person's attempts, `mine`, have been read.
    """
    facts = start_facts(session, exam.id, person_id, now=now)
    listed = attempts_of(session, exam.id, person_id) if mine is None else mine
    counted = [one for one in listed if one.state is not State.VOIDED]
    found = counting([one for one in counted if one.state is State.GRADED])
    return Standing(
        exam_id=exam.id,
        questions=exam.questions,
        minutes=exam.blueprint.minutes,
        pass_mark=exam.blueprint.pass_mark,
        max_score=exam.blueprint.maximum,
        max_attempts=exam.blueprint.max_attempts + facts.further,
        attempts_used=len(counted),
        best_score=found.score if found else None,
        passed=found is not None and found.passed,
        open_attempt_id=next((one.id for one in counted if one.state is State.OPEN), None),
        running=enrolled and exam.open and (exam.may_begin(now) or facts.sitting_until is not None),
    )


def standing_in_class(
    session: Session, class_id: UUID, person_id: UUID, *, enrolled: bool, now: datetime
) -> Standing | None:
    """Where a person stands in the exam of a class, None when the class has none. Three statements."""
    found = exam_of_class(session, class_id)
    return standing(session, found, person_id, enrolled=enrolled, now=now) if found else None
