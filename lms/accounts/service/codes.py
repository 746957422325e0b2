"""One-time codes: on a slip that staff print, by mail or by text message; each lets a person set a password, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import codes, hands
from lms.accounts.domain.reach import Staff
from lms.accounts.events import could_give_all, in_office
from lms.accounts.models import AccountRow, SignInCodeRow
from lms.accounts.service import passwords, sessions, tries
from lms.accounts.service.policy import Browser, NotActive, Policy, WrongSignInCode
from lms.accounts.service.reaching import Outranks, held
from lms.accounts.service.sign_in import OpenedSession, let_in
from lms.audit import queries as audit_queries, service as audit
from lms.infra import crypto, jobs, ratelimit
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Forbidden, TooMany

FORGOTTEN_JOB = "accounts.forgotten"
HOUR = 3600
NOBODY = UUID(int=0)
RESET_APART = timedelta(hours=24)


class SecondPersonNeeded(Forbidden):
    """Who took away a second factor and prints a slip as well could sign in as the person, alone."""

    code, title = (
        "second_person_needed",
        N_("您刚为此人重置过动态验证码，登录码请由另一位管理员发放，或 24 小时后再办理"),
    )


@dataclass(frozen=True)
class Slip:
    """What is printed for a person, and shown this once."""

    name: str
    username: str
    unit_name: str
    code: str
    expires_at: datetime


@dataclass(frozen=True)
class Letter:
    """A fresh code on its way to a person who asked for one."""

    way: str
    to: str
    username: str
    code: str
    expires_at: datetime


def issue(person_id: UUID, *, staff: Staff, outranks: Outranks, outranked: Outranks, hours: int, now: datetime) -> Slip:
    """A code for somebody at one's own unions; a newer one ends it. Nobody learns or sets a password on the way.

    `outranked` answers as `outranks` did RESET_APART ago: after a reset of the second factor only who stood above the person
    then prints a slip, so that nobody makes the second hand that they need.

    Raises NotFound outside of the staff's reach, Forbidden for oneself, for who is as powerful and for who lost their second
    factor by the same hand within a day, NotActive.
    """
    with unit_of_work() as session:
        person = held(session, person_id, staff=staff, outranks=outranks)
        known = queries.credentials_of_person(session, person.id, lock=True)
        if not known.active:
            raise NotActive
        if _lost_their_factor(session, known, by=staff.person_id, since=now - RESET_APART) or (
            _lost_their_factor(session, known, by=None, since=now - RESET_APART)
            and not outranked(staff.person_id, person.id)
        ):
            raise SecondPersonNeeded
        code, expires_at = _new_code(session, known, way="slip", by=staff.person_id, hours=hours, now=now)
    return Slip(person.name, known.username, person.unit_name, codes.in_groups(code), expires_at)


def issue_jointly(person_id: UUID, *, by: UUID | None, hours: int, now: datetime) -> Slip:
    """A code that two persons agreed on, `by` being the second, or that the machine's operator (None) makes.

    Who may do that is decided before. Raises NotActive.
    """
    with unit_of_work() as session:
        person = queries.person(session, person_id)
        known = queries.credentials_of_person(session, person_id, lock=True)
        if not known.active:
            raise NotActive
        code, expires_at = _new_code(session, known, way="joint" if by else "operator", by=by, hours=hours, now=now)
    return Slip(person.name, known.username, person.unit_name, codes.in_groups(code), expires_at)


def ask(username: str, *, policy: Policy, address: str, now: datetime) -> None:
    """Notes that somebody forgot their password; a job sends a code if there is such an account and a way to reach it.

    The same statements run for a name that does not exist: neither the answer nor its time tells. Raises TooMany.
    """
    username = tries.normal_name(username)
    if not ratelimit.hit("forgotten", address, limit=policy.registrations_per_address, window_seconds=HOUR):
        raise TooMany
    if not ratelimit.hit(
        "forgotten-name", tries.guard_key(username), limit=policy.reset_requests_per_name, window_seconds=HOUR
    ):
        return  # as silent as any other end: an error would tell that somebody else asks for this name
    with unit_of_work() as session:
        jobs.enqueue(session, FORGOTTEN_JOB, {"username": crypto.encrypt(username, FORGOTTEN_JOB)}, now=now)


def letter_for(username: str, *, ways: tuple[str, ...], hours: int, now: datetime) -> Letter | None:
    """A fresh code with the best of `ways` ("mail", "sms") that reaches the person; None when none does.

    Who holds a role, or lost one just now, gets none by text message for a day after staff gave them another mobile number: it
    may be the staff's own. Nor does anybody whose second factor was taken within a day.
    """
    with unit_of_work() as session:
        named = queries.credentials(session, username)
        if named is None:
            return None
        # Nobody gives them another number, or takes their second factor, between the question whether somebody did and the code.
        queries.lock_person(session, named.person_id)
        known = queries.credentials_of_person(session, named.person_id, lock=True)
        if not known.active:
            return None
        contact = queries.contact(session, known.person_id)
        if _moved_by_staff(session, known.person_id, since=now - RESET_APART, now=now) or _lost_their_factor(
            session, known, by=None, since=now - RESET_APART
        ):
            ways = tuple(one for one in ways if one != "sms")
        reachable = ((way, to) for way, to in (("mail", contact.mail), ("sms", contact.mobile)) if way in ways and to)
        way, to = next(reachable, ("", ""))
        if not to:
            return None
        code, expires_at = _new_code(session, known, way=way, by=None, hours=hours, now=now)
    return Letter(way, to, known.username, codes.in_groups(code), expires_at)


def sign_in_with_code(
    username: str,
    code: str,
    second: str | None,
    *,
    could_issue: Callable[[UUID, UUID], bool],
    policy: Policy,
    browser: Browser,
    now: datetime,
) -> OpenedSession:
    """Checks a one-time code, and the second factor where there is one, and opens a session whose first duty is a new
    password: the old one is gone from here on.

    A slip also ends when its issuer could no longer issue it: the person may have moved or been given a role since, and the
    issuer's own role may have run out; so does a text message to a number of the staff's when the person holds a role now. Raises
    TooManyHere, NameLocked, WrongSignInCode, CodeNeeded. A name that does not exist takes the same path.
    """
    username = tries.normal_name(username)
    tries.count(username, policy=policy, address=browser.address, now=now)
    with reading() as session:
        known = queries.credentials(session, username)
        account_id = known.account_id if known else NOBODY
        found = queries.holding_code(session, account_id, _code_hash(account_id, codes.normal(code)), now=now)
        good = known is not None and found is not None and _still_good(session, found, known, could_issue, now=now)
    if known is None or not known.active or found is None or not good:
        tries.note_refusal(username, known, way="code", now=now)
        raise WrongSignInCode

    def use_up(session: Session) -> bool:
        return _use_up(session, known, found.id, keep=policy.password_history, now=now)

    return let_in(
        known, second, way="code", also=use_up, wrong=WrongSignInCode, policy=policy, browser=browser, now=now
    )


def end_all(session: Session, account_id: UUID, *, ways: tuple[str, ...] = (), now: datetime) -> None:
    """Ends the unused codes of an account, those of some ways or (none named) of all."""
    unused = SignInCodeRow.account_id == account_id, SignInCodeRow.ended_at.is_(None)
    statement = update(SignInCodeRow).where(*unused).values(ended_at=now)
    session.execute(statement.where(SignInCodeRow.way.in_(ways)) if ways else statement)


def _moved_by_staff(session: Session, person_id: UUID, *, since: datetime, now: datetime) -> bool:
    """Whether staff gave a mobile number after a moment to somebody who holds a role now, or just lost one."""
    return audit_queries.happened(session, hands.MOBILE_CHANGED, person_id, since=since) and any(
        holds for _receiver, holds in in_office.send(session=session, person_id=person_id, just_taken=True, at=now)
    )


def _lost_their_factor(session: Session, known: queries.Credentials, *, by: UUID | None, since: datetime) -> bool:
    return audit_queries.happened(session, "second_factor.reset", known.account_id, actor_id=by, since=since)


def end_issued_by(person_id: UUID, *, now: datetime) -> None:
    """Ends the unused codes that somebody made, who may not make them any more."""
    with unit_of_work() as session:
        session.execute(
            update(SignInCodeRow)
            .where(SignInCodeRow.issued_by == person_id, SignInCodeRow.ended_at.is_(None))
            .values(ended_at=now)
        )


def _still_good(
    session: Session,
    found: queries.SignInCode,
    known: queries.Credentials,
    could_issue: Callable[[UUID, UUID], bool],
    *,
    now: datetime,
) -> bool:
    """Whether who issued a code could still do so; who confirmed one as the second person need not stand above."""
    if found.issued_by is None:
        return found.way != "sms" or not _moved_by_staff(
            session, known.person_id, since=found.issued_at - RESET_APART, now=now
        )
    if found.way != "joint":
        return could_issue(found.issued_by, known.person_id)
    answers = could_give_all.send(session=session, giver_id=found.issued_by, person_id=known.person_id, at=now)
    return any(could for _receiver, could in answers)


def _use_up(session: Session, known: queries.Credentials, code_id: UUID, *, keep: int, now: datetime) -> bool:
    used = session.execute(
        update(SignInCodeRow)
        .where(SignInCodeRow.id == code_id, SignInCodeRow.ended_at.is_(None))
        .values(ended_at=now)
        .returning(SignInCodeRow.id)
    ).first()
    if used is None:
        return False
    end_all(session, known.account_id, now=now)
    passwords.keep_in_history(session, known, keep=keep, now=now)
    session.execute(
        update(AccountRow).where(AccountRow.id == known.account_id).values(password_hash="", duty_password=True)
    )
    sessions.end_others(session, known.account_id, but=None, now=now)
    return True


def _new_code(
    session: Session, known: queries.Credentials, *, way: str, by: UUID | None, hours: int, now: datetime
) -> tuple[str, datetime]:
    end_all(session, known.account_id, ways=(way,), now=now)  # of this way only: anybody can ask for a letter
    code, expires_at = codes.new_code(codes.SIGN_IN_LENGTH), now + timedelta(hours=hours)
    session.add(
        SignInCodeRow(
            id=ids.new_id(now),
            account_id=known.account_id,
            code_hash=_code_hash(known.account_id, code),
            way=way,
            issued_by=by,
            issued_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()
    audit.record(
        session,
        action="sign_in_code.issued",
        object_type="account",
        object_id=known.account_id,
        actor_id=by,
        details={"way": way},
        now=now,
    )
    return code, expires_at


def _code_hash(account_id: UUID, code: str) -> str:
    return crypto.mac("sign-in-code", f"{account_id}:{code}")
