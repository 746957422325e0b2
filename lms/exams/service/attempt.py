"""Begins attempts and opens them again: who may, on which paper, for which page."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.audit import service as audit
from lms.exams import queries
from lms.exams.domain import starting
from lms.exams.domain.attempts import SaveVerdict, State
from lms.exams.domain.starting import StartFacts, StartVerdict, may_start
from lms.exams.domain.terms import Rules
from lms.exams.models import AttemptRow
from lms.exams.queries import Question
from lms.exams.service import papers
from lms.exams.service.answer import SaveRefused
from lms.exams.service.grading import hand_in
from lms.exams.service.papers import Drawn
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, NotFound
from lms.learning import queries as learning

DRAWS = 3


class ExamNotOpen(Forbidden):
    """The exam, the class or the person's place in it allows no attempt now."""

    code, title = "exam_not_open", N_("考试目前没有开放")


class CoursesMissing(Forbidden):
    """Courses of the class are not completed; `extra["missing"]` lists them."""

    code, title = "courses_missing", N_("还有课程没有学完，全部学完后才能参加考试")


class AttemptsUsedUp(Conflict):
    """All attempts are used."""

    code, title = "attempts_used_up", N_("考试次数已经用完")


class TooSoon(Conflict):
    """The time between two attempts is not over; `extra["from"]` says from when one may begin."""

    code, title = "too_soon", N_("两次考试之间需要间隔一段时间，请稍后再来")


class TimeOver(Conflict):
    """The attempt that was open has been handed in by the clock; nothing was saved, no further attempt was begun."""

    code, title = "time_over", N_("作答时间已到，答卷已自动交卷")


@dataclass(frozen=True)
class Fresh:
    """What the page of an attempt that has just begun shows."""

    deadline: datetime
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Opened:
    """An attempt that a page has opened; `created` when it began with this, and then its page is `fresh`."""

    attempt_id: UUID
    created: bool
    fresh: Fresh | None = field(default=None, compare=False, repr=False)


def start_or_resume(exam_id: UUID, person_id: UUID, *, now: datetime, seed: int) -> Opened:
    """Opens the person's open attempt for the calling page, or begins one: on a paper drawn ahead, else on one drawn by `seed`.

    The number of statements does not depend on the size of the banks. Raises NotFound, ExamNotOpen, CoursesMissing,
    AttemptsUsedUp, TooSoon, PoolTooSmall; TimeOver when the open attempt had run out: the next call may begin another.
    """
    try:
        return _start_or_resume(exam_id, person_id, now=now, seed=seed)
    except IntegrityError:  # a request at the same moment began the attempt: this one opens it
        return _start_or_resume(exam_id, person_id, now=now, seed=seed)


def _start_or_resume(exam_id: UUID, person_id: UUID, *, now: datetime, seed: int) -> Opened:
    # What two requests could both win (attempt number, one open attempt, attempts left) the database decides at the insert.
    # A paper that nobody drew ahead is drawn between two transactions, so that a class that starts together waits for no draw.
    # Rules that are published meanwhile ask for another paper.
    drawn: Drawn | None = None
    for _ in range(DRAWS + 1):
        opened = _begin(exam_id, person_id, drawn, now=now)
        if opened is not None:
            return opened
        with reading() as session:
            drawn = papers.draw(session, queries.exam(session, exam_id).rules, seed)
    raise LookupError(f"exam {exam_id}: none of {DRAWS} papers drawn for this start was used")


def _begin(exam_id: UUID, person_id: UUID, drawn: Drawn | None, *, now: datetime) -> Opened | None:
    """The attempt; None when a paper must be drawn for it first, by the rules of now, and what was spoilt among those drawn ahead is gone.

    What decides is read before the transaction that stores: SQLite has one writer, and a class that starts together waits for it.
    """
    with reading() as session:
        facts = queries.start_facts(session, exam_id, person_id, now=now)
        rules = queries.rules(session, exam_id, facts.rules_version)
    verdict = may_start(facts, rules, now=now)
    if verdict is StartVerdict.BEGIN:
        if drawn is not None and drawn.rules_version != rules.version:
            return None
        with unit_of_work() as session:
            # An attempt under an account that is gone would be nobody's.
            if not accounts.held_unjoined(session, person_id):
                raise NotFound
            drawn = drawn or papers.take(session, exam_id, rules)
            if drawn is None:
                return None
            attempt_id, deadline = _store(session, exam_id, person_id, facts, rules, drawn, now=now)
        with reading() as session:
            questions = queries.questions(session, drawn.paper.entries)
        return Opened(attempt_id, created=True, fresh=Fresh(deadline, questions))
    if verdict is StartVerdict.GO_ON and facts.open_attempt_id is not None:
        open_again(facts.open_attempt_id, person_id, now=now)
        return Opened(facts.open_attempt_id, created=False)
    raise _refusal(verdict, facts, rules, person_id)


def _store(
    session: Session, exam_id: UUID, person_id: UUID, facts: StartFacts, rules: Rules, drawn: Drawn, *, now: datetime
) -> tuple[UUID, datetime]:
    attempt_id = ids.new_id(now)
    deadline = starting.deadline(facts, rules, now=now)
    extra = starting.granted_minutes(facts, rules)
    values = {
        "id": attempt_id,
        "exam_id": exam_id,
        "rules_version": rules.version,
        "person_id": person_id,
        "attempt_no": facts.begun + 1,
        "state": State.OPEN.value,
        "epoch": 1,
        "seed": drawn.seed,
        "questions": len(drawn.paper.entries),
        "started_at": now,
        "deadline": deadline,
        "closes_at": deadline + rules.grace,
        "submitted_at": None,
        "submitted_by": None,
        "extra_minutes": extra or None,
    }
    audit.add_marked(session, (AttemptRow, values))
    papers.freeze(session, attempt_id, drawn.paper)
    audit.record(
        session,
        action="attempt.started",
        object_type="attempt",
        object_id=attempt_id,
        actor_id=person_id,
        details={
            "exam": str(exam_id),
            "number": facts.begun + 1,
            "rules": rules.version,
            **({"time_percent": facts.exam_percent} if extra else {}),
        },
        now=now,
    )
    return attempt_id, deadline


def _refusal(verdict: StartVerdict, facts: StartFacts, rules: Rules, person_id: UUID) -> Exception:
    if verdict is StartVerdict.NOT_OF_THE_CLASS:
        return NotFound()
    if verdict is StartVerdict.NOT_OPEN:
        return ExamNotOpen(extra={"missing": []})
    if verdict is StartVerdict.USED_UP:
        return AttemptsUsedUp()
    if verdict is StartVerdict.TOO_SOON and facts.last_ended_at is not None:
        return TooSoon(extra={"from": (facts.last_ended_at + rules.terms.wait).isoformat()})
    with reading() as session:
        missing = learning.missing_courses(session, person_id, facts.class_id)
    return CoursesMissing(extra={"missing": [{"id": str(one.id), "title": one.title} for one in missing]})


def open_again(attempt_id: UUID, person_id: UUID, *, now: datetime) -> int:
    """Hands an open attempt to the page that asks: from now on only its saves count. Returns the new epoch.

    Raises NotFound, TimeOver, SaveRefused (closed).
    """
    with unit_of_work() as session:
        found = queries.own_attempt(session, attempt_id, person_id, lock=True)
        over = found.overdue(now)
        if over:
            hand_in(session, found, by="clock", now=now)
        elif found.state is not State.OPEN:
            raise SaveRefused(SaveVerdict.CLOSED)
        else:
            session.execute(update(AttemptRow).where(AttemptRow.id == attempt_id).values(epoch=found.epoch + 1))
    if over:
        raise TimeOver
    return found.epoch + 1
