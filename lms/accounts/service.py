"""Registers people, signs them in and out. Passwords are hashed with argon2id; hashing happens outside any transaction."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from lms.accounts import queries
from lms.accounts.domain import lockout, passwords
from lms.accounts.events import account_disabled
from lms.accounts.models import AccountRow, AuthSessionRow, MembershipRow, PersonRow, SignInGuardRow
from lms.audit import service as audit
from lms.infra import crypto, pinyin, ratelimit
from lms.infra.db import dialect, for_update, reading, unit_of_work
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, DomainError, Invalid, Locked, TooMany
from lms.kernel.verdict import Denied
from lms.organisations import queries as organisations

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's argon2id floor
_nobodys_hash = _hasher.hash(secrets.token_urlsafe(16))


class WrongCredentials(DomainError):
    """User name, password or code is wrong; which of them is not said."""

    code, status, title = "wrong_credentials", 401, N_("用户名、密码或动态验证码不正确")


class CodeNeeded(DomainError):
    """The password is right and the account needs its second factor."""

    code, status, title = "code_needed", 401, N_("请输入动态验证码")


class SecondFactorMissing(DomainError):
    """A role that needs a second factor has none: nobody signs in with half a key."""

    code, status, title = "second_factor_missing", 401, N_("此账号的岗位需要动态验证码，但尚未设置，请联系管理员")


class NameLocked(Locked):
    """Too many wrong tries with this user name."""

    code, title = "name_locked", N_("连续输错次数过多，此用户名暂时不能登录，请稍后再试")


class TooManyHere(TooMany):
    """Too many tries from this address."""

    code, title = "address_limited", N_("这个网络地址的尝试过于频繁，请稍后再试")


PASSWORD_PROBLEMS = {
    "short": N_("密码太短，请使用更长的密码"),
    "long": N_("密码太长"),
    "classes": N_("密码须包含大写字母、小写字母、数字、符号中的至少三种"),
    "common": N_("密码过于常见，容易被猜到"),
    "personal": N_("密码不能包含用户名"),
}
CARRY_SECONDS = 300
USERNAME_TAKEN = N_("此用户名已被使用，请换一个")


@dataclass(frozen=True)
class Policy:
    """The settings that sign-in and registration obey."""

    password_min_length: int
    lockout_failures: int
    lockout_minutes: int
    sign_ins_per_address: int
    registrations_per_address: int
    session_hours: int


@dataclass(frozen=True)
class Registration:
    """What a person tells of themselves; every field is compulsory (L1)."""

    name: str
    sex: str
    unit_id: UUID
    post: str
    mobile: str
    username: str
    password: str
    category: str = "other"
    employment: str = "full_time"
    appointed_on: date | None = None


@dataclass(frozen=True)
class OpenedSession:
    """A fresh sign-in."""

    session_id: UUID
    person_id: UUID
    expires_at: datetime


def hash_password(password: str) -> str:
    """The argon2id hash; several accounts may be given the same one (demo learners)."""
    return _hasher.hash(password)


def register(form: Registration, *, policy: Policy, address: str, now: datetime) -> UUID:
    """Makes person and account. Returns the person's id. Raises Invalid naming the field, TooManyHere."""
    if not ratelimit.hit("register", address, limit=policy.registrations_per_address, window_seconds=3600):
        raise TooManyHere
    verdict = passwords.judge(form.password, minimum_length=policy.password_min_length, forbidden=(form.username,))
    if isinstance(verdict, Denied):
        raise Invalid(fields={"password": PASSWORD_PROBLEMS[verdict.reason]})
    return create_person(form, password_hash=hash_password(form.password), totp_secret=None, now=now)


def create_person(form: Registration, *, password_hash: str, totp_secret: str | None, now: datetime) -> UUID:
    """Stores a person and their account with a finished hash. Returns the person's id. Raises Invalid, NotFound."""
    person_id = ids.new_id(now)
    try:
        with unit_of_work() as session:
            unit = organisations.unit(session, form.unit_id)
            session.add(
                PersonRow(
                    id=person_id,
                    name=form.name,
                    name_key=pinyin.key_of(form.name, person=True),
                    initials=pinyin.initials_of(form.name, person=True),
                    sex=form.sex,
                    unit_id=unit.id,
                    unit_path=unit.path,
                    post=form.post,
                    category=form.category,
                    employment=form.employment,
                    appointed_on=form.appointed_on,
                    mobile_sealed=crypto.encrypt(form.mobile),
                    mobile_hash=crypto.mac("mobile", form.mobile),
                    created_at=now,
                )
            )
            session.flush()
            session.add(
                MembershipRow(
                    id=ids.new_id(now),
                    person_id=person_id,
                    unit_id=unit.id,
                    is_primary=True,
                    from_on=now.astimezone(SHANGHAI).date(),
                    recorded_at=now,
                )
            )
            session.add(
                AccountRow(
                    id=ids.new_id(now),
                    person_id=person_id,
                    username=form.username.lower(),
                    password_hash=password_hash,
                    password_at=now,
                    totp_sealed=crypto.encrypt(totp_secret) if totp_secret else None,
                    state="active",
                    created_at=now,
                )
            )
            session.flush()
            audit.record(session, action="account.created", object_type="person", object_id=person_id, now=now)
    except IntegrityError as error:
        if "username" not in str(error.orig):
            raise
        raise Invalid(fields={"username": USERNAME_TAKEN}) from error
    return person_id


def sign_in(
    username: str,
    password: str,
    code: str | None,
    *,
    needs_second_factor: Callable[[UUID], bool],
    policy: Policy,
    address: str,
    browser: str,
    now: datetime,
) -> OpenedSession:
    """Checks password and code and opens a session.

    Raises TooManyHere, NameLocked, WrongCredentials, CodeNeeded, SecondFactorMissing. A name that does not exist takes the
    same path, the same time and the same lock as one that does.
    """
    username = username.replace("\0", "").strip().lower()[:40]  # PostgreSQL stores no NUL
    window = policy.lockout_minutes * 60
    if not ratelimit.hit("sign-in", address, limit=policy.sign_ins_per_address, window_seconds=window):
        raise TooManyHere
    _count_try(username, policy=policy, now=now)
    with reading() as session:
        known = queries.credentials(session, username)
    password_right = _verify(known.password_hash if known else _nobodys_hash, password)
    if known is None or not known.active or not password_right:
        _note_refusal(known, now=now)
        raise WrongCredentials
    if known.totp_secret is None:
        if needs_second_factor(known.person_id):
            _give_try_back(username)
            raise SecondFactorMissing
    elif not code:
        _give_try_back(username)
        raise CodeNeeded
    elif not pyotp.TOTP(known.totp_secret).verify(code.strip(), for_time=now, valid_window=1):
        _note_refusal(known, now=now)
        raise WrongCredentials
    session_id = ids.new_secret_id()
    expires_at = now + timedelta(hours=policy.session_hours)
    with unit_of_work() as session:
        state = session.execute(
            for_update(select(AccountRow.state).where(AccountRow.id == known.account_id))
        ).scalar_one()
        if state != "active":
            raise WrongCredentials
        session.execute(delete(SignInGuardRow).where(SignInGuardRow.username == username))
        session.add(
            AuthSessionRow(
                id=session_id,
                account_id=known.account_id,
                opened_at=now,
                seen_at=now,
                expires_at=expires_at,
                address=address[:45],
                browser=browser[:200],
            )
        )
        audit.record(
            session,
            action="session.opened",
            object_type="account",
            object_id=known.account_id,
            actor_id=known.person_id,
            now=now,
        )
    return OpenedSession(session_id, known.person_id, expires_at)


def carry_password(password: str, *, now: datetime) -> str:
    """The password, encrypted, for the page that asks for the code: it never stands there in clear."""
    return crypto.encrypt(f"{int(now.timestamp())}:{password}")


def carried_password(token: str, *, now: datetime) -> str:
    """The password of `carry_password`; "" when the token was altered or is older than five minutes."""
    try:
        moment, _, password = crypto.decrypt(token).partition(":")
    except crypto.CryptoFault:
        return ""
    return password if now.timestamp() - int(moment) <= CARRY_SECONDS else ""


def sign_out(session_id: UUID, *, now: datetime) -> None:
    """Ends one session; ending it twice is harmless."""
    with unit_of_work() as session:
        session.execute(
            update(AuthSessionRow)
            .where(AuthSessionRow.id == session_id, AuthSessionRow.ended_at.is_(None))
            .values(ended_at=now)
        )


def disable(username: str, *, reason: str, now: datetime) -> None:
    """Disables an account and ends its sessions at once."""
    with unit_of_work() as session:
        known = queries.credentials(session, username.lower())
        if known is None:
            raise Invalid(fields={"username": USERNAME_UNKNOWN})
        session.execute(update(AccountRow).where(AccountRow.id == known.account_id).values(state="disabled"))
        session.execute(
            update(AuthSessionRow)
            .where(AuthSessionRow.account_id == known.account_id, AuthSessionRow.ended_at.is_(None))
            .values(ended_at=now)
        )
        audit.record(
            session,
            action="account.disabled",
            object_type="account",
            object_id=known.account_id,
            details={"reason": reason},
            now=now,
        )
        account_disabled.send(None, person_id=known.person_id, at=now)


USERNAME_UNKNOWN = N_("没有这个用户名")


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerificationError:
        return False


def _count_try(username: str, *, policy: Policy, now: datetime) -> None:
    """Counts a try before it is judged, one after the other for a name, so that a burst is judged no more often than the
    limit; a sign-in that succeeds forgets the count. Raises NameLocked."""
    insert = (postgresql.insert if dialect() == "postgresql" else sqlite.insert)(SignInGuardRow)
    columns = (SignInGuardRow.failures, SignInGuardRow.since, SignInGuardRow.locked_until)
    with unit_of_work() as session:
        session.execute(
            insert.values(username=username, failures=0, since=now).on_conflict_do_nothing(index_elements=["username"])
        )
        row = session.execute(for_update(select(*columns).where(SignInGuardRow.username == username))).one()
        guard = lockout.Guard(row.failures, row.since, row.locked_until)
        locked = lockout.locked(guard, now)
        if not locked:
            after = lockout.after_failure(guard, now, limit=policy.lockout_failures, minutes=policy.lockout_minutes)
            session.execute(
                update(SignInGuardRow)
                .where(SignInGuardRow.username == username)
                .values(failures=after.failures, since=after.since, locked_until=after.locked_until)
            )
    if locked:
        raise NameLocked


def _give_try_back(username: str) -> None:
    """A try that was not wrong, only not finished, counts for nothing."""
    with unit_of_work() as session:
        session.execute(
            update(SignInGuardRow)
            .where(SignInGuardRow.username == username, SignInGuardRow.failures > 0)
            .values(failures=SignInGuardRow.failures - 1, locked_until=None)
        )


def _note_refusal(known: queries.Credentials | None, *, now: datetime) -> None:
    with unit_of_work() as session:
        audit.record(
            session,
            action="session.refused",
            object_type="account",
            object_id=known.account_id if known else None,
            result="refused",
            now=now,
        )
