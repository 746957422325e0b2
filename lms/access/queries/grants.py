"""Reads which roles are given to whom, over which unit, by whom and until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from lms.access.domain import granting
from lms.access.models import RoleGrantRow
from lms.accounts.models import AccountRow, PersonRow
from lms.infra.db import for_update, hold, take_turn
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.organisations.queries import path_today, units_of

SOON = timedelta(days=30)
TURN = 27
"""Of PostgreSQL's advisory locks, for triggers too: whether somebody is the last who gives roles is asked by one at a time."""


@dataclass(frozen=True)
class GrantEntry:
    """A role of a person over a unit, as lists show it."""

    id: UUID
    person_id: UUID
    person_name: str
    role: str
    unit_id: UUID
    unit_name: str
    unit_path: str
    unit_kind: str
    from_at: datetime
    until_at: datetime | None
    granted_at: datetime
    granted_by: UUID | None
    reason: str
    ended_at: datetime | None
    ended_by: UUID | None
    end_reason: str

    @property
    def at_the_root(self) -> bool:
        """Whether it is held over the whole nation."""
        return self.unit_kind == "national"

    def state(self, now: datetime) -> str:
        """ "ended" (by somebody or by its last day), "coming", "soon" (ends within 30 days) or "open"."""
        if self.ended_at is not None or (self.until_at is not None and self.until_at <= now):
            return "ended"
        if self.from_at > now:
            return "coming"
        return "soon" if self.until_at is not None and self.until_at <= now + SOON else "open"


@dataclass(frozen=True)
class GrantFilter:
    """What a list of grants is narrowed to: a role, a subtree, "open", "soon", "ended" or "" for all."""

    role: str = ""
    unit_path: str = ""
    state: str = "open"


@dataclass(frozen=True)
class Ground:
    """A role held for a time, as far as other roles depend on it."""

    role: str
    unit_id: UUID


def _entries() -> Select[*tuple[Any, ...]]:
    return (
        select(
            RoleGrantRow.id,
            RoleGrantRow.person_id,
            PersonRow.name.label("person_name"),
            RoleGrantRow.role,
            RoleGrantRow.unit_id,
            UnitRow.name.label("unit_name"),
            path_today(UnitRow.id).label("unit_path"),
            UnitRow.kind.label("unit_kind"),
            RoleGrantRow.from_at,
            RoleGrantRow.until_at,
            RoleGrantRow.granted_at,
            RoleGrantRow.granted_by,
            RoleGrantRow.reason,
            RoleGrantRow.ended_at,
            RoleGrantRow.ended_by,
            RoleGrantRow.end_reason,
        )
        .join(PersonRow, PersonRow.id == RoleGrantRow.person_id)
        .join(UnitRow, UnitRow.id == RoleGrantRow.unit_id)
    )


def _in_state(state: str, now: datetime) -> ColumnElement[bool]:
    over = or_(RoleGrantRow.ended_at.is_not(None), RoleGrantRow.until_at <= now)
    lasts = and_(RoleGrantRow.ended_at.is_(None), or_(RoleGrantRow.until_at.is_(None), RoleGrantRow.until_at > now))
    soon = and_(RoleGrantRow.ended_at.is_(None), RoleGrantRow.until_at > now, RoleGrantRow.until_at <= now + SOON)
    return {"open": lasts, "ended": over, "soon": soon}.get(state, true())


def grant_entry(session: Session, grant_id: UUID, *, lock: bool = False) -> GrantEntry:
    """One grant, its row locked when it is about to be changed. Raises NotFound."""
    if lock:
        session.execute(for_update(select(RoleGrantRow.id).where(RoleGrantRow.id == grant_id), referable=True))
    row = session.execute(_entries().where(RoleGrantRow.id == grant_id)).first()
    if row is None:
        raise NotFound
    return GrantEntry(*row)


def grants_within(
    session: Session,
    scopes: Iterable[str],
    narrowed: GrantFilter,
    *,
    now: datetime,
    before: UUID | None = None,
    limit: int = 50,
) -> tuple[GrantEntry, ...]:
    """Grants over units in some subtrees, the newest first; `before` is the last id of the page before."""
    statement = _entries().where(RoleGrantRow.unit_id.in_(units_of(scopes)), _in_state(narrowed.state, now))
    if narrowed.role:
        statement = statement.where(RoleGrantRow.role == narrowed.role)
    if narrowed.unit_path:
        inside = RoleGrantRow.unit_id.in_(units_of([narrowed.unit_path]))
        statement = statement.where(or_(inside, UnitRow.path == narrowed.unit_path))  # also when it merged
    if before is not None:
        statement = statement.where(RoleGrantRow.id < before)
    rows = session.execute(statement.order_by(RoleGrantRow.id.desc()).limit(limit))
    return tuple(GrantEntry(*row) for row in rows)


def grants_of_person(
    session: Session, person_id: UUID, scopes: Sequence[str], *, limit: int = 100
) -> tuple[GrantEntry, ...]:
    """The grants of a person over units in some subtrees, also ended ones, the newest first."""
    statement = _entries().where(RoleGrantRow.person_id == person_id, RoleGrantRow.unit_id.in_(units_of(scopes)))
    return tuple(GrantEntry(*row) for row in session.execute(statement.order_by(RoleGrantRow.id.desc()).limit(limit)))


def lasting_within(session: Session, path: str, *, now: datetime) -> tuple[GrantEntry, ...]:
    """The grants over units of a subtree that hold or will hold; nobody ends them until the unit of work ends."""
    inside = RoleGrantRow.unit_id.in_(select(UnitRow.id).where(within(UnitRow.path, [path])))
    lasting = (inside, _in_state("open", now))
    hold(session, select(RoleGrantRow.id).where(*lasting).order_by(RoleGrantRow.id))
    rows = session.execute(_entries().where(*lasting))
    return tuple(GrantEntry(*row) for row in rows)


def count_in_state(session: Session, scopes: Iterable[str], state: str, *, now: datetime, limit: int) -> int:
    """How many grants of a state lie in some subtrees, counted no further than `limit`."""
    some = (
        select(RoleGrantRow.id)
        .join(UnitRow, UnitRow.id == RoleGrantRow.unit_id)
        .where(within(UnitRow.path, scopes), _in_state(state, now))
        .limit(limit)
    )
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def held_between(session: Session, person_id: UUID, from_at: datetime, until_at: datetime | None) -> tuple[Ground, ...]:
    """The roles that a person holds at some moment of a span."""
    rows = session.execute(
        select(RoleGrantRow.role, RoleGrantRow.unit_id, RoleGrantRow.from_at, RoleGrantRow.until_at).where(
            RoleGrantRow.person_id == person_id, RoleGrantRow.ended_at.is_(None)
        )
    )
    return tuple(
        Ground(row.role, row.unit_id) for row in rows if granting.overlap(row.from_at, row.until_at, from_at, until_at)
    )


def open_grant(session: Session, person_id: UUID, role: str, unit_id: UUID) -> tuple[UUID, datetime | None] | None:
    """Id and last moment of the grant of exactly this role over exactly this unit that nobody ended."""
    row = session.execute(
        select(RoleGrantRow.id, RoleGrantRow.until_at).where(
            RoleGrantRow.person_id == person_id,
            RoleGrantRow.role == role,
            RoleGrantRow.unit_id == unit_id,
            RoleGrantRow.ended_at.is_(None),
        )
    ).first()
    return (row.id, row.until_at) if row else None


def _lasting(role: str, now: datetime) -> Select[UUID, str]:
    """Who holds a role over the whole nation today, without an end, with an account that can be used."""
    return (
        select(RoleGrantRow.person_id, RoleGrantRow.role)
        .join(UnitRow, UnitRow.id == RoleGrantRow.unit_id)
        .join(AccountRow, AccountRow.person_id == RoleGrantRow.person_id)
        .where(
            RoleGrantRow.role == role,
            UnitRow.parent_id.is_(None),
            RoleGrantRow.ended_at.is_(None),
            RoleGrantRow.until_at.is_(None),
            RoleGrantRow.from_at <= now,
            AccountRow.state == "active",
        )
    )


def held_by_anyone(session: Session, role: str, unit_id: UUID, *, now: datetime) -> bool:
    """Whether somebody with a usable account holds the role over exactly this unit."""
    found = session.execute(
        select(RoleGrantRow.id)
        .join(AccountRow, AccountRow.person_id == RoleGrantRow.person_id)
        .where(
            RoleGrantRow.role == role,
            RoleGrantRow.unit_id == unit_id,
            RoleGrantRow.ended_at.is_(None),
            or_(RoleGrantRow.until_at.is_(None), RoleGrantRow.until_at > now),
            AccountRow.state == "active",
        )
        .limit(1)
    )
    return found.first() is not None


def last_of(session: Session, person_id: UUID, *, now: datetime) -> frozenset[str]:
    """The roles over the whole nation that only this person holds for good; nobody else ends one until the unit of work ends.

    That is a turn and no lock of the root: many hold a share of it, and two of these would wait for each other's.
    """
    take_turn(session, TURN)
    last = set()
    for role in sorted(granting.LASTING):
        holders = {row.person_id for row in session.execute(_lasting(role, now).limit(2))}
        if holders == {person_id}:
            last.add(role)
    return frozenset(last)


def lock_givers(session: Session, *person_ids: UUID) -> None:
    """Makes the end of a role of these people wait until what rests on it is written. Their rows are locked in one order."""
    rows = select(RoleGrantRow.id).where(RoleGrantRow.person_id.in_(person_ids)).order_by(RoleGrantRow.id)
    session.execute(for_update(rows, referable=True))


def username_of(session: Session, person_id: UUID) -> str | None:
    """The user name of a person whose account can be used, None without one."""
    return session.scalar(
        select(AccountRow.username).where(AccountRow.person_id == person_id, AccountRow.state == "active")
    )
