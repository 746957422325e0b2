"""Keeps the sign-ins of an account: what was the last act, which ones are open, and how they end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.events import signed_out
from lms.accounts.models import AccountRow, AuthSessionRow
from lms.accounts.service.policy import Browser
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import NotFound
from lms.kernel.numbers import without_id_numbers
from lms.kernel.principal import Principal

Busy = Callable[[UUID, datetime], bool]
"""(person, since): whether a video played or an exam was open since then."""


def stays(principal: Principal, *, busy: Busy, now: datetime) -> Principal | None:
    """The principal when their sign-in lasts; None once they idled away, and then the session is over for good.

    Who watches a video or sits an exam is not idle: beats carry no session, so that is looked up, and only when the
    time has passed. It is looked up by person: a second browser of theirs stays signed in as well, until its hours end.
    """
    stay = principal.stay
    if stay is None or not stay.idled(now):
        return principal
    if busy(principal.person_id, now - stay.idle):
        touch(principal.session_id, now=now)
        return replace(principal, stay=replace(stay, seen_at=now))
    with unit_of_work() as session:
        _end(session, AuthSessionRow.id == principal.session_id, now=now, by_hand=False)
    return None


def touch(session_id: UUID, *, now: datetime) -> None:
    """Notes that something was done now."""
    with unit_of_work() as session:
        session.execute(
            update(AuthSessionRow)
            .where(AuthSessionRow.id == session_id, AuthSessionRow.ended_at.is_(None), AuthSessionRow.seen_at < now)
            .values(seen_at=now)
        )


def touch_if_due(principal: Principal, *, now: datetime) -> None:
    """The same, as often as acts are noted."""
    if principal.stay is not None and now - principal.stay.seen_at >= principal.stay.noted_every:
        touch(principal.session_id, now=now)


def open_session(
    session: Session, account_id: UUID, *, hours: int, browser: Browser, now: datetime
) -> queries.OpenSession:
    """A fresh session under an id that nobody can guess or set beforehand, in the running unit of work."""
    row = AuthSessionRow(
        id=ids.new_secret_id(),
        account_id=account_id,
        opened_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=hours),
        address=browser.address[:45],
        browser=without_id_numbers(browser.name)[:200],
    )
    session.add(row)
    session.flush()
    return queries.OpenSession(row.id, row.opened_at, row.seen_at, row.expires_at, row.address, row.browser)


def sign_out(session_id: UUID, *, now: datetime) -> None:
    """Ends one session; ending it twice is harmless."""
    whose = (
        select(AccountRow.id, AccountRow.person_id)
        .join(AuthSessionRow, AuthSessionRow.account_id == AccountRow.id)
        .where(AuthSessionRow.id == session_id)
    )
    with unit_of_work() as session:
        if _end(session, AuthSessionRow.id == session_id, now=now):
            account_id, person_id = session.execute(whose).one()
            _note(session, "session.ended", account_id, person_id, 1, now=now)


def end_one(account_id: UUID, session_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Ends a session of one's own account. Raises NotFound, for a foreign one as for none."""
    with unit_of_work() as session:
        known = session.execute(
            select(AuthSessionRow.id).where(AuthSessionRow.id == session_id, AuthSessionRow.account_id == account_id)
        ).first()
        if known is None:
            raise NotFound
        _end(session, AuthSessionRow.id == session_id, now=now)
        _note(session, "session.ended", account_id, actor_id, 1, now=now)


def end_all(account_id: UUID, *, but: UUID | None, actor_id: UUID, now: datetime) -> int:
    """Ends the sessions of an account, except `but`. Returns how many were open."""
    with unit_of_work() as session:
        ended = end_others(session, account_id, but=but, now=now)
        _note(session, "session.all_ended", account_id, actor_id, ended, now=now)
    return ended


def end_others(session: Session, account_id: UUID, *, but: UUID | None, now: datetime) -> int:
    """The same in the running unit of work, without a trace of its own."""
    condition = AuthSessionRow.account_id == account_id
    return _end(session, condition if but is None else condition & (AuthSessionRow.id != but), now=now)


def _end(session: Session, condition: ColumnElement[bool], *, now: datetime, by_hand: bool = True) -> int:
    rows = session.execute(
        update(AuthSessionRow)
        .where(condition, AuthSessionRow.ended_at.is_(None))
        .values(ended_at=now)
        .returning(AuthSessionRow.id)
        .execution_options(synchronize_session=False)
    )
    ended = frozenset(rows.scalars())
    if ended and by_hand:
        signed_out.send(None, session_ids=ended, at=now)
    return len(ended)


def _note(session: Session, action: str, account_id: UUID, actor_id: UUID, count: int, *, now: datetime) -> None:
    audit.record(
        session,
        action=action,
        object_type="account",
        object_id=account_id,
        actor_id=actor_id,
        details={"sessions": count},
        now=now,
    )
