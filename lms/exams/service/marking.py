"""People mark what no key can: who takes an answer, what they give, and when that makes the score final."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.accounts.queries import own_among
from lms.audit import service as audit
from lms.exams import queries
from lms.exams.domain import marking
from lms.exams.domain.points import HUNDRED
from lms.exams.models import ExamRow, MarkingPassRow, MarkingPieceRow, MarkingPlanRow, MarkRow
from lms.exams.queries import Held
from lms.exams.service.grading import grade_marked
from lms.exams.service.own_exam import refuse_keys
from lms.exams.service.pieces import queue_pieces
from lms.infra import db
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid
from lms.kernel.numbers import refuse_numbers

LONGEST_COMMENT = 500
LONGEST_FLAG = 200
QUEUED_AT_ONCE = 100


class WithSomebodyElse(Conflict):
    """The lease ran out and another marker has the answer, or it is settled."""

    code, title = "marked_elsewhere", N_("这份答案已由其他阅卷人处理，您的评分没有保存。请继续评阅下一份。")


@dataclass(frozen=True)
class Marked:
    """A mark is stored; `final` when it was the last that the attempt waited for."""

    exam_id: UUID
    version_id: UUID
    final: bool


def take(exam_id: UUID, version_id: UUID, *, by: Staff, now: datetime) -> UUID | None:
    """Keeps the next answer to an item for a marker, and gives the piece's id; None when there is none for them now.

    Who holds one gets it again. Raises NotFound, also outside the reach; OwnExam.
    """
    with unit_of_work() as session:
        _exam(session, exam_id, by, now=now)
        found = queries.next_piece(session, exam_id, version_id, by.person_id, now=now)
        if found is None:
            return None
        row = session.get_one(MarkingPieceRow, found)
        if row.held_by != by.person_id:
            row.held_by, row.draft = by.person_id, None
        row.held_until = now + marking.LEASE
        return found


def save_draft(piece_id: UUID, parts: Sequence[str], comment: str, *, by: Staff, now: datetime) -> None:
    """Keeps what a marker has typed so far, and the answer for them. Raises NotFound, OwnExam, Invalid, WithSomebodyElse."""
    draft = {"parts": [one[:10] for one in parts], "comment": _comment(comment)}
    with unit_of_work() as session:
        found = _held(session, piece_id, by, now=now)
        _write(session, found.id, draft=draft, held_until=now + marking.LEASE)


def mark(piece_id: UUID, parts: Sequence[Decimal], comment: str, *, by: Staff, now: datetime) -> Marked:
    """Stores a marker's points, one number for each question of the item, and settles the answer when its marks agree.

    The mark that an attempt waited for last makes it graded. Repeating it changes nothing. Raises NotFound, Invalid (names the
    question as "parts-0" …), OwnExam, WithSomebodyElse.
    """
    comment = _comment(comment)
    with unit_of_work() as session:
        person_id, exam_id = queries.candidate_of_piece(session, piece_id)
        queries.staff_exam(session, exam_id, by.scopes)  # before anybody there is locked
        accounts.lock_person(session, person_id)  # people before units, as always
        found = queries.held(session, piece_id)
        _exam(session, found.exam_id, by, now=now)
        if own_among(session, by.person_id, found.markers):
            return Marked(found.exam_id, found.version_id, final=False)
        _require_held(found, by)
        given = _hundredths(session, found, parts)
        row = MarkRow(
            id=ids.new_id(now),
            piece_id=piece_id,
            no=len(found.marks) + 1,
            marker_id=by.person_id,
            earned=sum(given),
            parts=given,
            comment=comment,
            marked_at=now,
        )
        session.add(row)
        session.flush()
        _told(session, "answer.marked", found, by, {"no": row.no, "hundredths": row.earned}, now=now)
        final = _settle(session, found, (*found.marks, row.earned), now=now)
    return Marked(found.exam_id, found.version_id, final)


def put_back(piece_id: UUID, *, flag: str = "", by: Staff, now: datetime) -> Marked:
    """Leaves an answer to others: skipped for now, or with a reason (`flag`), for good.

    Raises NotFound, OwnExam, Invalid, WithSomebodyElse.
    """
    flag = flag.strip()
    if len(flag) > LONGEST_FLAG:
        raise Invalid(fields={"flag": N_("最多 200 个字")})
    refuse_numbers(flag=flag)
    with unit_of_work() as session:
        found = _held(session, piece_id, by, now=now)
        insert = db.insert_into(MarkingPassRow)
        values = {"piece_id": piece_id, "marker_id": by.person_id, "flag": flag, "passed_at": now}
        session.execute(
            insert.values(values).on_conflict_do_update(
                index_elements=["piece_id", "marker_id"], set_={"flag": flag, "passed_at": now}
            )
        )
        _write(session, piece_id, held_by=None, held_until=None, draft=None)
        if flag:
            _told(session, "answer.flagged", found, by, {"flag": flag}, now=now)
    return Marked(found.exam_id, found.version_id, final=False)


def set_plan(exam_id: UUID, plan: marking.Plan, *, by: Staff, now: datetime) -> None:
    """Says how the answers of an exam are marked from now on: those that have no mark yet. Raises NotFound, OwnExam, Invalid."""
    if plan.markers not in (1, 2) or not 0 <= plan.threshold <= HUNDRED:
        raise Invalid(fields={"threshold": N_("请填写 0 至 100 的整数")})
    with unit_of_work() as session:
        _exam(session, exam_id, by, now=now)
        db.hold(session, select(ExamRow.id).where(ExamRow.id == exam_id))  # plans have numbers in a row
        newest = session.execute(select(func.max(MarkingPlanRow.no)).where(MarkingPlanRow.exam_id == exam_id)).scalar()
        session.add(
            MarkingPlanRow(
                exam_id=exam_id,
                no=(newest or 0) + 1,
                markers=plan.markers,
                threshold=plan.threshold,
                by_id=by.person_id,
                set_at=now,
            )
        )
        marked = select(MarkRow.piece_id).where(MarkRow.piece_id == MarkingPieceRow.id)
        session.execute(
            update(MarkingPieceRow)
            .where(MarkingPieceRow.exam_id == exam_id, MarkingPieceRow.state == "waiting", ~marked.exists())
            .values(wanted=plan.markers)
            .execution_options(synchronize_session=False)
        )
        audit.record(
            session,
            action="exam.marking_set",
            object_type="exam",
            object_id=exam_id,
            actor_id=by.person_id,
            details={"markers": plan.markers, "threshold": plan.threshold},
            now=now,
        )


def queue_missing(*, now: datetime) -> int:
    """Brings answers into the queue that were handed in before there was one. Returns of how many attempts."""
    with reading() as session:
        waiting = queries.without_pieces(session, limit=QUEUED_AT_ONCE)
    for attempt_id in waiting:
        with unit_of_work() as session:
            found = queries.attempt(session, attempt_id, lock=True)
            if not queries.unfinished(session, attempt_id):
                queue_pieces(session, attempt_id, found.exam_id, now=now)
    return len(waiting)


def _settle(session: Session, found: Held, marks: Sequence[int], *, now: datetime) -> bool:
    """Frees the piece, with what it is worth when its marks say so; grades the attempt when nothing waits any more."""
    plan = queries.marking_plan(session, found.exam_id)
    awarded = marking.settled(marks, points=found.points, wanted=found.wanted, threshold=plan.threshold)
    if awarded is None:
        _write(session, found.id, held_by=None, held_until=None, draft=None)
        return False
    _write(
        session,
        found.id,
        state="settled",
        awarded=awarded,
        settled_at=now,
        held_by=None,
        held_until=None,
        draft=None,
    )
    return grade_marked(session, found.attempt_id, now=now)


def _exam(session: Session, exam_id: UUID, by: Staff, *, now: datetime) -> None:
    """Raises NotFound outside of `by`'s reach, OwnExam for who sits it, or another one on its banks."""
    refuse_keys(
        session, exam_id, queries.staff_exam(session, exam_id, by.scopes, held=True).class_id, by.person_id, now=now
    )


def _held(session: Session, piece_id: UUID, by: Staff, *, now: datetime) -> Held:
    found = queries.held(session, piece_id)
    _exam(session, found.exam_id, by, now=now)
    _require_held(found, by)
    return found


def _require_held(found: Held, by: Staff) -> None:
    """A lease that ran out does no harm while nobody else took the answer."""
    if found.held_by != by.person_id or found.state != "waiting":
        raise WithSomebodyElse


def _hundredths(session: Session, found: Held, parts: Sequence[Decimal]) -> list[int]:
    item = queries.items(session, [found.version_id])[found.version_id]
    most = marking.ceilings(found.points, item.places)
    if len(parts) != len(most):
        raise Invalid(fields={"parts": N_("请填写每一问的分数")})
    faults, given = {}, []
    for number, (one, ceiling) in enumerate(zip(parts, most, strict=True)):
        fits = one.is_finite() and abs(one) < HUNDRED * HUNDRED
        hundredths = int(one * HUNDRED) if fits else -1
        if not fits or hundredths != one * HUNDRED or not marking.allowed(hundredths, ceiling):
            faults[f"parts-{number}"] = N_("分数须在 0 与本题满分之间，以 0.5 分为一档")
        given.append(hundredths)
    if faults:
        raise Invalid(fields=faults)
    return given


def _comment(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_COMMENT:
        raise Invalid(fields={"comment": N_("最多 500 个字")})
    refuse_numbers(comment=text)
    return text


def _write(session: Session, piece_id: UUID, **values: object) -> None:
    session.execute(
        update(MarkingPieceRow)
        .where(MarkingPieceRow.id == piece_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _told(session: Session, action: str, found: Held, by: Staff, details: dict[str, object], *, now: datetime) -> None:
    audit.record(
        session,
        action=action,
        object_type="marking_piece",
        object_id=found.id,
        actor_id=by.person_id,
        details={"exam": str(found.exam_id), **details},
        now=now,
    )
