"""A wrong key is put right in the name of two persons: a task looks at every paper first, and changes results after both agree."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import require_another
from lms.audit import service as audit
from lms.exams import queries
from lms.exams.domain import regrade as domain
from lms.exams.domain.attempts import State
from lms.exams.domain.points import HUNDRED, points, split
from lms.exams.domain.regrade import KeyChange, Turn
from lms.exams.domain.scoring import ScoreSheet
from lms.exams.events import ResultChanged, certificates_of, result_changed
from lms.exams.models import RegradeEffectRow, RegradeRow, ScoreAdjustmentRow
from lms.exams.queries import Attempt, Result
from lms.exams.service.grading import sheet_lines, sheet_of
from lms.exams.service.own_exam import refuse_own
from lms.infra import jobs
from lms.infra.db import for_update, reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import NO_ID_NUMBERS, refuse_numbers, tells_an_id_number
from lms.notices import service as notices
from lms.notices.domain.messages import Message

REGRADE_JOB = "exams.regrade"
WAITING = RegradeRow.state.in_(("checking", "proposed"))
CHECK, APPLY, AGAIN = "check", "apply", "again"
PEOPLE_AT_ONCE = 25
"""So many people's results change in one transaction: it holds up hand-ins for a moment only."""
SETTLING = timedelta(minutes=1)
"""An attempt that was being scored while the decision fell is looked at once more after this."""
LONGEST_REASON = 500
NOW_PASSED = N_(
    "《%(exam)s》第 %(number)s 次作答中有一道题的答案经复核更正，成绩由 %(before)s 分改为 %(after)s 分，这次合格。"
    "原成绩仍保留在记录中。"
)
NOT_PASSED = N_(
    "《%(exam)s》第 %(number)s 次作答中有一道题的答案经复核更正，成绩由 %(before)s 分改为 %(after)s 分，这次没有合格。"
    "原成绩仍保留在记录中；有疑问请联系培训班工作人员。"
)


class WaitsAlready(Conflict):
    """One decision about an item waits at a time."""

    code, title = "regrade_waits", N_("这道题已有一项更正等待确认，请先办结")


class RegradeSettled(Conflict):
    """A proposal is decided once, and not while its preview is made."""

    code, title = "regrade_settled", N_("这项更正已经办结，或影响还没有核算完")


class SecondPerson(Forbidden):
    """A change of results takes two persons."""

    code, title = "regrade_second_person", N_("提出人不能自己确认，请由另一位管理人员确认")


def propose_regrade(exam_id: UUID, change: KeyChange, *, reason: str, by: Staff, now: datetime) -> UUID:
    """Proposes a decision about an item's key and queues the look at its effects. Returns its id; no result changes yet.

    Raises NotFound (also outside the reach), Invalid, OwnExam, WaitsAlready.
    """
    reason = _said(reason, "reason")
    try:
        return _propose(exam_id, change, reason, by, now)
    except IntegrityError:  # a request at the same moment was faster, and is found now
        return _propose(exam_id, change, reason, by, now)


def _propose(exam_id: UUID, change: KeyChange, reason: str, by: Staff, now: datetime) -> UUID:
    regrade_id = ids.new_id(now)
    with unit_of_work() as session:
        refuse_own(session, queries.staff_exam(session, exam_id, by.scopes, held=True).class_id, by.person_id)
        _require_sound(session, exam_id, change)
        waiting = (RegradeRow.exam_id == exam_id, RegradeRow.item_version_id == change.version_id, WAITING)
        if session.execute(select(RegradeRow.id).where(*waiting)).first() is not None:
            raise WaitsAlready
        session.add(
            RegradeRow(
                id=regrade_id,
                exam_id=exam_id,
                item_version_id=change.version_id,
                way=change.way.value,
                key=domain.key_data(change.key) if change.key else None,
                reason=reason,
                state="checking",
                proposed_by=by.person_id,
                proposed_at=now,
                comment="",
            )
        )
        session.flush()
        _tell(session, "proposed", regrade_id, by.person_id, {"way": change.way.value, "reason": reason}, now=now)
        _queue(session, regrade_id, CHECK, now=now)
    return regrade_id


def confirm_regrade(regrade_id: UUID, *, comment: str = "", by: Staff, now: datetime) -> None:
    """Confirms as the second person and queues the change of results; papers handed in from now on are scored by it at once.

    Raises NotFound (also outside the reach), RegradeSettled, SecondPerson, InOneHand, OwnExam, Invalid.
    """
    refuse_numbers(comment=comment)
    with unit_of_work() as session:
        row = _proposed(session, regrade_id, by, now=now)
        _settle(session, row, "confirmed", by.person_id, comment.strip()[:LONGEST_REASON], now=now)
        _queue(session, regrade_id, APPLY, now=now)


def decline_regrade(regrade_id: UUID, *, comment: str, by: Staff, now: datetime) -> None:
    """Declines with a reason. Raises as `confirm_regrade` does, and Invalid without a reason."""
    comment = _said(comment, "comment")
    with unit_of_work() as session:
        _settle(session, _proposed(session, regrade_id, by, now=now), "declined", by.person_id, comment, now=now)


def withdraw_regrade(regrade_id: UUID, *, by: Staff, now: datetime) -> None:
    """Takes one's own proposal back. Raises NotFound (also outside the reach), RegradeSettled."""
    with unit_of_work() as session:
        row = _locked(session, regrade_id)
        queries.staff_exam(session, row.exam_id, by.scopes, held=True)
        if row.proposed_by != by.person_id:
            raise NotFound
        if row.state not in ("checking", "proposed"):
            raise RegradeSettled
        _settle(session, row, "withdrawn", by.person_id, "", now=now)


def walk(regrade_id: UUID, step: str, *, clock: Callable[[], datetime], report: Callable[[int], None]) -> None:
    """The task of a decision: looks at all papers with the item (`check`), or changes their results (`apply`, `again`).

    A few people a transaction; killed and begun again it goes on where it was, and twice at once does nothing twice.
    """
    done = 0
    with reading() as session:
        row = session.get_one(RegradeRow, regrade_id)
        total = queries.count_with_item(session, row.exam_id, row.item_version_id) or 1
    while True:
        now = clock()
        with unit_of_work() as session:
            row = _locked(session, regrade_id)
            if row.state not in (("checking",) if step == CHECK else ("confirmed", "done")):
                return
            found = queries.to_regrade(
                session, row.id, row.exam_id, row.item_version_id, applied=step != CHECK, limit=PEOPLE_AT_ONCE
            )
            # All of them before the first certificate: who is handed in meanwhile waits for its number with their person in hand.
            accounts.lock_person(session, *found)
            for person_id, attempt_ids in found.items():
                _person(session, row, person_id, attempt_ids, apply=step != CHECK, now=now)
            if not found:
                _walked(session, row, step, now=now)
                return
        done += sum(map(len, found.values()))
        report(min(99, 100 * done // total))


def _walked(session: Session, row: RegradeRow, step: str, *, now: datetime) -> None:
    if step == CHECK:
        row.state = "proposed"
    elif row.state == "confirmed":
        row.state = "done"
        _queue(session, row.id, AGAIN, now=now, run_at=now + SETTLING)
        _tell(session, "applied", row.id, row.decided_by, {}, now=now)
    else:
        return
    audit.mark_again(session, RegradeRow, row.id)


def _person(
    session: Session, row: RegradeRow, person_id: UUID, attempt_ids: tuple[UUID, ...], *, apply: bool, now: datetime
) -> None:
    """What a decision does to one person's attempts; their standing is that of all of them together."""
    person_id = accounts.held_kept_id(session, person_id)  # somebody may have joined them since they were found
    mine = [one for one in queries.attempts_of(session, row.exam_id, person_id) if one.state is State.GRADED]
    changes = queries.key_changes(session, row.exam_id, also=row.id)
    sheets = {one.id: _sheet(session, one, changes) for one in mine if one.id in attempt_ids}
    after = [_with(one, sheets[one.id]) if one.id in sheets else one for one in mine]
    stood, stands = queries.counting(mine), queries.counting(after)
    turn = domain.turn(bool(stood and stood.passed), bool(stands and stands.passed))
    certificate = None
    if turn is Turn.FAILS:
        numbers = [
            found
            for _, found in certificates_of.send(None, session=session, class_id=mine[0].class_id, person_id=person_id)
        ]
        certificate = next((one for one in numbers if one), None)
    for one, changed in zip(mine, after, strict=True):
        if one.id not in sheets or one.result is None or changed.result is None:
            continue
        _effect(
            session,
            row,
            one.id,
            before=one.result,
            after=changed.result,
            turn=turn,
            certificate=certificate,
            applied=apply,
        )
        if apply and changed.result != one.result:
            _adjust(session, row, one, sheets[one.id], changed.result, stands, person_id=person_id, now=now)


def _sheet(session: Session, attempt: Attempt, changes: tuple[KeyChange, ...]) -> ScoreSheet:
    marks = {place: earned for place, earned in queries.unfinished(session, attempt.id).items() if earned is not None}
    rules = queries.rules(session, attempt.exam_id, attempt.rules_version)
    return sheet_of(session, attempt.id, rules, marks=marks, changes=changes)


def _with(attempt: Attempt, sheet: ScoreSheet) -> Attempt:
    passed = sheet.passed(attempt.pass_mark)
    return replace(attempt, result=Result(points(sheet.total), sheet.maximum // HUNDRED, passed))


def _effect(
    session: Session,
    row: RegradeRow,
    attempt_id: UUID,
    *,
    before: Result,
    after: Result,
    turn: Turn,
    certificate: str | None,
    applied: bool,
) -> None:
    values: dict[str, Any] = {
        "before": round(before.score * HUNDRED),
        "after": round(after.score * HUNDRED),
        "turn": turn.value,
        "certificate": certificate,
        "applied": applied,
    }
    known = session.get(RegradeEffectRow, (row.id, attempt_id))
    if known is None:
        session.add(RegradeEffectRow(regrade_id=row.id, attempt_id=attempt_id, **values))
        return
    for name, value in values.items():
        setattr(known, name, value)


def _adjust(
    session: Session,
    row: RegradeRow,
    attempt: Attempt,
    sheet: ScoreSheet,
    after: Result,
    stands: Result | None,
    *,
    person_id: UUID,
    now: datetime,
) -> None:
    """Writes the later result of an attempt in the name of both persons, and tells who has to know."""
    if attempt.result is None or row.decided_by is None:
        raise LookupError(f"attempt {attempt.id}: no result, or no second person")
    newest = session.execute(
        select(func.max(ScoreAdjustmentRow.no)).where(ScoreAdjustmentRow.attempt_id == attempt.id)
    ).scalar()
    whole, fraction = split(sheet.total)
    session.add(
        ScoreAdjustmentRow(
            id=ids.new_id(now),
            attempt_id=attempt.id,
            no=(newest or 0) + 1,
            score=whole,
            fraction=fraction,
            passed=after.passed,
            reason=row.reason,
            by_id=row.proposed_by,
            second_by_id=row.decided_by,
            adjusted_at=now,
            sheet=sheet_lines(sheet),
            regrade_id=row.id,
        )
    )
    session.flush()
    _tell(
        session,
        "result",
        row.id,
        row.proposed_by,
        {
            "attempt": str(attempt.id),
            "before": attempt.result.score,
            "after": after.score,
            "second": str(row.decided_by),
        },
        now=now,
    )
    event = ResultChanged(
        attempt_id=attempt.id,
        exam_id=attempt.exam_id,
        class_id=attempt.class_id,
        person_id=person_id,
        before=attempt.result.score,
        after=after.score,
        stands=bool(stands and stands.passed),
        at=now,
    )
    result_changed.send(None, event=event)
    notices.send({person_id: _message(attempt, attempt.result, after, row.id)}, now=now)


def _message(attempt: Attempt, before: Result, after: Result, regrade_id: UUID) -> Message:
    facts: Mapping[str, str] = {
        "exam": attempt.exam_title,
        "number": str(attempt.attempt_no),
        "before": str(before.score),
        "after": str(after.score),
    }
    text = NOW_PASSED if after.passed else NOT_PASSED
    return Message(
        "exams.regraded",
        N_("考试成绩有更正"),
        text,
        facts,
        f"/attempts/{attempt.id}/result",
        f"{regrade_id.hex}{attempt.id.hex}",
    )


def _require_sound(session: Session, exam_id: UUID, change: KeyChange) -> None:
    """Raises NotFound for an item that no paper of the exam has, Invalid for a way or a key that does not fit it."""
    item = queries.items(session, [change.version_id]).get(change.version_id)
    if item is None or not queries.was_asked(session, exam_id, change.version_id):
        raise NotFound
    if change.way not in domain.ways_for(item.key):
        raise Invalid(fields={"way": N_("这种题型只能全部给分或只作记录")})
    if change.way.needs_key != (change.key is not None):
        raise Invalid(fields={"key": N_("请给出更正后的答案")})
    if change.key is None:
        return
    data = domain.key_data(change.key)
    if any(tells_an_id_number(text) for blank in data.get("blanks", ()) for text in blank):
        raise Invalid(fields={"key": NO_ID_NUMBERS})
    if type(change.key) is not type(item.key):
        raise NotFound
    if "right" in data and (not data["right"] or not set(data["right"]) <= set(item.option_keys)):
        raise Invalid(fields={"key": N_("请勾选正确的选项")})
    if "right" in data and item.type != "multiple" and len(data["right"]) != 1:
        raise Invalid(fields={"key": N_("这道题只能有一个正确选项")})
    if "blanks" in data and (len(data["blanks"]) != item.places or not all(data["blanks"])):
        raise Invalid(fields={"key": N_("请填写每一空的正确答案")})


def _locked(session: Session, regrade_id: UUID) -> RegradeRow:
    row = session.execute(for_update(select(RegradeRow).where(RegradeRow.id == regrade_id))).scalar()
    if row is None:
        raise NotFound
    return row


def _proposed(session: Session, regrade_id: UUID, by: Staff, *, now: datetime) -> RegradeRow:
    """A proposal that `by` may decide. Raises NotFound, RegradeSettled, SecondPerson, InOneHand, OwnExam."""
    row = _locked(session, regrade_id)
    exam = queries.staff_exam(session, row.exam_id, by.scopes, held=True)
    if row.state != "proposed":
        raise RegradeSettled
    require_another(session, by.person_id, [row.proposed_by], own=SecondPerson, now=now)
    refuse_own(session, exam.class_id, by.person_id)
    return row


def _settle(session: Session, row: RegradeRow, state: str, by_id: UUID, comment: str, *, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at, row.comment = state, by_id, now, comment
    audit.mark_again(session, RegradeRow, row.id)
    _tell(session, state, row.id, by_id, {"comment": comment} if comment else {}, now=now)


def _said(text: str, field: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(fields={field: N_("请填写此项")})
    if len(text) > LONGEST_REASON:
        raise Invalid(fields={field: N_("最多 500 个字")})
    refuse_numbers(**{field: text})
    return text


def _queue(session: Session, regrade_id: UUID, step: str, *, now: datetime, run_at: datetime | None = None) -> None:
    payload = {"regrade_id": str(regrade_id), "step": step}
    jobs.enqueue(session, REGRADE_JOB, payload, now=now, run_at=run_at, dedup_key=f"{regrade_id}:{step}")


def _tell(
    session: Session, what: str, regrade_id: UUID, actor_id: UUID | None, details: dict[str, Any], *, now: datetime
) -> None:
    audit.record(
        session,
        action=f"regrade.{what}",
        object_type="regrade",
        object_id=regrade_id,
        actor_id=actor_id,
        details=details,
        now=now,
    )
