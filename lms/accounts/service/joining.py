"""Joins two accounts of one person, by two members of staff: the records of both stay as they are, and reads use both from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, not_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from lms.accounts import queries
from lms.accounts.domain import notice
from lms.accounts.domain.identity import Known, judge_join
from lms.accounts.domain.reach import Staff
from lms.accounts.events import people_joined
from lms.accounts.models import JoinProposalRow, PersonRow
from lms.accounts.queries import joinings
from lms.accounts.service import corrections, id_numbers, memberships, plans, privacy, standing
from lms.accounts.service.holding import HeldPerson, OnOneself, day_of, hold, said
from lms.accounts.service.second_person import require_another
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.infra.subtrees import within
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden
from lms.kernel.verdict import Denied
from lms.notices import service as notices


class SamePerson(Conflict):
    """An account can't be joined with itself."""

    code, title = "same_person", N_("请选择两个不同的账号")


class TwoPeople(Conflict):
    """Both have an ID number, and one number belongs to one person: these are two."""

    code, title = "two_people", N_("两个账号登记了不同的身份证号，不是同一个人，不能合并")


class OtherName(Conflict):
    """The names differ: what is proved of one name must not pass to another."""

    code, title = "other_name", N_("两个账号的姓名不同，请先更正姓名，确认是同一个人后再合并")


class RenamedLately(Conflict):
    """A name that was changed to fit joins nothing."""

    code, title = (
        "renamed_lately",
        N_("其中一个账号的姓名在 30 天内更改过，暂时不能合并；两个账号都没有变动，请满 30 天后再办理"),
    )


class ProposedAlready(Conflict):
    """One proposal waits for the account that would be gone."""

    code, title = "join_proposed", N_("这个账号已有合并申请在等待确认，请在“合并申请”中查看")


class ProposalSettled(Conflict):
    """Somebody confirmed, declined or withdrew it."""

    code, title = "join_settled", N_("这份合并申请已经办结，没有再次处理")


class AnotherPersonNeeded(Forbidden):
    """Who proposes does not confirm."""

    code, title = "join_second_person", N_("合并须由申请人以外的另一位管理员确认")


LEFT_BEHIND = "其中一人已调往其他工会"
AS_ONE = "经两人确认与另一账号为同一人"
"""What the page of the account that is gone says; the reason itself is of the unions that joined them, and in their record."""
REFUSALS: dict[str, type[Conflict]] = {"two_people": TwoPeople, "other_name": OtherName, "renamed": RenamedLately}


@dataclass(frozen=True)
class Joined:
    """Which account stays and which one is gone."""

    kept_id: UUID
    gone_id: UUID


def propose(kept_id: UUID, gone_id: UUID, *, by: Staff, reason: str, now: datetime) -> UUID:
    """Says that two accounts are one person's; nothing changes before somebody else confirms it. Returns the proposal's id.

    Raises NotFound (one of them outside `by`'s reach), OnOneself, PersonGone, MorePowerful, SamePerson, TwoPeople,
    OtherName, RenamedLately, ProposedAlready, Invalid.
    """
    reason = said(reason)
    if kept_id == gone_id:
        raise SamePerson
    proposal_id = ids.new_id(now)
    try:
        with unit_of_work() as session:
            kept, gone = _judge(session, kept_id, gone_id, by=by, now=now)
            session.add(
                JoinProposalRow(
                    id=proposal_id,
                    kept_id=kept_id,
                    gone_id=gone_id,
                    reason=reason,
                    proposed_by=by.person_id,
                    proposed_at=now,
                    kept_unit_id=kept.unit_id,
                    gone_unit_id=gone.unit_id,
                    state="open",
                )
            )
            session.flush()
            _note(session, "people.join_proposed", kept_id, gone_id, by, reason, now=now)
    except IntegrityError as error:
        if "join_proposal" not in str(error.orig):
            raise
        raise ProposedAlready from error
    return proposal_id


def end_of_moved(session: Session, *, person_id: UUID | None = None, paths: Sequence[str] = (), now: datetime) -> None:
    """Takes back, for who proposed them, proposals that wait about somebody who moved, or of whom one moved with their unit.

    `paths` are those that people are listed under until now. The next union would neither see such a proposal nor be rid of it.
    """
    kept, gone = aliased(PersonRow), aliased(PersonRow)
    about = (kept.id == person_id) | (gone.id == person_id)
    here, there = within(kept.unit_path, paths), within(gone.unit_path, paths)
    one_of_them = or_(and_(here, not_(there)), and_(there, not_(here)))
    waiting = (
        select(JoinProposalRow)
        .join(kept, kept.id == JoinProposalRow.kept_id)
        .join(gone, gone.id == JoinProposalRow.gone_id)
        .where(JoinProposalRow.state == "open", about if person_id is not None else one_of_them)
        .with_for_update(of=JoinProposalRow)  # whoever decides it in this moment was first
    )
    for one in session.execute(waiting).scalars():
        session.execute(
            update(JoinProposalRow)
            .where(JoinProposalRow.id == one.id)
            .values(state="withdrawn", decided_by=one.proposed_by, decided_at=now)
        )
        audit.record(
            session,
            action="people.join_withdrawn",
            object_type="person",
            object_id=one.kept_id,
            actor_id=None,
            details={"gone": str(one.gone_id), "reason": LEFT_BEHIND},
            now=now,
        )


def confirm(proposal_id: UUID, *, by: Staff, now: datetime) -> Joined:
    """The second person's word: makes `gone` an alias of `kept`. It signs in no more, and what it earned counts for the other.

    Everything is judged anew. Double hours are reversed and certificates that both together earned are issued by who
    listens, in the same step. What is known of who stays does not rise by it: an ID number of `gone` is erased, to be
    given and compared again.

    Raises NotFound (one of them outside `by`'s reach), ProposalSettled, AnotherPersonNeeded, InOneHand, OnOneself,
    PersonGone, MorePowerful, TwoPeople, OtherName, RenamedLately, and what listeners raise (an exam is under way).
    """
    with unit_of_work() as session:
        found = _held_open(session, proposal_id, by, now=now)
        require_another(session, by.person_id, [found.proposed_by], own=AnotherPersonNeeded, now=now)
        _judge(session, found.kept_id, found.gone_id, by=by, now=now)
        _decide(session, proposal_id, "confirmed", by, now=now)
        _join(session, found.kept_id, found.gone_id, by=by, reason=found.reason, now=now)
    return Joined(found.kept_id, found.gone_id)


def refuse(proposal_id: UUID, *, by: Staff, now: datetime) -> str:
    """Takes one's own proposal back, or declines another's. Returns its new state.

    Raises NotFound, ProposalSettled, and OnOneself for one of the two.
    """
    with unit_of_work() as session:
        found = _held_open(session, proposal_id, by, now=now)
        state = "withdrawn" if found.proposed_by == by.person_id else "declined"
        _decide(session, proposal_id, state, by, now=now)
        _note(session, f"people.join_{state}", found.kept_id, found.gone_id, by, found.reason, now=now)
    return state


def _held_open(session: Session, proposal_id: UUID, by: Staff, *, now: datetime) -> joinings.JoinProposal:
    """A proposal that nobody else decides meanwhile, about people in the reach of who acts."""
    found = joinings.proposal(session, proposal_id, by.scopes)
    queries.lock_person(session, by.person_id, found.kept_id, found.gone_id)
    plans.held_units(
        session, [found.gone_id], today=day_of(now)
    )  # before the proposal, which a moving unit takes after it
    found = joinings.proposal(session, proposal_id, by.scopes, lock=True)
    if found.state != "open":
        raise ProposalSettled
    if by.person_id in {found.kept_id, found.gone_id}:
        raise OnOneself
    return found


def _judge(
    session: Session, kept_id: UUID, gone_id: UUID, *, by: Staff, now: datetime
) -> tuple[HeldPerson, HeldPerson]:
    """Holds both, and asks whether they may be one. Raises what propose() raises."""
    queries.lock_person(session, by.person_id, kept_id, gone_id)
    kept, gone = (hold(session, one, by, account=True) for one in (kept_id, gone_id))
    verdict = judge_join(*(Known(one.name, one.named_at, one.has_id_number) for one in (kept, gone)), now=now)
    if isinstance(verdict, Denied):
        raise REFUSALS[verdict.reason]
    return kept, gone


def _decide(session: Session, proposal_id: UUID, state: str, by: Staff, *, now: datetime) -> None:
    session.execute(
        update(JoinProposalRow)
        .where(JoinProposalRow.id == proposal_id)
        .values(state=state, decided_by=by.person_id, decided_at=now)
    )


def _join(session: Session, kept_id: UUID, gone_id: UUID, *, by: Staff, reason: str, now: datetime) -> None:
    memberships.end_all(session, gone_id, now=now)
    corrections.take_back_all(session, gone_id, by=by.person_id, now=now)
    id_numbers.erase(session, gone_id, now=now)
    privacy.end(session, gone_id, notice.ID_NUMBER, now=now)
    kept = queries.person(session, kept_id)
    session.execute(  # from now on an alias stands wherever the person works
        update(PersonRow)
        .where((PersonRow.id == gone_id) | (PersonRow.merged_into == gone_id))
        .values(merged_into=kept_id, unit_id=kept.unit_id, unit_path=kept.unit_path)
        .execution_options(synchronize_session=False)
    )
    notices.hand_over(gone_id, kept_id)
    standing.retire(session, gone_id, reason=AS_ONE, now=now)
    _note(session, "people.joined", kept_id, gone_id, by, reason, now=now)
    people_joined.send(kept_id=kept_id, gone_id=gone_id, at=now, actor_id=by.person_id)


def _note(
    session: Session, action: str, kept_id: UUID, gone_id: UUID, by: Staff, reason: str, *, now: datetime
) -> None:
    audit.record(
        session,
        action=action,
        object_type="person",
        object_id=kept_id,
        actor_id=by.person_id,
        details={"gone": str(gone_id), "reason": reason},
        now=now,
    )
