"""The second factor: setting it up, checking its codes, recovery codes, and the reset of a lost one (requirement 65)."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

import pyotp
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import codes, totp
from lms.accounts.domain.particulars import NEEDED
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow, RecoveryCodeRow, SignInCodeRow
from lms.accounts.service import sessions
from lms.accounts.service.closing import check_password
from lms.accounts.service.holding import said
from lms.accounts.service.policy import NotActive
from lms.accounts.service.reaching import Outranks, held
from lms.audit import service as audit
from lms.infra import crypto, ratelimit
from lms.infra.db import reading, unit_of_work
from lms.infra.sealing import seal
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid, TooMany
from lms.kernel.principal import Principal

SETUP_SECONDS = 1800
CODES_PER_WINDOW, WINDOW_SECONDS = 10, 900
WRONG_CODE = N_("动态验证码不正确，请确认手机时间准确后再试")
SETUP_TOO_OLD = N_("页面停留过久，密钥已经更换，请重新扫码")


class NoSecondFactor(Conflict):
    """The account has none."""

    code, title = "no_second_factor", N_("此账号尚未设置动态验证码")


@dataclass(frozen=True)
class Setup:
    """A secret that is offered and not in force yet; `carried` brings it back, sealed, with the form."""

    secret: str
    address: str
    carried: str


def offer(principal: Principal, *, issuer: str, now: datetime) -> Setup:
    """A fresh secret for the page; nothing is stored before a code confirms that the phone has it."""
    return _setup(principal, pyotp.random_base32(), issuer=issuer, now=now)


def offered(principal: Principal, carried: str, *, issuer: str, now: datetime) -> Setup | None:
    """The same secret again, for a page whose code was wrong; None when it is not this account's or too old."""
    secret = _carried_secret(principal, carried, now=now)
    return _setup(principal, secret, issuer=issuer, now=now) if secret else None


def _setup(principal: Principal, secret: str, *, issuer: str, now: datetime) -> Setup:
    carried = crypto.encrypt(f"{int(now.timestamp())}:{secret}", _setup_place(principal))
    return Setup(secret, _address(secret, username=principal.username, issuer=issuer), carried)


def _address(secret: str, *, username: str, issuer: str) -> str:
    """What an authenticator reads from the QR code."""
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?secret={secret}&issuer={quote(issuer)}"


def _carried_secret(principal: Principal, carried: str, *, now: datetime) -> str:
    try:
        moment, secret = crypto.decrypt(carried, _setup_place(principal)).split(":")
    except (crypto.CryptoFault, ValueError):
        return ""
    return secret if now.timestamp() - int(moment) <= SETUP_SECONDS else ""


def _setup_place(principal: Principal) -> str:
    return f"second-factor-setup:{principal.account_id}"


def asks_password(known: queries.Credentials) -> bool:
    """Whether setting one up asks for the password: for the first one, of who has a password. Who signed in with a one-time
    code has none."""
    return known.totp_secret is None and known.password_hash != ""


def enrol(
    principal: Principal,
    carried: str,
    code: str,
    present_code: str,
    *,
    password: str = "",
    single_use: bool,
    now: datetime,
) -> tuple[str, ...]:
    """Puts the offered secret in force. Returns ten recovery codes, which nobody can read again.

    An account that has a second factor already gives a code of it as `present_code`, another one its `password`: who finds a
    page open would lock its owner out. Raises Invalid, TooMany.
    """
    _slow_down(principal.account_id)
    secret = _carried_secret(principal, carried, now=now)
    if not secret:
        raise Invalid(fields={"code": SETUP_TOO_OLD})
    step = totp.step_of(secret, code.strip(), now)
    if step is None:
        raise Invalid(fields={"code": WRONG_CODE})
    with reading() as session:
        proves = asks_password(queries.credentials_of_person(session, principal.person_id))
    if proves:
        if not password:
            raise Invalid(fields={"password": NEEDED})
        check_password(principal.person_id, password, now=now)
    with unit_of_work() as session:
        known = _own(session, principal)
        if asks_password(known) and not proves:
            raise Invalid(fields={"password": NEEDED})
        right = known.totp_secret is None or accept(session, known, present_code, single_use=single_use, now=now)
        fresh = _put_in_force(session, known.account_id, secret, step, principal=principal, now=now) if right else ()
        result = "ok" if right else "refused"
        _note(session, "second_factor.set", known.account_id, principal.person_id, result=result, now=now)
    if not right:  # after the commit: the refusal stays in the record
        raise Invalid(fields={"present_code": WRONG_CODE})
    return fresh


def _put_in_force(
    session: Session, account_id: UUID, secret: str, step: int, *, principal: Principal, now: datetime
) -> tuple[str, ...]:
    session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id)
        .values(totp_sealed=seal(AccountRow.totp_sealed, account_id, secret), totp_step=step)
    )
    sessions.end_others(session, account_id, but=principal.session_id, now=now)
    return _fresh_codes(session, account_id, now=now)


def renew_codes(principal: Principal, code: str, *, single_use: bool, now: datetime) -> tuple[str, ...]:
    """Ten new recovery codes; the old ones end. Raises Invalid for a wrong code, NoSecondFactor, TooMany."""
    _slow_down(principal.account_id)
    with unit_of_work() as session:
        known = _own(session, principal)
        if known.totp_secret is None:
            raise NoSecondFactor
        right = accept(session, known, code, single_use=single_use, now=now)
        fresh = _fresh_codes(session, known.account_id, now=now) if right else ()
        result = "ok" if right else "refused"
        _note(session, "second_factor.codes_renewed", known.account_id, principal.person_id, result=result, now=now)
    if not right:  # after the commit: the refusal stays in the record
        raise Invalid(fields={"code": WRONG_CODE})
    return fresh


def accept(session: Session, known: queries.Credentials, code: str, *, single_use: bool, now: datetime) -> bool:
    """Whether `code` is a code of the account's second factor or an unused recovery code; uses it up in the running
    unit of work, so that of two who come with it at once one is let in."""
    typed = codes.normal(code)
    if len(typed) == totp.DIGITS and typed.isdigit():
        return _accept_totp(session, known, typed, single_use=single_use, now=now)
    return _accept_recovery(session, known.account_id, typed, now=now)


def _accept_totp(session: Session, known: queries.Credentials, code: str, *, single_use: bool, now: datetime) -> bool:
    step = totp.step_of(known.totp_secret or "", code, now, after=known.totp_step if single_use else 0)
    if step is None:
        return False
    used = update(AccountRow).where(AccountRow.id == known.account_id).values(totp_step=step)
    if single_use:
        used = used.where(AccountRow.totp_step < step)
    return session.execute(used.returning(AccountRow.id)).first() is not None


def _accept_recovery(session: Session, account_id: UUID, code: str, *, now: datetime) -> bool:
    used = session.execute(
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.account_id == account_id,
            RecoveryCodeRow.code_hash == _code_hash(account_id, code),
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCodeRow.id)
    ).first()
    if used is not None:
        _note(session, "second_factor.recovery_code_used", account_id, None, now=now)
    return used is not None


def reset(person_id: UUID, *, staff: Staff, outranks: Outranks, reason: str, now: datetime) -> None:
    """Takes away a lost second factor; the person sets a new one at the next sign-in, and is signed out everywhere.

    Raises NotFound outside of the staff's reach, Forbidden for oneself and for who is more powerful, NoSecondFactor,
    Invalid for a reason that holds a number.
    """
    reason = said(reason)
    with unit_of_work() as session:
        person = held(session, person_id, staff=staff, outranks=outranks)
        _take_away(session, person.id, actor_id=staff.person_id, reason=reason, now=now)


def reset_jointly(person_id: UUID, *, by: UUID | None, reason: str, now: datetime) -> None:
    """The same by two persons, `by` being the second, or by the machine's operator (None).

    Who may do that is decided before. Raises NoSecondFactor.
    """
    with unit_of_work() as session:
        _take_away(session, person_id, actor_id=by, reason=reason, now=now)


def _take_away(session: Session, person_id: UUID, *, actor_id: UUID | None, reason: str, now: datetime) -> None:
    known = queries.credentials_of_person(session, person_id, lock=True)
    if known.totp_secret is None:
        raise NoSecondFactor
    session.execute(update(AccountRow).where(AccountRow.id == known.account_id).values(totp_sealed=None, totp_step=0))
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == known.account_id))
    session.execute(
        update(SignInCodeRow)
        .where(SignInCodeRow.account_id == known.account_id, SignInCodeRow.ended_at.is_(None))
        .values(ended_at=now)
    )
    sessions.end_others(session, known.account_id, but=None, now=now)
    _note(session, "second_factor.reset", known.account_id, actor_id, now=now, reason=reason)


def _own(session: Session, principal: Principal) -> queries.Credentials:
    known = queries.credentials_of_person(session, principal.person_id, lock=True)
    if not known.active:
        raise NotActive
    return known


def _fresh_codes(session: Session, account_id: UUID, *, now: datetime) -> tuple[str, ...]:
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
    fresh = tuple(codes.new_code(codes.RECOVERY_LENGTH) for _ in range(codes.RECOVERY_CODES))
    session.add_all(
        RecoveryCodeRow(id=ids.new_id(now), account_id=account_id, code_hash=_code_hash(account_id, code), made_at=now)
        for code in fresh
    )
    return tuple(codes.in_groups(code) for code in fresh)


def _code_hash(account_id: UUID, code: str) -> str:
    return crypto.mac("recovery-code", f"{account_id}:{code}")


def _slow_down(account_id: UUID) -> None:
    if not ratelimit.hit("second-factor", str(account_id), limit=CODES_PER_WINDOW, window_seconds=WINDOW_SECONDS):
        raise TooMany


def _note(
    session: Session,
    action: str,
    account_id: UUID,
    actor_id: UUID | None,
    *,
    result: str = "ok",
    now: datetime,
    **details: str,
) -> None:
    audit.record(
        session,
        action=action,
        object_type="account",
        object_id=account_id,
        actor_id=actor_id,
        result=result,
        details=details,
        now=now,
    )
