"""Decides a training one level above its unit; an approval credits everybody it lists in the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.access import service as access
from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import MADE
from lms.hours.service import Claim, credit_claims
from lms.infra.db import take_turn, unit_of_work
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid
from lms.kernel.numbers import refuse_numbers
from lms.kernel.permissions import Permission
from lms.kernel.verdict import Allowed, Denied, Verdict
from lms.notices import service as notices
from lms.notices.domain.messages import Message
from lms.offline import queries
from lms.offline.domain import overlaps
from lms.offline.domain.facts import earned_at
from lms.offline.domain.overlaps import Clash
from lms.offline.domain.workflow import DECISIONS, Act, Case, may_decide
from lms.offline.models import OutsideHandRow, OutsideTraineeRow, OutsideTrainingRow
from lms.offline.service.handing_in import CountsAlready
from lms.offline.service.holding import NotNow, held, led_to, refuse_elsewhere, today_of, write

TURN = 24  # of PostgreSQL's advisory locks: approvals come one after the other, or two could each not see the other's
WHY_NOT = {
    "level": N_("由上一级工会审批，您不能审批这项培训"),
    "entered": N_("登记、修改或提交的人不能审批，请由另一位管理员办理"),
    "made": MADE,
    "own": N_("名单中有您本人，请由另一位管理员审批"),
}
TOLD = {
    Act.APPROVE: (N_("培训学时已通过"), N_("您登记的“%(title)s”已通过审批，%(count)s 人的学时已经计入。")),
    Act.RETURN: (N_("培训登记被退回"), N_("您登记的“%(title)s”被退回：%(comment)s。请修改后重新提交。")),
    Act.DECLINE: (N_("培训登记未通过"), N_("您登记的“%(title)s”未通过审批：%(comment)s。")),
}
CREDITED = (N_("学时已计入"), N_("“%(title)s”的 %(hours)s 学时已经计入，由您的单位登记、上级工会审批。"))


class MayNotDecide(Forbidden):
    """They may not decide this one; the detail says why."""

    code, title = "training_decider", N_("您不能审批这项培训")


class OverlapUnseen(Conflict):
    """Days overlap with other trainings of the same people, and the decider has not said that they saw it."""

    code, title = "training_overlap", N_("有人在同一时间还参加了其他培训，请核对后勾选确认")


@dataclass(frozen=True)
class Look:
    """What somebody who may decide has to see: why they may not ("" when they may), and what overlaps.

    `named` are the trainings whose titles are theirs to read; of others they see the days and the kind.
    """

    why_not: str
    clashes: tuple[Clash, ...]
    named: frozenset[UUID]


def look(session: Session, training: queries.Training, by: Staff, *, now: datetime) -> Look:
    """What stands before a decision. The number of statements does not grow with the list."""
    people = _people(session, training.id)
    others = queries.held(session, list(people), training.from_on, training.until_on)
    found = overlaps.clashes(training.id, training.title, training.from_on, training.until_on, others)
    case = Case(training.unit_path, _hands(session, training.id), frozenset(people))
    verdict = _may_decide(session, case, by, now)
    named = frozenset(one.other.training_id for one in found if by.reaches(one.other.unit_path))
    return Look(WHY_NOT[verdict.reason] if isinstance(verdict, Denied) else "", found, named)


def decide(
    training_id: UUID,
    act: Act,
    comment: str,
    *,
    by: Staff,
    seen_overlaps: bool = False,
    handed_in: datetime | None = None,
    now: datetime,
) -> None:
    """Approves, returns or declines what was handed in at `handed_in`: people and proof stay as they are from then on.

    Without it whatever waits is decided. Raises NotFound, MayNotDecide, NotNow, Invalid, CountsAlready, OverlapUnseen.
    """
    comment = comment.strip()[:200]
    if act not in DECISIONS:
        raise Invalid
    if act is not Act.APPROVE and not comment:
        raise Invalid(fields={"comment": N_("请写明理由，登记的单位会看到")})
    refuse_numbers(comment=comment)
    with unit_of_work() as session:
        take_turn(session, TURN)
        accounts.lock_person(session, *_people(session, training_id))  # people before what is about them
        row = held(session, training_id, by)
        people = _people(session, training_id)
        case = Case(row.unit_path, _hands(session, training_id), frozenset(people))
        verdict = _may_decide(session, case, by, now)
        if isinstance(verdict, Denied):
            raise MayNotDecide(WHY_NOT[verdict.reason])
        state = led_to(row, act)
        if handed_in not in (None, row.submitted_at):
            raise NotNow
        if act is Act.APPROVE:
            refuse_elsewhere(session, row, now)
            _refuse_doubles(session, row, people, seen_overlaps)
        write(
            session,
            training_id,
            f"training_{state}",
            by=by.person_id,
            now=now,
            details={"people": len(people)},
            state=state,
            decided_by=by.person_id,
            decided_at=now,
            comment=comment,
        )
        if act is Act.APPROVE:
            _credit(session, row, people, now)
        _tell(row, act, comment, len(people), now)


def _may_decide(session: Session, case: Case, by: Staff, now: datetime) -> Verdict:
    """The rule for whatever account of the decider: the first that it speaks against."""
    verdicts = [may_decide(case, one, by.scopes) for one in accounts.alias_ids(session, by.person_id)]
    refused = next((one for one in verdicts if isinstance(one, Denied)), None)
    if refused is None and accounts.in_one_hand(session, by.person_id, case.hands, now=now):
        return Denied("made")
    return Allowed() if refused is None else refused


def _hands(session: Session, training_id: UUID) -> frozenset[UUID]:
    """Who entered, changed or handed in a training."""
    return frozenset(
        session.execute(select(OutsideHandRow.person_id).where(OutsideHandRow.training_id == training_id)).scalars()
    )


def _people(session: Session, training_id: UUID) -> dict[UUID, int]:
    rows = session.execute(
        select(OutsideTraineeRow.person_id, OutsideTraineeRow.hours).where(OutsideTraineeRow.training_id == training_id)
    )
    return {row.person_id: row.hours for row in rows}


def _refuse_doubles(session: Session, row: OutsideTrainingRow, people: Mapping[UUID, int], seen_overlaps: bool) -> None:
    others = queries.held(session, list(people), row.from_on, row.until_on)
    found = overlaps.clashes(row.id, row.title, row.from_on, row.until_on, others)
    if any(one.same for one in found):
        raise CountsAlready
    if found and not seen_overlaps:
        raise OverlapUnseen


def _credit(session: Session, row: OutsideTrainingRow, people: Mapping[UUID, int], now: datetime) -> None:
    """Everybody's hours, for the unit to which they belonged on the last day; two accounts of one person count once."""
    people = _each_once(session, people)
    places = accounts.units_on(session, list(people), min(row.until_on, today_of(now)))
    at = earned_at(row.until_on, now)
    credit_claims(
        session,
        [
            Claim(person_id, row.ledger, row.source, row.id, row.title, hours, at, *places[person_id])
            for person_id, hours in sorted(people.items())
        ],
        now=now,
    )
    title, text = CREDITED
    notices.send(
        {
            person_id: Message(
                "hours.credited",
                title,
                text,
                {"title": row.title, "hours": f"{hours / 100:g}"},
                link="/me/training",
                key=str(row.id),
            )
            for person_id, hours in people.items()
        },
        now=now,
    )


def _each_once(session: Session, people: Mapping[UUID, int]) -> dict[UUID, int]:
    """Of several listed accounts of one person the one with the most hours; nobody is joined meanwhile."""
    accounts.lock_person(session, *people)
    joined = accounts.joined_to(session, list(people))
    kept: dict[UUID, UUID] = {}
    for person_id in sorted(people, key=lambda one: (-people[one], one)):
        kept.setdefault(joined.get(person_id, person_id), person_id)
    return {person_id: people[person_id] for person_id in kept.values()}


def _tell(row: OutsideTrainingRow, act: Act, comment: str, count: int, now: datetime) -> None:
    title, text = TOLD[act]
    facts = {"title": row.title, "count": str(count), "comment": comment}
    message = Message("hours.training", title, text, facts, link=f"/staff/training/{row.id}")
    entered = {one for one in (row.entered_by, row.submitted_by) if one is not None and _still_enters(one, row, now)}
    notices.send(dict.fromkeys(entered, message), now=now)


def _still_enters(person_id: UUID, row: OutsideTrainingRow, now: datetime) -> bool:
    """Whether somebody still enters trainings for the unit of this one: what is said of its people is for no former clerk."""
    return access.could(person_id, Permission.TRAINING_ENTER, row.unit_path, now)
