"""Make-up sittings 补考: one person asks for one, another one grants it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts.domain.reach import Staff
from lms.accounts.queries import own_among
from lms.accounts.service.second_person import require_another
from lms.audit import service as audit
from lms.classes import queries as classes
from lms.exams import queries
from lms.exams.models import SittingRequestRow, SittingRow
from lms.exams.service.own_exam import refuse_own
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import NO_NUMBERS, refuse_numbers, tells_a_number
from lms.notices import service as notices
from lms.notices.domain.messages import Message

MOST_ATTEMPTS = 5
LONGEST = timedelta(days=31)
LONGEST_REASON = 500


class SittingAsked(Conflict):
    """One request for a person waits."""

    code, title = "sitting_asked", N_("这名学员已有一项补考申请等待确认，请先办结")


class SittingSettled(Conflict):
    """A request is decided once."""

    code, title = "sitting_settled", N_("这项补考申请已经办结")


class GranterAsked(Forbidden):
    """A make-up sitting takes two persons."""

    code, title = "sitting_two_persons", N_("提出人不能自己确认，请由另一位工作人员确认")


class OwnSitting(Forbidden):
    """Nobody arranges a sitting for themselves."""

    code, title = "own_sitting", N_("不能为自己办理补考")


@dataclass(frozen=True)
class Asked:
    """Further attempts; with both times in a time of their own, without within the exam's window."""

    attempts: int
    opens_at: datetime | None = None
    closes_at: datetime | None = None


def ask_sitting(exam_id: UUID, person_id: UUID, asked: Asked, reason: str, *, by: Staff, now: datetime) -> UUID:
    """Asks for a make-up sitting of somebody enrolled in a class in `by`'s reach. Returns the request's id.

    Raises NotFound, OwnSitting, OwnExam, Invalid, SittingAsked.
    """
    faults = _faults(asked, reason, now)
    try:
        with unit_of_work() as session:
            class_id = queries.staff_exam(session, exam_id, by.scopes, held=True).class_id
            enrolment = classes.enrolment(session, class_id, person_id)
            if enrolment is None or not enrolment.active:
                raise NotFound
            _not_own(session, person_id, by)
            refuse_own(session, class_id, by.person_id)
            if faults:
                raise Invalid(fields=faults)
            request_id = ids.new_id(now)
            session.add(
                SittingRequestRow(
                    id=request_id,
                    exam_id=exam_id,
                    person_id=person_id,
                    attempts=asked.attempts,
                    opens_at=asked.opens_at,
                    closes_at=asked.closes_at,
                    reason=reason.strip()[:LONGEST_REASON],
                    state="asked",
                    asked_by=by.person_id,
                    asked_at=now,
                    comment="",
                )
            )
            session.flush()
            _note(session, "exam.sitting_asked", request_id, by, reason, now=now)
    except IntegrityError as error:
        raise SittingAsked from error
    return request_id


def decide_sitting(request_id: UUID, *, grant: bool, comment: str = "", by: Staff, now: datetime) -> None:
    """Grants or, with a reason, declines, as the second person; the learner is told what was granted.

    Raises NotFound, SittingSettled, GranterAsked, InOneHand, OwnSitting, OwnExam, Invalid (also when its time is over meanwhile).
    """
    refuse_numbers(comment=comment)
    with unit_of_work() as session:
        row = _held(session, request_id, by)
        require_another(session, by.person_id, [row.asked_by], own=GranterAsked, now=now)
        _not_own(session, row.person_id, by)
        refuse_own(session, queries.staff_exam(session, row.exam_id, by.scopes, held=True).class_id, by.person_id)
        if not grant and not comment.strip():
            raise Invalid(fields={"comment": N_("不同意时请写明理由")})
        if grant and row.closes_at is not None and row.closes_at <= now:
            raise Invalid(fields={"decision": N_("补考时间已经过去，请重新提出")})
        _settle(row, "granted" if grant else "declined", by, comment, now=now)
        if grant:
            _grant(session, row, by, now=now)
        action = "exam.sitting_granted" if grant else "exam.sitting_declined"
        _note(session, action, request_id, by, row.reason if grant else comment, now=now)


def withdraw_sitting(request_id: UUID, *, by: Staff, now: datetime) -> None:
    """Takes one's own request back. Raises NotFound, SittingSettled."""
    with unit_of_work() as session:
        row = _held(session, request_id, by)
        if row.asked_by != by.person_id:
            raise NotFound
        _settle(row, "withdrawn", by, "", now=now)
        _note(session, "exam.sitting_withdrawn", request_id, by, "", now=now)


def _faults(asked: Asked, reason: str, now: datetime) -> dict[str, str]:
    faults = {}
    if not 1 <= asked.attempts <= MOST_ATTEMPTS:
        faults["attempts"] = N_("补考次数应为 1 至 5 次")
    if not reason.strip():
        faults["reason"] = N_("请写明理由")
    elif tells_a_number(reason):
        faults["reason"] = NO_NUMBERS
    if (asked.opens_at is None) != (asked.closes_at is None):
        faults["closes_at"] = N_("开始和截止时间要么都填，要么都不填")
    elif asked.opens_at is not None and asked.closes_at is not None:
        if asked.closes_at <= max(asked.opens_at, now):
            faults["closes_at"] = N_("截止时间应晚于开始时间和现在")
        elif asked.closes_at - asked.opens_at > LONGEST:
            faults["closes_at"] = N_("补考时段最长 31 天")
    return faults


def _grant(session: Session, row: SittingRequestRow, by: Staff, *, now: datetime) -> None:
    session.add(
        SittingRow(
            id=row.id,
            exam_id=row.exam_id,
            person_id=row.person_id,
            attempts=row.attempts,
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            reason=row.reason,
            by_id=row.asked_by,
            second_by_id=by.person_id,
            granted_at=now,
        )
    )
    session.flush()
    title = queries.exam(session, row.exam_id).title
    message = Message(
        "exam.sitting",
        N_("已为您安排补考"),
        N_("“%(exam)s”增加 %(attempts)s 次考试机会，时间和规则请看考试页面。"),
        {"exam": title, "attempts": str(row.attempts)},
        link=f"/exams/{row.exam_id}",
        key=str(row.id),
    )
    notices.send({row.person_id: message}, now=now)


def _held(session: Session, request_id: UUID, by: Staff) -> SittingRequestRow:
    """An undecided request in reach, locked."""
    row = session.execute(
        for_update(select(SittingRequestRow).where(SittingRequestRow.id == request_id))
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    queries.staff_exam(session, row.exam_id, by.scopes, held=True)
    if row.state != "asked":
        raise SittingSettled
    return row


def _not_own(session: Session, person_id: UUID, by: Staff) -> None:
    if own_among(session, by.person_id, [person_id]):
        raise OwnSitting


def _settle(row: SittingRequestRow, state: str, by: Staff, comment: str, *, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, by.person_id, now
    row.comment = comment.strip()[:LONGEST_REASON]


def _note(session: Session, action: str, request_id: UUID, by: Staff, reason: str, *, now: datetime) -> None:
    session.flush()
    audit.record(
        session,
        action=action,
        object_type="sitting_request",
        object_id=request_id,
        actor_id=by.person_id,
        details={"reason": reason},
        now=now,
    )
