"""Hands in and scores: by the learner or by the clock, each attempt once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.exams import queries
from lms.exams.domain import attempts, scoring
from lms.exams.domain.attempts import Action, State
from lms.exams.events import AttemptGraded, attempt_graded
from lms.exams.models import AttemptRow, ScoreRow
from lms.exams.queries import Attempt, AttemptView, Result
from lms.infra.db import reading, unit_of_work
from lms.questionbank import queries as questionbank

log = structlog.get_logger()

OVERDUE_AT_ONCE = 500


@dataclass(frozen=True)
class Graded:
    """A scored attempt."""

    state: State
    result: Result


def submit(attempt_id: UUID, person_id: UUID, *, now: datetime) -> Graded:
    """Hands in and scores; repeating it gives the same answer. Raises NotFound, AttemptRefused for a voided attempt."""
    with unit_of_work() as session:
        found = queries.own_attempt(session, attempt_id, person_id, lock=True)
        if found.result is not None and found.state is State.GRADED:
            return Graded(found.state, found.result)
        return Graded(State.GRADED, hand_in(session, found, by="clock" if found.overdue(now) else "learner", now=now))


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


def hand_in(session: Session, attempt: Attempt, *, by: str, now: datetime) -> Result:
    """Closes a locked attempt and scores what is saved, once. Raises AttemptRefused when it is not open."""
    submitted = attempts.advance(attempt.state, Action.SUBMIT)
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.id == attempt.id)
        .values(state=submitted.value, submitted_at=now, submitted_by=by)
    )
    paper = queries.paper(session, attempt.id)
    saved = {position: one.value for position, one in queries.answers(session, attempt.id).items()}
    items = questionbank.item_versions(session, [entry.version_id for entry in paper.entries])
    keys = {version_id: item.answer for version_id, item in items.items()}
    sheet = scoring.score(paper, saved, keys)
    result = Result(sheet.total, sheet.maximum, sheet.total >= attempt.pass_mark)
    lines = [
        {"position": one.position, "given": one.given, "key": one.key, "earned": one.earned, "points": one.points}
        for one in sheet.lines
    ]
    session.add(
        ScoreRow(
            attempt_id=attempt.id,
            score=result.score,
            max_score=result.max_score,
            passed=result.passed,
            sheet=lines,
            graded_at=now,
        )
    )
    session.flush()
    graded = attempts.advance(submitted, Action.GRADE)
    session.execute(update(AttemptRow).where(AttemptRow.id == attempt.id).values(state=graded.value))
    audit.mark_again(session, AttemptRow, attempt.id)
    audit.record(
        session,
        action="attempt.graded",
        object_type="attempt",
        object_id=attempt.id,
        actor_id=attempt.person_id if by == "learner" else None,
        details={"by": by, "score": result.score, "max_score": result.max_score, "passed": result.passed},
        now=now,
    )
    attempt_graded.send(
        None,
        event=AttemptGraded(
            attempt.id,
            attempt.exam_id,
            attempt.class_id,
            attempt.person_id,
            result.score,
            result.max_score,
            result.passed,
            now,
        ),
    )
    return result
