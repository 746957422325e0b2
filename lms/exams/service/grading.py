"""Hands in and scores: by the learner or by the clock, each attempt once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import RowMapping, String, Table, bindparam, case, exists, select, update
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.audit import service as audit
from lms.exams import queries
from lms.exams.domain import attempts, scoring
from lms.exams.domain.attempts import Action, AttemptRefused, State
from lms.exams.domain.points import HUNDRED, points, split
from lms.exams.domain.regrade import KeyChange, rescored
from lms.exams.domain.scoring import Line, ScoreSheet
from lms.exams.domain.terms import Rules
from lms.exams.events import AttemptGraded, attempt_graded
from lms.exams.models import AttemptRow, ExamRow, RegradeRow, ScoreRow
from lms.exams.queries import Attempt, AttemptView, Result
from lms.exams.service.pieces import queue_pieces
from lms.infra.db import reading, unit_of_work
from lms.infra.types import Instant, Uuid

log = structlog.get_logger()

OVERDUE_AT_ONCE = 500


@dataclass(frozen=True)
class Graded:
    """An attempt that has been handed in; `result` is None while people have yet to mark something."""

    state: State
    result: Result | None


def submit(attempt_id: UUID, person_id: UUID, *, now: datetime) -> Graded:
    """Hands in and scores; repeating it gives the same answer. Raises NotFound, AttemptRefused for a voided attempt."""
    with unit_of_work() as session:
        closed = _close(session, attempt_id, now=now, by="learner", person_id=person_id)
        if closed is not None:
            return _grade(session, closed, now=now)
        found = queries.own_attempt(session, attempt_id, person_id, lock=True)
        if found.state in (State.SUBMITTED, State.GRADED):
            return Graded(found.state, found.result)
        return hand_in(session, found, by="learner", now=now)


def settled_view(attempt_id: UUID, person_id: UUID, *, now: datetime) -> AttemptView:
    """An attempt as its owner may see it now, handed in first when its time is over. Raises NotFound."""
    with reading() as session:
        found = queries.attempt_view(session, attempt_id, person_id, now=now)
    if not found.attempt.overdue(now):
        return found
    hand_in_if_over(attempt_id, now=now)
    with reading() as session:
        return queries.attempt_view(session, attempt_id, person_id, now=now)


def hand_in_if_over(attempt_id: UUID, *, now: datetime) -> bool:
    """Hands in what is saved when deadline and grace are over. Returns whether it did. Raises NotFound."""
    with unit_of_work() as session:
        found = queries.attempt(session, attempt_id, lock=True)
        over = found.overdue(now)
        if over:
            hand_in(session, found, by="clock", now=now)
    return over


def submit_overdue(*, now: datetime) -> int:
    """Hands in all attempts that have run out, each in its own step so that one fault holds no other up. Returns how many."""
    with reading() as session:
        waiting = queries.overdue(session, now, limit=OVERDUE_AT_ONCE)
    done = 0
    for attempt_id in waiting:
        try:
            done += hand_in_if_over(attempt_id, now=now)
        except Exception as error:
            log.exception("attempt not handed in", attempt_id=str(attempt_id), error_type=type(error).__name__)
    return done


def hand_in(session: Session, attempt: Attempt, *, by: str, now: datetime) -> Graded:
    """Closes a locked attempt and scores what is saved, once. Raises AttemptRefused when it is not open."""
    attempts.advance(attempt.state, Action.SUBMIT)
    closed = _close(session, attempt.id, now=now, by=by)
    if closed is None:
        raise AttemptRefused(attempt.state, Action.SUBMIT)
    return _grade(session, closed, now=now)


def _close(
    session: Session, attempt_id: UUID, *, now: datetime, by: str, person_id: UUID | None = None
) -> RowMapping | None:
    """Makes an open attempt submitted and gives its row and the version of its newest mark; None when there is no such open one.

    When time is over it is the clock that hands in, whoever asks.
    """
    statement = _CLOSE if person_id is None else _CLOSE_OWN
    values = {"of_attempt": attempt_id, "of_person": person_id, "row_id": attempt_id.hex, "at": now, "by": by}
    return session.connection().execute(statement, values).mappings().first()


def _grade(session: Session, closed: RowMapping, *, now: datetime) -> Graded:
    """Scores an attempt that has just been closed; what people mark stays submitted until they have."""
    attempt_id, exam_id = closed["id"], closed["exam_id"]
    rules = queries.rules(session, exam_id, closed["rules_version"])
    changes = queries.key_changes(session, exam_id) if closed["changed_keys"] else ()
    sheet = sheet_of(session, attempt_id, rules, changes=changes)
    row = {name: closed[name] for name in _ROW}
    if not sheet.complete:
        audit.store(session, [audit.mark_changed(AttemptRow, row, closed["newest"] or 0)])
        _tell(session, closed, "attempt.submitted", {"by": closed["submitted_by"]}, now=now)
        queue_pieces(session, attempt_id, exam_id, now=now)
        return Graded(State.SUBMITTED, None)
    result = store_score(session, attempt_id, sheet, rules, now=now)
    row["state"] = attempts.advance(State.SUBMITTED, Action.GRADE).value
    session.connection().execute(_GRADED, {"of_attempt": attempt_id})
    audit.store(session, [audit.mark_changed(AttemptRow, row, closed["newest"] or 0)])
    said = {"score": result.score, "max_score": result.max_score, "passed": result.passed}
    _tell(session, closed, "attempt.graded", {"by": closed["submitted_by"], **said}, now=now)
    announce(session, attempt_id, exam_id, closed["person_id"], result, now=now)
    return Graded(State.GRADED, result)


def grade_marked(session: Session, attempt_id: UUID, *, now: datetime) -> bool:
    """Gives an attempt its score when everything that people mark is settled. Returns whether it did.

    The attempt is locked first, so that of two markers who settle its last answers at once one sees both.
    """
    found = queries.attempt(session, attempt_id, lock=True)
    marks = queries.unfinished(session, attempt_id)
    given = {position: earned for position, earned in marks.items() if earned is not None}
    if found.state is not State.SUBMITTED or len(given) < len(marks):
        return False
    rules = queries.rules(session, found.exam_id, found.rules_version)
    changes = queries.key_changes(session, found.exam_id)
    sheet = sheet_of(session, attempt_id, rules, marks=given, changes=changes)
    result = store_score(session, attempt_id, sheet, rules, now=now)
    attempts.advance(found.state, Action.GRADE)
    session.connection().execute(_GRADED, {"of_attempt": attempt_id})
    audit.mark_again(session, AttemptRow, attempt_id)
    audit.record(
        session,
        action="attempt.graded",
        object_type="attempt",
        object_id=attempt_id,
        details={"by": "markers", "score": result.score, "max_score": result.max_score, "passed": result.passed},
        now=now,
    )
    announce(session, attempt_id, found.exam_id, found.person_id, result, now=now)
    return True


def sheet_of(
    session: Session,
    attempt_id: UUID,
    rules: Rules,
    *,
    marks: Mapping[int, int] | None = None,
    changes: Sequence[KeyChange] = (),
) -> ScoreSheet:
    """The sheet of what is saved of an attempt, after the `changes` of keys that were decided for its exam.

    `marks`: hundredths that people gave, by position. Raises KeyMissing.
    """
    paper = queries.paper(session, attempt_id)
    saved = {position: one.value for position, one in queries.answers(session, attempt_id).items()}
    items = queries.items(session, [entry.version_id for entry in paper.entries])
    keys = {version_id: item.key for version_id, item in items.items()}
    sheet = scoring.score(paper, saved, keys, rules.terms.partial, marks=marks)
    return rescored(sheet, changes, rules.terms.partial)


def store_score(session: Session, attempt_id: UUID, sheet: ScoreSheet, rules: Rules, *, now: datetime) -> Result:
    """Stores the score of a submitted attempt whose sheet is complete, with its mark."""
    whole, fraction = split(sheet.total)
    passed = sheet.passed(rules.blueprint.pass_mark)
    values = {
        "attempt_id": attempt_id,
        "score": whole,
        "fraction": fraction,
        "max_score": sheet.maximum // HUNDRED,
        "passed": passed,
        "sheet": sheet_lines(sheet),
        "graded_at": now,
    }
    audit.add_marked(session, (ScoreRow, values))
    return Result(points(sheet.total), sheet.maximum // HUNDRED, passed)


def announce(
    session: Session, attempt_id: UUID, exam_id: UUID, person_id: UUID, result: Result, *, now: datetime
) -> None:
    """Tells the subjects above that an attempt has its score."""
    class_id = session.connection().execute(_CLASS, {"of_exam": exam_id}).scalar_one()
    stands = result.passed and _stands(session, exam_id, person_id)
    event = AttemptGraded(
        attempt_id, exam_id, class_id, person_id, result.score, result.max_score, result.passed, stands, now
    )
    attempt_graded.send(None, event=event)


def _stands(session: Session, exam_id: UUID, person_id: UUID) -> bool:
    mine = queries.attempts_of(session, exam_id, accounts.kept_id(session, person_id))
    counts = queries.counting([one for one in mine if one.state is State.GRADED])
    return counts is not None and counts.passed


def sheet_lines(sheet: ScoreSheet) -> list[dict[str, Any]]:
    """A sheet as it is stored."""
    return [_line(one) for one in sheet.lines]


def _line(one: Line) -> dict[str, Any]:
    whole, fraction = split(one.earned or 0)
    line = {"position": one.position, "given": one.given, "key": one.key, "earned": whole, "points": one.points}
    return line if fraction is None else line | {"fraction": fraction}


def _tell(session: Session, closed: RowMapping, action: str, details: dict[str, Any], *, now: datetime) -> None:
    audit.record(
        session,
        action=action,
        object_type="attempt",
        object_id=closed["id"],
        actor_id=closed["person_id"] if closed["submitted_by"] == "learner" else None,
        details=details,
        now=now,
    )


_attempt: Table = AttemptRow.__table__  # type: ignore[assignment]  # a declared table is one
_ROW = tuple(str(column.name) for column in _attempt.c)
_at = bindparam("at", type_=Instant)
_CLOSE = (
    update(_attempt)
    .where(_attempt.c.id == bindparam("of_attempt", type_=Uuid), _attempt.c.state == State.OPEN.value)
    .values(
        state=State.SUBMITTED.value,
        submitted_at=_at,
        submitted_by=case((_attempt.c.closes_at < _at, "clock"), else_=bindparam("by", type_=String)),
    )
    .returning(
        *_attempt.c,
        audit.newest_mark(AttemptRow, bindparam("row_id", type_=String)).label("newest"),
        exists()
        .where(RegradeRow.exam_id == _attempt.c.exam_id, RegradeRow.state.in_(("confirmed", "done")))
        .label("changed_keys"),
    )
)
_CLOSE_OWN = _CLOSE.where(_attempt.c.person_id == bindparam("of_person", type_=Uuid))
_GRADED = update(_attempt).where(_attempt.c.id == bindparam("of_attempt", type_=Uuid)).values(state=State.GRADED.value)
_CLASS = select(ExamRow.class_id).where(ExamRow.id == bindparam("of_exam", type_=Uuid))
