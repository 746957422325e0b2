"""Accounts as staff hold them: taken away and given back with a reason, and retired when their person was joined with another."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lms.accounts.domain.reach import Staff
from lms.accounts.events import account_disabled, account_ending
from lms.accounts.models import AccountRow
from lms.accounts.service import sessions
from lms.accounts.service.holding import hold, said
from lms.audit import service as audit
from lms.infra.db import for_update, unit_of_work
from lms.kernel.errors import N_, Conflict


class NotInThisState(Conflict):
    """The account is not in the state that the act begins from."""

    code, title = "account_state", N_("账号当前状态不允许此操作")


def disable(person_id: UUID, *, by: Staff, reason: str, now: datetime) -> bool:
    """Takes an account away: its sessions end at once. False when it was disabled before.

    Raises NotFound, OnOneself, PersonGone, NotInThisState, Invalid, and what listeners raise (the last administrator).
    """
    reason = said(reason)
    with unit_of_work() as session:
        hold(session, person_id, by, account=True)
        account_id, state = _held(session, person_id)
        if state == "disabled":
            return False
        if state != "active":
            raise NotInThisState
        _take_away(session, account_id, person_id, state="disabled", reason=reason, now=now)
        _note(session, "account.disabled", account_id, by.person_id, reason, now=now)
    return True


def enable(person_id: UUID, *, by: Staff, reason: str, now: datetime) -> bool:
    """Gives a disabled account back. False when it is active. Raises NotFound, OnOneself, PersonGone, NotInThisState, Invalid."""
    reason = said(reason)
    with unit_of_work() as session:
        hold(session, person_id, by, account=True)
        account_id, state = _held(session, person_id)
        if state == "active":
            return False
        if state != "disabled":
            raise NotInThisState
        session.execute(update(AccountRow).where(AccountRow.id == account_id).values(state="active", state_reason=""))
        _note(session, "account.enabled", account_id, by.person_id, reason, now=now)
    return True


def end_sessions(person_id: UUID, *, by: Staff, now: datetime) -> int:
    """Signs a person out everywhere. Returns how many sign-ins were open. Raises NotFound, OnOneself, PersonGone."""
    with unit_of_work() as session:
        hold(session, person_id, by, account=True)
        account_id, _state = _held(session, person_id)
        return sessions.end_all(account_id, but=None, actor_id=by.person_id, now=now)


def retire(session: Session, person_id: UUID, *, reason: str, now: datetime) -> None:
    """Ends the account of a person who was joined with another one, for good: its user name signs in no more."""
    account_id, _state = _held(session, person_id)
    _take_away(session, account_id, person_id, state="merged", reason=reason, now=now)


def _held(session: Session, person_id: UUID) -> tuple[UUID, str]:
    row = session.execute(
        for_update(select(AccountRow.id, AccountRow.state).where(AccountRow.person_id == person_id), referable=True)
    ).one()
    return row.id, row.state


def _take_away(session: Session, account_id: UUID, person_id: UUID, *, state: str, reason: str, now: datetime) -> None:
    account_ending.send(person_id=person_id, at=now)
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(state=state, state_reason=reason))
    sessions.end_others(session, account_id, but=None, now=now)
    account_disabled.send(person_id=person_id, at=now)


def _note(session: Session, action: str, account_id: UUID, actor_id: UUID, reason: str, *, now: datetime) -> None:
    audit.record(
        session,
        action=action,
        object_type="account",
        object_id=account_id,
        actor_id=actor_id,
        details={"reason": reason},
        now=now,
    )
