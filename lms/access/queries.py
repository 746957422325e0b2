"""Loads who is acting, with their roles, in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from lms.access.models import RoleGrantRow
from lms.accounts.models import AccountRow, AuthSessionRow, PersonRow
from lms.kernel.principal import Grant, Principal
from lms.organisations.models import UnitRow

_home = aliased(UnitRow)
_granted = aliased(UnitRow)


def _holds(now: datetime) -> ColumnElement[bool]:
    return and_(
        RoleGrantRow.ended_at.is_(None),
        RoleGrantRow.from_at <= now,
        or_(RoleGrantRow.until_at.is_(None), RoleGrantRow.until_at > now),
    )


def _principals(now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            PersonRow.id.label("person_id"),
            AccountRow.id.label("account_id"),
            AccountRow.username,
            PersonRow.name,
            _home.id.label("unit_id"),
            _home.path.label("unit_path"),
            RoleGrantRow.role,
            _granted.path.label("granted_path"),
        )
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .join(_home, _home.id == PersonRow.unit_id)
        .outerjoin(RoleGrantRow, and_(RoleGrantRow.person_id == PersonRow.id, _holds(now)))
        .outerjoin(_granted, _granted.id == RoleGrantRow.unit_id)
        .where(AccountRow.state == "active")
    )


def _principal(rows: Sequence[Any], session_id: UUID) -> Principal | None:
    if not rows:
        return None
    first = rows[0]
    grants = tuple(Grant(row.role, row.granted_path) for row in rows if row.role is not None)
    return Principal(
        first.person_id,
        first.account_id,
        first.username,
        first.name,
        first.unit_id,
        first.unit_path,
        grants,
        session_id,
    )


def principal_of_session(session: Session, session_id: UUID, *, now: datetime) -> Principal | None:
    """The signed-in person of a session that is open, of an account that is active; else None. One statement."""
    statement = (
        _principals(now)
        .join(AuthSessionRow, AuthSessionRow.account_id == AccountRow.id)
        .where(AuthSessionRow.id == session_id, AuthSessionRow.ended_at.is_(None), AuthSessionRow.expires_at > now)
    )
    return _principal(session.execute(statement).all(), session_id)


def principal_of_person(session: Session, person_id: UUID, *, now: datetime) -> Principal | None:
    """The same for work that runs without a browser (set-up of the demo, commands)."""
    return _principal(session.execute(_principals(now).where(PersonRow.id == person_id)).all(), UUID(int=0))


def roles_of(session: Session, person_id: UUID, *, now: datetime) -> frozenset[str]:
    """Names of the roles that hold now."""
    rows = session.execute(select(RoleGrantRow.role).where(RoleGrantRow.person_id == person_id, _holds(now)))
    return frozenset(row.role for row in rows)
