"""Counts tries to sign in, per user name and per address, and notes what locks (requirement 63).

A count stands under a keyed hash of the name: what is typed there may be a mobile or ID number, or a password.
"""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import lockout
from lms.accounts.models import SignInGuardRow
from lms.accounts.service.policy import NameLocked, Policy, TooManyHere
from lms.audit import service as audit
from lms.infra import crypto, ratelimit
from lms.infra.db import insert_into, unit_of_work


def normal_name(username: str) -> str:
    """A user name as it is stored; PostgreSQL stores no NUL."""
    return username.replace("\0", "").strip().lower()[:40]


def guard_key(username: str) -> str:
    """What stands for a normal name in the table of counts."""
    return crypto.mac("sign-in-guard", username)[:40]


def count(username: str, *, policy: Policy, address: str, now: datetime) -> None:
    """Counts a try before it is judged, one after the other for a name, so that a burst is judged no more often than the
    limit; a sign-in that succeeds forgets the count. Raises TooManyHere, NameLocked."""
    key, window = guard_key(username), policy.lockout_minutes * 60
    if not ratelimit.hit("sign-in", address, limit=policy.sign_ins_per_address, window_seconds=window):
        _note_address(address, window, now=now)
        raise TooManyHere
    insert = insert_into(SignInGuardRow).values(username=key, failures=0, since=now)
    held = (
        insert.on_conflict_do_update(  # one statement: between two of them a sign-in that succeeds takes the row away
            index_elements=["username"], set_={"failures": SignInGuardRow.failures}
        ).returning(SignInGuardRow.failures, SignInGuardRow.since, SignInGuardRow.locked_until)
    )
    with unit_of_work() as session:
        row = session.execute(held).one()
        guard = lockout.Guard(row.failures, row.since, row.locked_until)
        locked = lockout.locked(guard, now)
        if not locked:
            after = lockout.after_failure(guard, now, limit=policy.lockout_failures, minutes=policy.lockout_minutes)
            session.execute(
                update(SignInGuardRow)
                .where(SignInGuardRow.username == key)
                .values(failures=after.failures, since=after.since, locked_until=after.locked_until)
            )
    if locked:
        raise NameLocked


def give_back(username: str) -> None:
    """A try that was not wrong, only not finished, counts for nothing."""
    key = guard_key(username)
    with unit_of_work() as session:
        session.execute(
            update(SignInGuardRow)
            .where(SignInGuardRow.username == key, SignInGuardRow.failures > 0)
            .values(failures=SignInGuardRow.failures - 1, locked_until=None)
        )


def forget(session: Session, username: str) -> None:
    """The sign-in succeeded: earlier tries are forgotten, in the running unit of work."""
    session.execute(delete(SignInGuardRow).where(SignInGuardRow.username == guard_key(username)))


def note_refusal(username: str, known: queries.Credentials | None, *, way: str, now: datetime) -> None:
    """Keeps a wrong try in the audit record, and the lock when it brought one. A name that is nobody's is not kept."""
    key = guard_key(username)
    with unit_of_work() as session:
        locked = session.execute(
            select(SignInGuardRow.locked_until).where(SignInGuardRow.username == key)
        ).scalar_one_or_none()
        object_id = known.account_id if known else None
        for action in ("session.refused", *(["account.locked"] if locked else [])):
            audit.record(
                session,
                action=action,
                object_type="account",
                object_id=object_id,
                result="refused",
                details={"way": way},
                now=now,
            )


def _note_address(address: str, window: int, *, now: datetime) -> None:
    """Once for each window: who floods the platform does not flood its audit record."""
    if ratelimit.hit("sign-in-noted", address, limit=1, window_seconds=window):
        with unit_of_work() as session:
            audit.record(
                session, action="address.limited", object_type="address", object_id=None, result="refused", now=now
            )
