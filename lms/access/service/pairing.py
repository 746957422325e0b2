"""Helps who has nobody above them: two equals do together what neither may do alone; the machine's operator, where none are left."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.access import queries
from lms.access.domain import pairing
from lms.access.domain.pairing import Help
from lms.access.models import JointHelpRow
from lms.access.service.answers import could, may
from lms.access.service.telling import BY_OPERATOR, tell
from lms.accounts import queries as accounts
from lms.accounts.service import codes, holding, second_factor
from lms.accounts.service.reaching import OnlyForOthers
from lms.accounts.service.second_person import require_another
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, NotFound
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.kernel.verdict import Denied
from lms.organisations import queries as organisations

log = structlog.get_logger()


class AskedAlready(Conflict):
    """One request for a person and a kind of help waits."""

    code, title = "joint_help_open", N_("已有同样的双人办理申请在等待确认")


class Settled(Conflict):
    """The request was confirmed, refused or withdrawn, or 24 hours went by."""

    code, title = "joint_help_settled", N_("这份双人办理申请已经办结或超过 24 小时，请重新申请")


class AnotherPersonNeeded(Forbidden):
    """The same person asks and confirms, or is the one who is helped."""

    code, title = "another_person_needed", N_("确认须由申请人和被帮助人以外的另一位管理员进行")


class NotOnesToGive(Forbidden):
    """The person's roles are not this one's to give, or have not been for long enough."""

    code, title = "not_ones_to_give", N_("对方的岗位不由您授予，或您担任本岗位不满 24 小时，不能参与双人办理")


class TwoAreThere(Conflict):
    """There are two who could help, so the machine's operator does not."""

    code, title = "two_are_there", N_("还有两位管理员可以双人办理")


def offers(session: Session, helper: Principal, person_id: UUID, *, now: datetime) -> tuple[Help, ...]:
    """The kinds of help for a person that need two, when `helper` may be one of them; empty for oneself."""
    theirs = queries.held_or_coming(session, person_id, now=now)
    if helper.person_id == person_id or not _fits(session, helper.person_id, person_id, now=now):
        return ()
    root = _root(session)
    return tuple(one for one in Help if pairing.needs_two(one, theirs, root))


def could_give_all(session: Session, one: UUID, other: UUID, *, now: datetime) -> bool:
    """Whether one person may give roles where another works, and could give every role that the other holds or will hold, by
    roles held long enough."""
    path = accounts.person(session, other).unit_path
    return could(one, Permission.ROLE_GRANT, path, now) and _fits(session, one, other, now=now)


def ask(person_id: UUID, help_: Help, *, reason: str, by: Principal, now: datetime) -> UUID:
    """Asks for help for a person; another one confirms it within 24 hours. Returns the request's id.

    Raises NotFound (out of reach, or one person is enough), OnlyForOthers, NotOnesToGive, AskedAlready, Invalid.
    """
    reason = holding.said(reason)
    request_id = ids.new_id(now)
    try:
        with unit_of_work() as session:
            person = _needing(session, person_id, help_, by=by, now=now)
            _lapse(session, person_id, help_, now=now)
            session.add(
                JointHelpRow(
                    id=request_id,
                    person_id=person_id,
                    help=help_.value,
                    reason=reason,
                    asked_by=by.person_id,
                    asked_at=now,
                    unit_id=person.unit_id,
                    state="open",
                )
            )
            session.flush()
            _note(session, "asked", queries.joint_help(session, request_id), by.person_id, now=now)
    except IntegrityError as error:
        if "joint_help" not in str(error.orig):
            raise
        raise AskedAlready from error
    return request_id


def confirm(request_id: UUID, *, by: Principal, hours: int, now: datetime) -> codes.Slip | None:
    """The second person's word: the help is given in the same transaction. Returns the slip of a one-time code.

    Everything is judged anew: the asker and the one who confirms still fit, and it still takes two. Raises NotFound,
    Settled, AnotherPersonNeeded, InOneHand, NotOnesToGive, NotActive, NoSecondFactor.
    """
    with unit_of_work() as session:
        found = _reached(session, request_id, by, now=now)
        match pairing.may_confirm(found.asked, by.person_id, now=now):
            case Denied("settled" | "late"):
                raise Settled
            case Denied():
                raise AnotherPersonNeeded
        require_another(session, by.person_id, [found.asked_by], own=AnotherPersonNeeded, now=now)
        _needing(session, found.person_id, found.help, by=by, now=now)
        if not _fits(session, found.asked_by, found.person_id, now=now):
            raise NotOnesToGive
        _decide(session, found.id, "confirmed", by.person_id, now=now)
        _note(session, "confirmed", found, by.person_id, now=now)
        if found.help is Help.SIGN_IN_CODE:
            return codes.issue_jointly(found.person_id, by=by.person_id, hours=hours, now=now)
        second_factor.reset_jointly(found.person_id, by=by.person_id, reason=found.reason, now=now)
        return None


def refuse(request_id: UUID, *, by: Principal, now: datetime) -> None:
    """Takes one's own request back, or declines another's. Raises NotFound, Settled, AnotherPersonNeeded, NotOnesToGive."""
    with unit_of_work() as session:
        found = _reached(session, request_id, by, now=now)
        if found.state_at(now) != "open":
            raise Settled
        if by.person_id == found.person_id:
            raise AnotherPersonNeeded
        own = by.person_id == found.asked_by
        if not own and not _fits(session, by.person_id, found.person_id, now=now):
            raise NotOnesToGive
        state = "withdrawn" if own else "declined"
        _decide(session, found.id, state, by.person_id, now=now)
        _note(session, state, found, by.person_id, now=now)


def break_glass(username: str, help_: Help, *, reason: str, hours: int, now: datetime) -> codes.Slip | None:
    """The last way in, for the machine's operator: gives a help that needs two where no two are left to give it.

    Raises NotFound (no such account, or one person is enough), TwoAreThere, NotActive, NoSecondFactor, Invalid.
    """
    reason = holding.said(reason)
    with unit_of_work() as session:
        known = accounts.credentials(session, username.lower())
        if known is None:
            raise NotFound
        theirs = queries.held_or_coming(session, known.person_id, now=now)
        if not pairing.needs_two(help_, theirs, _root(session)):
            raise NotFound
        if len(helpers(session, known.person_id, now=now)) > 1:
            raise TwoAreThere
        if help_ is Help.SIGN_IN_CODE:
            slip = codes.issue_jointly(known.person_id, by=None, hours=hours, now=now)
        else:
            slip = None
            second_factor.reset_jointly(known.person_id, by=None, reason=reason, now=now)
        details = {"help": help_.value, "reason": reason}
        audit.record(
            session,
            action="account.break_glass",
            object_type="account",
            object_id=known.account_id,
            details=details,
            now=now,
        )
        _tell(session, BY_OPERATOR, help_, known.person_id, now=now)
    log.warning("break_glass", account_id=str(known.account_id), help=help_.value)
    return slip


def helpers(session: Session, person_id: UUID, *, now: datetime) -> Sequence[UUID]:
    """Who could be one of the two for a person: everybody with a usable account who fits, but not themselves."""
    theirs = queries.held_or_coming(session, person_id, now=now)
    return [
        one
        for one, seats in queries.chiefs(session, now=now).items()
        if one != person_id and pairing.fits(seats, theirs, now=now)
    ]


def _reached(session: Session, request_id: UUID, by: Principal, *, now: datetime) -> queries.JointHelp:
    """A request about somebody in the reach of who acts, which nobody else decides meanwhile."""
    asked = queries.joint_help(session, request_id)
    if not reads_help(by, asked, now=now):  # before anybody there is locked
        raise NotFound
    accounts.lock_person(session, by.person_id, asked.person_id)
    found = queries.joint_help(session, request_id, lock=True)
    if not reads_help(_acting(session, by, now=now), found, now=now):
        raise NotFound
    return found


def reads_help(person: Principal, asked: queries.JointHelp, *, now: datetime) -> bool:
    """Whether somebody sees a request: where the helped person works, and once it waits no more, where they worked then too."""
    paths = [asked.unit_path] if asked.state_at(now) == "open" else [asked.unit_path, asked.asked_path]
    return all(may(person, Permission.ROLE_GRANT, path) for path in paths)


def _acting(session: Session, by: Principal, *, now: datetime) -> Principal:
    """Somebody with the roles of this moment, which can't end before what rests on them is written. Raises NotFound for none."""
    queries.lock_givers(session, by.person_id)
    acting = queries.principal_of_person(session, by.person_id, now=now)
    if acting is None:
        raise NotFound
    return acting


def _needing(session: Session, person_id: UUID, help_: Help, *, by: Principal, now: datetime) -> accounts.Person:
    accounts.lock_person(session, by.person_id, person_id)
    person = accounts.person(session, person_id)
    if not may(_acting(session, by, now=now), Permission.ROLE_GRANT, person.unit_path):
        raise NotFound
    if by.person_id == person_id:
        raise OnlyForOthers
    if not pairing.needs_two(help_, queries.held_or_coming(session, person_id, now=now), _root(session)):
        raise NotFound
    if not _fits(session, by.person_id, person_id, now=now):
        raise NotOnesToGive
    return person


def _fits(session: Session, one: UUID, other: UUID, *, now: datetime) -> bool:
    seats = queries.seats_of(session, one, now=now)
    return pairing.fits(seats, queries.held_or_coming(session, other, now=now), now=now)


def _root(session: Session) -> str:
    nation = organisations.national(session)
    return nation.path if nation else ""


def _lapse(session: Session, person_id: UUID, help_: Help, *, now: datetime) -> None:
    """Ends what waited too long, so that it can be asked for again."""
    old = session.scalars(
        update(JointHelpRow)
        .where(
            JointHelpRow.person_id == person_id,
            JointHelpRow.help == help_.value,
            JointHelpRow.state == "open",
            JointHelpRow.asked_at <= now - pairing.WINDOW,
        )
        .values(state="lapsed", decided_at=now)
        .returning(JointHelpRow.id)
    ).all()
    for request_id in old:
        audit.mark_again(session, JointHelpRow, request_id)


def _decide(session: Session, request_id: UUID, state: str, by: UUID, *, now: datetime) -> None:
    session.execute(
        update(JointHelpRow).where(JointHelpRow.id == request_id).values(state=state, decided_by=by, decided_at=now)
    )
    audit.mark_again(session, JointHelpRow, request_id)


def _note(session: Session, what: str, request: queries.JointHelp, actor_id: UUID, *, now: datetime) -> None:
    """Puts a step on the record, and tells those whom it concerns."""
    audit.record(
        session,
        action=f"joint_help.{what}",
        object_type="person",
        object_id=request.person_id,
        actor_id=actor_id,
        details={"request": str(request.id), "help": request.help.value, "reason": request.reason},
        now=now,
    )
    _tell(session, what, request.help, request.person_id, request, actor_id, now=now)


def _tell(
    session: Session,
    what: str,
    help_: Help,
    person_id: UUID,
    request: queries.JointHelp | None = None,
    actor_id: UUID | None = None,
    *,
    now: datetime,
) -> None:
    known = accounts.names(session, [one for one in (person_id, request and request.asked_by, actor_id) if one])
    names = {"person": known[person_id]}
    if request is not None and actor_id is not None:
        names |= {"asker": request.asker_name, "actor": known[actor_id]}
    tell(
        what,
        help_,
        person_id=person_id,
        helpers=helpers(session, person_id, now=now),
        names=names,
        request_id=request.id if request else None,
        now=now,
    )
