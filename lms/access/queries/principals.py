"""Loads who is acting, with their roles, in one statement."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from lms.access.domain import granting, roles
from lms.access.models import RoleGrantRow
from lms.accounts.domain import duties, notice
from lms.accounts.models import AccountRow, AuthSessionRow, ConsentRow, PersonRow
from lms.accounts.queries.hands import ONE_PERSON, accounts_of
from lms.infra.db import second
from lms.infra.types import Instant, Uuid
from lms.kernel.principal import Grant, Principal, Stay
from lms.notices import queries as notices
from lms.organisations.models import UnitRow

_home = second(UnitRow)
_granted = second(UnitRow)

STILL_COUNTS = timedelta(hours=24)
"""A role that somebody ended guards its holder's account so long: nobody ends it to get at the account, and gives it back."""


Moment = datetime | BindParameter[datetime]


def _holds(now: Moment) -> ColumnElement[bool]:
    return and_(
        RoleGrantRow.ended_at.is_(None),
        RoleGrantRow.from_at <= now,
        or_(RoleGrantRow.until_at.is_(None), RoleGrantRow.until_at > now),
    )


def _principals(now: Moment) -> Select[*tuple[Any, ...]]:
    return (
        select(
            PersonRow.id.label("person_id"),
            AccountRow.id.label("account_id"),
            AccountRow.username,
            PersonRow.name,
            _home.id.label("unit_id"),
            _home.path.label("unit_path"),
            RoleGrantRow.role,
            RoleGrantRow.id.label("grant_id"),
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
    held = [row for row in rows if row.role is not None]
    return Principal(
        first.person_id,
        first.account_id,
        first.username,
        first.name,
        first.unit_id,
        first.unit_path,
        tuple(Grant(row.role, row.granted_path) for row in held),
        session_id,
        grant_ids=tuple(row.grant_id for row in held),
    )


def still_holds(session: Session, principal: Principal) -> bool:
    """Whether everything that somebody held when they were looked up is theirs yet, but what they gave up themselves or
    what ran out by itself, and nobody disabled or joined their account since."""
    kept = (
        select(func.count())
        .select_from(RoleGrantRow)
        .join(AccountRow, AccountRow.id == principal.account_id)
        .where(
            RoleGrantRow.id.in_(principal.grant_ids),
            or_(
                RoleGrantRow.ended_at.is_(None),
                RoleGrantRow.ended_by == principal.person_id,
                RoleGrantRow.until_at <= RoleGrantRow.ended_at,
            ),
            AccountRow.state.in_(("active", "closed")),  # who closes it does so themselves
        )
    )
    return session.execute(kept).scalar_one() == len(principal.grant_ids)


_accepted_privacy = exists().where(
    ConsentRow.person_id == PersonRow.id,
    ConsentRow.kind == notice.PRIVACY,
    ConsentRow.version == notice.CURRENT_VERSION,
    ConsentRow.withdrawn_at.is_(None),
)


@cache
def _of_session() -> Select[*tuple[Any, ...]]:
    """Built once: every request of everybody asks it, and building took longer than asking."""
    now: BindParameter[datetime] = bindparam("now", type_=Instant)
    session_id: BindParameter[UUID] = bindparam("session_id", type_=Uuid)
    return (
        _principals(now)
        .add_columns(
            AuthSessionRow.seen_at,
            AuthSessionRow.expires_at,
            AccountRow.duty_password,
            AccountRow.password_at,
            (AccountRow.password_hash != "").label("has_password"),
            AccountRow.totp_sealed.is_not(None).label("has_second_factor"),
            _accepted_privacy.label("accepted_privacy"),
            notices.unread(PersonRow.id).label("unread"),
        )
        .join(AuthSessionRow, AuthSessionRow.account_id == AccountRow.id)
        .where(AuthSessionRow.id == session_id, AuthSessionRow.ended_at.is_(None), AuthSessionRow.expires_at > now)
    )


def principal_of_session(session: Session, session_id: UUID, *, rules: duties.Rules, now: datetime) -> Principal | None:
    """The signed-in person of a session that is open, of an account that is active, with their duty; else None.

    One statement. A session that nobody used for too long is still found: `stay` tells.
    """
    rows = session.connection().execute(_of_session(), {"session_id": session_id, "now": now}).all()
    principal = _principal(rows, session_id)
    if principal is None:
        return None
    row = rows[0]
    privileged = roles.needs_second_factor(principal.roles)
    standing = duties.Standing(
        privileged=privileged,
        new_password_asked=row.duty_password,
        has_password=row.has_password,
        password_at=row.password_at,
        has_second_factor=row.has_second_factor,
        accepted_privacy=row.accepted_privacy,
    )
    return replace(
        principal,
        duty=duties.duty(standing, rules, now=now),
        stay=Stay(row.seen_at, row.expires_at, rules.idle(privileged=privileged)),
        unread=row.unread,
    )


def principal_of_person(session: Session, person_id: UUID, *, now: datetime) -> Principal | None:
    """The same for work that runs without a browser (set-up of the demo, commands)."""
    return _principal(session.execute(_principals(now).where(PersonRow.id == person_id)).all(), UUID(int=0))


def renewed(session: Session, principal: Principal, *, now: datetime) -> Principal | None:
    """Somebody who is signed in, with what they hold and where they work now; None when their account is not active any more."""
    found = principal_of_person(session, principal.person_id, now=now)
    if found is None:
        return None
    return replace(
        found,
        session_id=principal.session_id,
        duty=principal.duty,
        stay=principal.stay,
        unread=principal.unread,
    )


def held_or_coming(session: Session, person_id: UUID, *, just_taken: bool = True, now: datetime) -> tuple[Grant, ...]:
    """The roles that a person holds now or will hold, and, `just_taken`, those that somebody took from them within STILL_COUNTS."""
    lasting = RoleGrantRow.ended_at.is_(None) & or_(RoleGrantRow.until_at.is_(None), RoleGrantRow.until_at > now)
    taken = (RoleGrantRow.ended_at > now - STILL_COUNTS) & (RoleGrantRow.ended_by != person_id)
    rows = session.execute(
        select(RoleGrantRow.role, UnitRow.path)
        .join(UnitRow, UnitRow.id == RoleGrantRow.unit_id)
        .where(RoleGrantRow.person_id == person_id, or_(lasting, taken) if just_taken else lasting)
    )
    return tuple(Grant(row.role, row.path) for row in rows)


def given_until(session: Session, person_id: UUID, role: str, path: str, *, now: datetime) -> datetime | None:
    """How long the grants last by which a person gives `role` at `path`; None when one of them has no end."""
    rows = session.execute(
        select(RoleGrantRow.role, UnitRow.path, RoleGrantRow.until_at)
        .join(UnitRow, UnitRow.id == RoleGrantRow.unit_id)
        .where(
            RoleGrantRow.person_id == person_id,
            RoleGrantRow.ended_at.is_(None),
            RoleGrantRow.from_at <= now,
            or_(RoleGrantRow.until_at.is_(None), RoleGrantRow.until_at > now),
        )
    )
    ends = [row.until_at for row in rows if granting.hands_on(Grant(row.role, row.path), role, path)]
    return None if None in ends else max(ends, default=now)


def givers(session: Session, person_ids: Collection[UUID], *, since: datetime) -> frozenset[UUID]:
    """Who gave any of these people a role after a moment, one that ended meanwhile too."""
    rows = session.execute(
        select(ONE_PERSON)
        .join(RoleGrantRow, RoleGrantRow.granted_by == PersonRow.id)
        .where(RoleGrantRow.person_id.in_(accounts_of(person_ids)), RoleGrantRow.granted_at > since)
        .distinct()
    ).scalars()
    return frozenset(rows)
