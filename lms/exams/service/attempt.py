"""Begins attempts and opens them again: who may, on which paper, for which page."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

import msgspec
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.classes import queries as classes
from lms.exams import queries
from lms.exams.domain import attempts, drawing
from lms.exams.domain.attempts import SaveVerdict, State
from lms.exams.domain.drawing import Paper
from lms.exams.models import AttemptQuestionRow, AttemptRow
from lms.exams.queries import Exam
from lms.exams.service.answer import SaveRefused
from lms.exams.service.grading import hand_in
from lms.infra.cache import cache
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, NotFound
from lms.learning import queries as learning
from lms.questionbank import queries as questionbank
from lms.questionbank.queries import PoolItem

POOL_SECONDS = 5.0
_pool = msgspec.json.Decoder(tuple[PoolItem, ...])


class ExamNotOpen(Forbidden):
    """The exam, the class or the person's place in it allows no attempt now."""

    code, title = "exam_not_open", N_("考试目前没有开放")


class CoursesMissing(Forbidden):
    """Courses of the class are not completed; `extra["missing"]` lists them."""

    code, title = "courses_missing", N_("还有课程没有学完，全部学完后才能参加考试")


class AttemptsUsedUp(Conflict):
    """All attempts are used."""

    code, title = "attempts_used_up", N_("考试次数已经用完")


class TimeOver(Conflict):
    """The attempt that was open has been handed in by the clock; nothing was saved, no further attempt was begun."""

    code, title = "time_over", N_("作答时间已到，答卷已自动交卷")


@dataclass(frozen=True)
class Opened:
    """An attempt that a page has opened; `created` when it began with this."""

    attempt_id: UUID
    created: bool


def require_eligible(session: Session, exam: Exam, person_id: UUID, *, now: datetime) -> None:
    """Passes who may begin an attempt. Raises NotFound (not of the class), ExamNotOpen, CoursesMissing."""
    enrolment = classes.enrolment(session, exam.class_id, person_id)
    if enrolment is None:
        raise NotFound
    if not (enrolment.active and exam.may_begin(now)):
        raise ExamNotOpen(extra={"missing": []})
    missing = learning.missing_courses(session, person_id, exam.class_id)
    if missing:
        raise CoursesMissing(extra={"missing": [{"id": str(one.id), "title": one.title} for one in missing]})


def start_or_resume(exam_id: UUID, person_id: UUID, *, now: datetime, seed: int) -> Opened:
    """Opens the person's open attempt for the calling page, or begins one on a paper drawn by `seed`.

    Raises NotFound, ExamNotOpen, CoursesMissing, AttemptsUsedUp, PoolTooSmall; TimeOver when the open attempt had run out:
    the next call may begin another.
    """
    try:
        return _start_or_resume(exam_id, person_id, now=now, seed=seed)
    except IntegrityError:  # a request at the same moment began the attempt: this one opens it
        return _start_or_resume(exam_id, person_id, now=now, seed=seed)


def _start_or_resume(exam_id: UUID, person_id: UUID, *, now: datetime, seed: int) -> Opened:
    # The draw is made before the writing begins, so that a class that starts together waits for no reader; eligibility is
    # asked first, to answer early, and again inside. What two requests could both win (attempt number, one open attempt,
    # attempts left) the database decides at the insert.
    with reading() as session:
        exam = queries.exam(session, exam_id)
        mine = queries.attempts_of(session, exam_id, person_id)
        known = next((one for one in mine if one.state is State.OPEN), None)
        if known is None:
            require_eligible(session, exam, person_id, now=now)
            if sum(one.state is not State.VOIDED for one in mine) >= exam.blueprint.max_attempts:
                raise AttemptsUsedUp
            paper = _draw(session, exam, seed)
    if known is not None:
        open_again(known.id, person_id, now=now)
        return Opened(known.id, created=False)
    attempt_id = ids.new_id(now)
    deadline = attempts.deadline(now, exam.blueprint.minutes)
    with unit_of_work() as session:
        require_eligible(session, queries.exam(session, exam_id), person_id, now=now)
        session.add(
            AttemptRow(
                id=attempt_id,
                exam_id=exam_id,
                rules_version=exam.rules_version,
                person_id=person_id,
                attempt_no=len(mine) + 1,
                state=State.OPEN.value,
                epoch=1,
                seed=seed,
                questions=len(paper.entries),
                started_at=now,
                deadline=deadline,
                closes_at=deadline + exam.grace,
            )
        )
        session.flush()
        session.execute(
            insert(AttemptQuestionRow),
            [
                {
                    "attempt_id": attempt_id,
                    "position": entry.position,
                    "item_version_id": entry.version_id,
                    "type": entry.type,
                    "points": entry.points,
                    "option_order": list(entry.option_order),
                }
                for entry in paper.entries
            ],
        )
        audit.record(
            session,
            action="attempt.started",
            object_type="attempt",
            object_id=attempt_id,
            actor_id=person_id,
            details={"exam": str(exam_id), "number": len(mine) + 1, "rules": exam.rules_version},
            now=now,
        )
    return Opened(attempt_id, created=True)


def _draw(session: Session, exam: Exam, seed: int) -> Paper:
    """A paper from the published items. The pool is remembered for seconds, for classes that start together; what a paper
    drew from it is looked at again, and an item that was withdrawn meanwhile makes the draw begin anew on a fresh pool."""
    for pool in (_remembered_pool(session, exam.banks), None):
        fresh = pool if pool is not None else questionbank.drawable_items(session, exam.banks)
        rng = Random(seed)
        paper = drawing.draw(exam.blueprint, fresh, rng)
        items = questionbank.item_versions(session, [entry.version_id for entry in paper.entries])
        if pool is None or sum(item.published for item in items.values()) == len(paper.entries):
            break
    keys = {version_id: tuple(option.key for option in item.options) for version_id, item in items.items()}
    return drawing.shuffle_options(paper, keys, rng)


def _remembered_pool(session: Session, banks: tuple[str, ...]) -> tuple[PoolItem, ...]:
    key = f"exams.pool:{','.join(banks)}"
    kept = cache().get(key)
    if kept is not None:
        return _pool.decode(kept)
    pool = questionbank.drawable_items(session, banks)
    cache().set(key, msgspec.json.encode(pool), POOL_SECONDS)
    return pool


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
