"""Signs people in and out; every refusal takes the same path, so that nothing tells which names exist."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.accounts import queries
from lms.accounts.domain import lockout
from lms.accounts.models import AccountRow, AuthSessionRow, SignInGuardRow
from lms.accounts.service import passwords
from lms.accounts.service.policy import (
    CodeNeeded,
    NameLocked,
    Policy,
    SecondFactorMissing,
    TooManyHere,
    WrongCredentials,
)
from lms.audit import service as audit
from lms.infra import crypto, ratelimit
from lms.infra.db import dialect, for_update, reading, unit_of_work
from lms.kernel import ids

CARRY_SECONDS = 300


@dataclass(frozen=True)
class OpenedSession:
    """A fresh sign-in."""

    session_id: UUID
    person_id: UUID
    expires_at: datetime


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
    password_right = passwords.verify(known.password_hash if known else passwords.NOBODYS_HASH, password)
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
