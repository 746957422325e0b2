"""What invigilators do while an exam is under way: tell candidates something, and give more time, which takes two of them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.queries import in_one_hand, own_among
from lms.accounts.service.second_person import InOneHand
from lms.audit import service as audit
from lms.exams import queries
from lms.exams.domain.attempts import State
from lms.exams.domain.watching import MINUTES, RequestState, Verdict, may_decide
from lms.exams.models import AllowanceRequestRow, AllowanceRow, AttemptRow, ExamMessageRow
from lms.exams.service.own_exam import refuse_own
from lms.infra.db import for_update, reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.kernel.numbers import refuse_numbers

AT_ONCE = 50
"""Attempts that get more time in one transaction: saves of others wait no longer than for so many."""
REQUESTS_AT_ONCE = 20
LONGEST_TEXT, LONGEST_REASON = 300, 200


class NobodyAtWork(Conflict):
    """More time is for attempts that are open."""

    code, title = "nobody_at_work", N_("没有正在作答的答卷，不能加时")


class NoReader(Conflict):
    """A message is for an attempt that is open: no page shows it afterwards."""

    code, title = "no_reader", N_("这份答卷已经交卷，消息没有发出")


class NotDecidable(Conflict):
    """The request can't be decided by this person, or no longer."""

    TITLES = {
        Verdict.OWN: N_("加时须由另一位工作人员确认，不能确认自己提出的加时"),
        Verdict.DECIDED: N_("这条加时已经处理过了"),
        Verdict.LAPSED: N_("这条加时提出已超过 15 分钟，没有执行，请重新提出"),
    }

    def __init__(self, verdict: Verdict) -> None:
        self.code = f"more_time_{verdict.value}"
        self.title = self.TITLES[verdict]
        super().__init__()


def tell(
    exam_id: UUID,
    attempt_id: UUID | None,
    text: str,
    *,
    by: UUID,
    reach: tuple[str, ...],
    now: datetime,
) -> UUID:
    """Tells one candidate, or everybody in the exam of a class in `reach`; pages show it at their next sign of life.

    Raises NotFound, Invalid, OwnExam; NoReader when the one has handed in.
    """
    if not text or len(text) > LONGEST_TEXT:
        raise Invalid(fields={"text": N_("请填写消息，最多 300 个字")})
    refuse_numbers(text=text)
    message_id = ids.new_id(now)
    with unit_of_work() as session:
        refuse_own(session, queries.staff_exam(session, exam_id, reach, held=True).class_id, by)
        if attempt_id is not None and _state_in(session, exam_id, attempt_id) is not State.OPEN:
            raise NoReader
        session.add(
            ExamMessageRow(id=message_id, exam_id=exam_id, attempt_id=attempt_id, text=text, sent_by=by, sent_at=now)
        )
        details = {"message": str(message_id), "attempt": str(attempt_id) if attempt_id else None}
        audit.record(
            session,
            action="exam.message_sent",
            object_type="exam",
            object_id=exam_id,
            actor_id=by,
            details=details,
            now=now,
        )
    return message_id


def ask_more_time(
    exam_id: UUID,
    attempt_id: UUID | None,
    minutes: int,
    reason: str,
    *,
    by: UUID,
    reach: tuple[str, ...],
    now: datetime,
) -> UUID:
    """Asks for more time for one open attempt, or for all; nothing changes before somebody else confirms.

    Raises NotFound, OwnExam, Invalid, NobodyAtWork.
    """
    if minutes not in MINUTES:
        raise Invalid(fields={"minutes": N_("请选择加时的分钟数")})
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(fields={"reason": N_("请写明理由，最多 200 个字")})
    refuse_numbers(reason=reason)
    request_id = ids.new_id(now)
    with unit_of_work() as session:
        refuse_own(session, queries.staff_exam(session, exam_id, reach, held=True).class_id, by)
        if attempt_id is not None:
            _state_in(session, exam_id, attempt_id)
        if not _at_work(session, exam_id, attempt_id, now, limit=1):
            raise NobodyAtWork
        session.add(
            AllowanceRequestRow(
                id=request_id,
                exam_id=exam_id,
                attempt_id=attempt_id,
                minutes=minutes,
                reason=reason,
                asked_by=by,
                asked_at=now,
                state=RequestState.ASKED.value,
            )
        )
        details = {"minutes": minutes, "attempt": str(attempt_id) if attempt_id else None}
        _note(session, "asked", request_id, by, details, now=now)
    return request_id


def decide_more_time(request_id: UUID, *, approve: bool, by: UUID, reach: tuple[str, ...], now: datetime) -> int:
    """A second person confirms or declines. Confirmed, it is carried out at once; returns how many attempts have more time.

    Raises NotFound, OwnExam, NotDecidable; NobodyAtWork when no attempt it is for is open any more.
    """
    with unit_of_work() as session:
        row = session.execute(
            for_update(select(AllowanceRequestRow).where(AllowanceRequestRow.id == request_id))
        ).scalar_one_or_none()
        if row is None:
            raise NotFound
        refuse_own(session, queries.staff_exam(session, row.exam_id, reach, held=True).class_id, by)
        asker = by if own_among(session, by, [row.asked_by]) else row.asked_by
        verdict = may_decide(RequestState(row.state), asker, row.asked_at, by=by, now=now)
        if verdict is not Verdict.MAY:
            raise NotDecidable(verdict)
        if in_one_hand(session, by, [row.asked_by], now=now):
            raise InOneHand
        if approve and not _at_work(session, row.exam_id, row.attempt_id, now, limit=1):
            raise NobodyAtWork
        row.state = (RequestState.CONFIRMED if approve else RequestState.DECLINED).value
        row.decided_by, row.decided_at = by, now
        _note(session, "confirmed" if approve else "declined", request_id, by, {}, now=now)
    return carry_out(request_id, now=now) if approve else 0


def carry_out(request_id: UUID, *, now: datetime) -> int:
    """Gives what was confirmed to every attempt it is for that has not got it yet, some at a time; twice, it gives nothing twice."""
    given = 0
    while True:
        with unit_of_work() as session:
            row = session.execute(
                for_update(select(AllowanceRequestRow).where(AllowanceRequestRow.id == request_id))
            ).scalar_one()
            if row.state != RequestState.CONFIRMED.value or row.decided_at is None or row.decided_by is None:
                return given
            waiting = _at_work(
                session, row.exam_id, row.attempt_id, now, limit=AT_ONCE, begun_by=row.decided_at, lacking=request_id
            )
            for attempt in waiting:
                _give(session, row, attempt, now)
            given += len(waiting)
            if len(waiting) < AT_ONCE:
                row.state = RequestState.DONE.value


def carry_out_confirmed(*, now: datetime) -> int:
    """Finishes what a process that died left half carried out. Returns how many attempts have more time by it."""
    with reading() as session:
        left = queries.confirmed_requests(session, limit=REQUESTS_AT_ONCE)
    return sum(carry_out(one, now=now) for one in left)


def _give(session: Session, asked: AllowanceRequestRow, attempt: AttemptRow, now: datetime) -> None:
    more = timedelta(minutes=asked.minutes)
    ran_until = attempt.deadline
    session.add(
        AllowanceRow(
            id=ids.new_id(now),
            attempt_id=attempt.id,
            ran_until=ran_until,
            deadline=ran_until + more,
            reason=asked.reason,
            by_id=asked.asked_by,
            second_by_id=asked.decided_by,
            allowed_at=now,
            request_id=asked.id,
        )
    )
    session.flush()  # the database moves a deadline only where an allowance stands already
    attempt.deadline, attempt.closes_at = ran_until + more, attempt.closes_at + more
    audit.mark_again(session, AttemptRow, attempt.id)
    audit.record(
        session,
        action="attempt.more_time",
        object_type="attempt",
        object_id=attempt.id,
        actor_id=asked.decided_by,
        details={"minutes": asked.minutes, "request": str(asked.id)},
        now=now,
    )


def _at_work(
    session: Session,
    exam_id: UUID,
    attempt_id: UUID | None,
    now: datetime,
    *,
    limit: int,
    begun_by: datetime | None = None,
    lacking: UUID | None = None,
) -> list[AttemptRow]:
    """Open attempts whose time is not over, locked, so that no hand-in comes between."""
    statement = select(AttemptRow).where(
        AttemptRow.exam_id == exam_id, AttemptRow.state == State.OPEN.value, AttemptRow.closes_at >= now
    )
    if attempt_id is not None:
        statement = statement.where(AttemptRow.id == attempt_id)
    if begun_by is not None:
        statement = statement.where(AttemptRow.started_at <= begun_by)
    if lacking is not None:
        got = select(AllowanceRow.id).where(
            AllowanceRow.attempt_id == AttemptRow.id, AllowanceRow.request_id == lacking
        )
        statement = statement.where(~got.exists())
    return list(session.execute(for_update(statement.order_by(AttemptRow.id).limit(limit))).scalars())


def _state_in(session: Session, exam_id: UUID, attempt_id: UUID) -> State:
    """The state of an attempt at this exam. Raises NotFound when it is none of this exam's."""
    statement = select(AttemptRow.state).where(AttemptRow.id == attempt_id, AttemptRow.exam_id == exam_id)
    state = session.execute(statement).scalar()
    if state is None:
        raise NotFound
    return State(state)


def _note(session: Session, what: str, request_id: UUID, by: UUID, details: dict[str, Any], *, now: datetime) -> None:
    audit.record(
        session,
        action=f"exam.more_time_{what}",
        object_type="allowance_request",
        object_id=request_id,
        actor_id=by,
        details=details,
        now=now,
    )
