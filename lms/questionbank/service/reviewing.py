"""The review of own items: handed in, decided at two levels by two people who did not write them, published or returned.

States, ranks and who may decide are those of every review (lms/moderation/domain/workflow.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from lms.access import service as access
from lms.audit import service as audit
from lms.infra import formulas
from lms.infra.db import unit_of_work
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import refuse_numbers
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.moderation.domain.workflow import Action, Level, Rank, State, advance
from lms.moderation.service import REASON_NEEDED, WHY_NOT, ContentChanged, MayNotReview, why_not
from lms.organisations import queries as organisations
from lms.questionbank import queries
from lms.questionbank.domain.exchange import ExchangeItem, Kind, TextFormat
from lms.questionbank.domain.formats.soundness import faults_of
from lms.questionbank.domain.showable import hindrances
from lms.questionbank.domain.typed import editable
from lms.questionbank.events import keys_opening
from lms.questionbank.models import BankRow, ItemFlagRow, ItemVersionRow
from lms.questionbank.queries import Event, VersionOfItem
from lms.questionbank.service.versions import add_event

PERMISSION_OF_LEVEL = {Level.PROVINCE: Permission.REVIEW_PROVINCE, Level.NATIONAL: Permission.REVIEW_NATIONAL}
STATE_OF_LEVEL = {Level.PROVINCE: State.PROVINCE_REVIEW, Level.NATIONAL: State.NATIONAL_REVIEW}
_RANK = {Level.PROVINCE: Rank.PROVINCE, Level.NATIONAL: Rank.NATIONAL}
MOST_AT_ONCE = 100
"""Items that one press hands in or approves: each of them writes a few rows in one transaction."""

NOT_SHOWN = N_("考试页面显示不了这道题：案例的小题只能是简答题，匹配题和案例题不能是 HTML。请在编辑页修改后再提交")
ASKED_ELSEWHERE = N_("同样题干的题已在考试题库和练习题库的另一方：练习会公布答案，请换一道题")
OUT_OF_DATE = N_("这道题的有效期已过，请先修改有效期或内容")


class NotADraft(Conflict):
    """Only a draft or a returned item is handed in."""

    code, title = "item_not_a_draft", N_("这道题已经提交或发布，不能再次提交")


class NotHandedIn(Invalid):
    """The item can't be used in an exam as it is; `ref` names it, `why` says it in a Chinese sentence."""

    code, title = "item_not_handed_in", N_("没有提交")


@dataclass(frozen=True)
class Seat:
    """At which level somebody decides on a version now (None: they only read), and what speaks against it."""

    level: Level | None
    objection: str | None


def hand_in(version_ids: Sequence[UUID], bank_code: str, *, actor_id: UUID, now: datetime) -> int:
    """Hands drafts of a bank in for review, all or none. Returns how many. Raises NotFound, NotADraft, NotHandedIn."""
    with unit_of_work() as session:
        for version_id in dict.fromkeys(version_ids[:MOST_AT_ONCE]):
            found = queries.version(session, version_id, bank_code, lock=True)
            if not found.own or found.state not in {State.DRAFT, State.RETURNED}:
                raise NotADraft(extra={"ref": found.ref})
            problem = _problem(found.item, now) or _asked_elsewhere(session, version_id)
            if problem:
                raise NotHandedIn(extra={"ref": found.ref, "why": problem})
            waiting = advance(
                advance(State(found.state), Action.SUBMIT, rank=Rank.AUTHOR), Action.PASS_CHECKS, rank=Rank.SYSTEM
            )
            session.execute(
                update(ItemVersionRow)
                .where(ItemVersionRow.id == version_id)
                .values(state=waiting.value, round=found.round + 1)
            )
            handed = queries.version(session, version_id)
            add_event(
                session,
                found.item_id,
                version_id,
                "handed_in",
                actor_id=actor_id,
                round=handed.round,
                content_hash=handed.token,
                now=now,
            )
            _recorded(session, "item.handed_in", found, actor_id, now)
    return len(set(version_ids[:MOST_AT_ONCE]))


def seat(session: Session, found: VersionOfItem, events: Sequence[Event], person: Principal) -> Seat:
    """Whether a person decides on a version now; `events` are those of its item."""
    path = _unit_path(session, found.bank_code)
    for level, state in STATE_OF_LEVEL.items():
        if found.state == state and access.may(person, PERMISSION_OF_LEVEL[level], path):
            return Seat(level, _objection(session, found, events, person.person_id, level))
    return Seat(None, None)


def open_to(found: VersionOfItem, events: Sequence[Event], person: Principal, unit_path: str) -> bool:
    """Whether somebody who reaches the bank at `unit_path` reads this version; `events` are those of its item.

    Who writes for the bank reads all of it. Reviewers and managers read what is or was published, what waits at a level of
    theirs, and what they decided in its present round: never what nobody handed in.
    """
    if found.state in {State.PUBLISHED, "withdrawn"}:
        return True
    if access.may(person, Permission.ITEM_AUTHOR, unit_path):
        return True
    decided = any(
        one.version_id == found.id and one.level and one.actor_id == person.person_id and one.round == found.round
        for one in events
    )
    waits = any(
        found.state == state and access.may(person, PERMISSION_OF_LEVEL[level], unit_path)
        for level, state in STATE_OF_LEVEL.items()
    )
    return waits or (decided and found.state != State.DRAFT)


def _decided(found: VersionOfItem, events: Sequence[Event], level: Level) -> bool:
    """Whether a level has decided on a version as it is: who comes second is told so."""
    return found.state != State.DRAFT and any(
        (one.version_id, one.level, one.round) == (found.id, level.value, found.round) for one in events
    )


def decide(
    version_id: UUID, level: Level, *, approves: bool, comment: str, token: str, reviewer: Principal, now: datetime
) -> State:
    """A reviewer's decision on a version as they saw it; the national approval publishes at once. Returns the new state.

    Raises NotFound outside the reviewer's scope and for what never waited at this level, Invalid for a return without a
    reason, MayNotReview, ContentChanged, TransitionRefused, and what speaks against seeing the bank's keys: who joined an exam
    on it since they opened the page decides nothing.
    """
    if not approves and not comment.strip():
        raise Invalid(fields={"comment": REASON_NEEDED})
    refuse_numbers(comment=comment)
    with unit_of_work() as session:
        found = queries.version(session, version_id, lock=True)
        path, events = _held_path(session, found.bank_code), queries.events(session, found.item_id)
        if not access.may(reviewer, PERMISSION_OF_LEVEL[level], path):
            raise NotFound
        if not (_decided(found, events, level) or open_to(found, events, reviewer, path)):
            raise NotFound
        keys_opening.send(None, session=session, bank_code=found.bank_code, person_id=reviewer.person_id, at=now)
        action = Action.APPROVE if approves else Action.RETURN
        following = advance(State(found.state), action, rank=_RANK[level])
        if found.token != token:
            raise ContentChanged
        objection = _objection(session, found, events, reviewer.person_id, level)
        if objection:
            raise MayNotReview(WHY_NOT[objection], extra={"reason": objection})
        if approves and _expired(found.item, now):
            raise Invalid(fields={"comment": OUT_OF_DATE})
        add_event(
            session,
            found.item_id,
            version_id,
            "approved" if approves else "returned",
            actor_id=reviewer.person_id,
            level=level.value,
            round=found.round,
            content_hash=token,
            comment=comment.strip(),
            now=now,
        )
        session.flush()
        if following is State.APPROVED:
            following = advance(following, Action.PUBLISH, rank=Rank.SYSTEM)
        session.execute(update(ItemVersionRow).where(ItemVersionRow.id == version_id).values(state=following.value))
        if following is State.PUBLISHED:
            draw_newest_only(session, [found.item_id])
            settle_flags(session, [found.item_id], actor_id=reviewer.person_id, now=now)
        _recorded(session, f"item.{'approved' if approves else 'returned'}", found, reviewer.person_id, now)
    return following


def stop(version_id: UUID, *, reason: str, actor: Principal, now: datetime) -> None:
    """Takes a published own item out of the draw for good; papers that hold it keep it. Raises NotFound, Invalid, Forbidden."""
    if not reason.strip():
        raise Invalid(fields={"reason": REASON_NEEDED})
    refuse_numbers(reason=reason)
    with unit_of_work() as session:
        found = queries.version(session, version_id, lock=True)
        if not access.may(actor, Permission.CONTENT_WITHDRAW, _held_path(session, found.bank_code)):
            raise NotFound
        if found.state != "published" or not found.own:
            raise Forbidden
        session.execute(update(ItemVersionRow).where(ItemVersionRow.id == version_id).values(state="withdrawn"))
        add_event(
            session,
            found.item_id,
            version_id,
            "withdrawn",
            actor_id=actor.person_id,
            round=found.round,
            comment=reason.strip(),
            now=now,
        )
        _recorded(session, "item.withdrawn", found, actor.person_id, now)


def draw_newest_only(session: Session, item_ids: Sequence[UUID]) -> None:
    """Of each item only the newest version that ever was published is drawn, if it is not withdrawn; the older ones are."""
    newer = aliased(ItemVersionRow)
    superseded = exists().where(
        newer.item_id == ItemVersionRow.item_id,
        newer.version_no > ItemVersionRow.version_no,
        newer.state.in_(queries.FROZEN),
    )
    session.execute(
        update(ItemVersionRow)
        .where(ItemVersionRow.item_id.in_(item_ids), ItemVersionRow.state == "published", superseded)
        .values(state="withdrawn")
        .execution_options(synchronize_session=False)
    )


def settle_flags(session: Session, item_ids: Sequence[UUID], *, actor_id: UUID, now: datetime) -> None:
    """What was to be looked at again has been."""
    session.execute(
        update(ItemFlagRow)
        .where(ItemFlagRow.item_id.in_(item_ids), ItemFlagRow.settled_at.is_(None))
        .values(settled_by=actor_id, settled_at=now)
    )


def _objection(
    session: Session, found: VersionOfItem, events: Sequence[Event], reviewer_id: UUID, level: Level
) -> str | None:
    """A reason of `may_review`: everybody who wrote the version or handed it in counts as its author."""
    mine = [one for one in events if one.version_id == found.id]
    writers = {one.actor_id for one in mine if one.actor_id and one.action in {"written", "handed_in"}}
    deciders = {one.level: one.actor_id for one in mine if one.level and one.actor_id and one.round == found.round}
    return why_not(session, writers, deciders, reviewer_id, level)


def _problem(item: ExchangeItem, now: datetime) -> str | None:
    faults = (*faults_of(item), *hindrances(item, formulas.draws))
    if faults:
        return faults[0]
    html = item.format is TextFormat.HTML and item.kind in {Kind.MATCHING, Kind.CASE}
    if html or not editable(item):
        return NOT_SHOWN
    return OUT_OF_DATE if _expired(item, now) else None


def _asked_elsewhere(session: Session, version_id: UUID) -> str | None:
    """Speaks against an item of which an exam asks what learners practise, in the same words, whosever banks they are."""
    other, bank, other_bank = aliased(ItemVersionRow), aliased(BankRow), aliased(BankRow)
    found = (
        select(other.id)
        .select_from(ItemVersionRow)
        .join(bank, bank.code == ItemVersionRow.bank_code)
        .join(other, other.stem == ItemVersionRow.stem)
        .join(other_bank, other_bank.code == other.bank_code)
        .where(
            ItemVersionRow.id == version_id,
            other_bank.kind != bank.kind,
            other.state.in_((State.PROVINCE_REVIEW.value, State.NATIONAL_REVIEW.value, State.PUBLISHED.value)),
        )
    )
    return ASKED_ELSEWHERE if session.execute(found.limit(1)).first() else None


def _expired(item: ExchangeItem, now: datetime) -> bool:
    return item.valid_until is not None and item.valid_until < now.astimezone(SHANGHAI).date()


def _unit_path(session: Session, bank_code: str) -> str:
    path = queries.unit_path(session, bank_code)
    if path is None:
        raise NotFound
    return path


def _held_path(session: Session, bank_code: str) -> str:
    """The same for an act: the unit stays where it is until the unit of work ends."""
    unit_id = queries.unit_id(session, bank_code)
    if unit_id is None:
        raise NotFound
    return organisations.held_place(session, unit_id).path


def _recorded(session: Session, action: str, found: VersionOfItem, actor_id: UUID, now: datetime) -> None:
    session.flush()
    audit.record(
        session,
        action=action,
        object_type="item_version",
        object_id=found.id,
        actor_id=actor_id,
        details={"bank": found.bank_code, "ref": found.ref, "round": found.round},
        now=now,
    )
