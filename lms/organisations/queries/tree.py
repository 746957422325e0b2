"""Reads units, what stands above and below them, and their history."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, func, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lms.infra.db import dialect, hold
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.kernel.scope import covers
from lms.organisations import events
from lms.organisations.domain import paths
from lms.organisations.models import UnitChangeRow, UnitRow


@dataclass(frozen=True)
class Unit:
    """A union or a unit; `code` is the two digits by which its certificates are numbered, only on the two highest levels."""

    id: UUID
    parent_id: UUID | None
    path: str
    name: str
    kind: str
    code: str
    uscc: str | None = None
    state: str = "open"
    merged_into: UUID | None = None


@dataclass(frozen=True)
class Change:
    """One dated change of a unit; `before` and `after` name what it was and became."""

    id: UUID
    at: datetime
    effective_on: date
    action: str
    before: dict[str, Any]
    after: dict[str, Any]
    actor_id: UUID | None
    reason: str


ROWS_AT_A_TIME = 2_000
TOUCHED_LIMIT = 1001
"""Counts stop here; a page shows "1000+"."""
COLUMNS = (
    UnitRow.id,
    UnitRow.parent_id,
    UnitRow.path,
    UnitRow.name,
    UnitRow.kind,
    UnitRow.code,
    UnitRow.uscc,
    UnitRow.state,
    UnitRow.merged_into,
)


def unit(session: Session, unit_id: UUID) -> Unit:
    """One unit. Raises NotFound."""
    row = session.execute(select(*COLUMNS).where(UnitRow.id == unit_id)).first()
    if row is None:
        raise NotFound
    return Unit(*row)


def places(session: Session) -> Iterator[tuple[UUID, str, str | None]]:
    """Every unit as (id, path, the path of its parent), piece by piece."""
    above = aliased(UnitRow)
    statement = select(UnitRow.id, UnitRow.path, above.path).outerjoin(above, above.id == UnitRow.parent_id)
    for row in session.execute(statement, execution_options={"yield_per": ROWS_AT_A_TIME}):
        yield row[0], row[1], row[2]


def held_unit(session: Session, unit_id: UUID) -> Unit:
    """One unit whose place in the tree stays as it is until the unit of work ends. Raises NotFound."""
    found = held_units(session, [unit_id])
    if not found:
        raise NotFound
    return found[unit_id]


def held_units(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, Unit]:
    """The same for several: who holds more than one takes them at once, in the order in which `hold_subtree` does."""
    statement = select(*COLUMNS).where(UnitRow.id.in_(unit_ids)).order_by(UnitRow.id)
    if dialect() == "postgresql":
        statement = statement.with_for_update(read=True)
    return {row.id: Unit(*row) for row in session.execute(statement)}


def held_place(session: Session, unit_id: UUID) -> Unit:
    """The same for the unit that something lies with. Raises NotFound too when it was merged meanwhile: that went along with it,
    and the path of a unit that is no more tells nothing of whose it is."""
    found = held_unit(session, unit_id)
    if found.state == "merged":
        raise NotFound
    return found


def hold_subtree(session: Session, path: str) -> None:
    """Waits for those who hold a unit of a subtree (`held_unit`), and keeps others from it until the unit of work ends."""
    hold(session, select(UnitRow.id).where(within(UnitRow.path, [path])).order_by(UnitRow.id))


def path_today(unit_id: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """For a statement with a column of unit ids: the path at which such a unit, or what it merged into, stands today.

    What people and papers of a unit went along with has what was written of them. None for no unit.
    """
    one, successor = aliased(UnitRow), aliased(UnitRow)
    return (
        select(func.coalesce(successor.path, one.path))
        .select_from(one)
        .outerjoin(successor, successor.id == one.successor_id)
        .where(one.id == unit_id)
        .scalar_subquery()
    )


def units_of(scopes: Iterable[str]) -> CompoundSelect[UUID]:
    """For `column.in_(…)`: the units of some subtrees, with what merged into one of them and without what merged elsewhere."""
    subtrees = list(scopes)
    gone, into = aliased(UnitRow), aliased(UnitRow)
    return union_all(
        select(UnitRow.id).where(within(UnitRow.path, subtrees), UnitRow.state != "merged"),
        select(gone.id).join(into, into.id == gone.successor_id).where(within(into.path, subtrees)),
    )


def scoped_unit(session: Session, unit_id: UUID, scopes: tuple[str, ...]) -> Unit:
    """One unit that lies in the scopes. Raises NotFound, alike for units elsewhere and for none."""
    found = unit(session, unit_id)
    if not any(covers(scope, found.path) for scope in scopes):
        raise NotFound
    return found


def units(session: Session, unit_ids: Sequence[UUID]) -> dict[UUID, Unit]:
    """Units by their ids, in one statement; unknown ids are left out."""
    rows = session.execute(select(*COLUMNS).where(UnitRow.id.in_(unit_ids))) if unit_ids else ()
    return {row.id: Unit(*row) for row in rows}


def at_paths(session: Session, wanted: Sequence[str]) -> tuple[Unit, ...]:
    """The units at some paths, in tree order."""
    rows = session.execute(select(*COLUMNS).where(UnitRow.path.in_(wanted)).order_by(UnitRow.path)) if wanted else ()
    return tuple(Unit(*row) for row in rows)


def breadcrumbs(session: Session, path: str) -> tuple[Unit, ...]:
    """The units above a path, from the nation down. One statement."""
    return at_paths(session, paths.ancestors(path))


def national(session: Session) -> Unit | None:
    """The root of the tree, None before it is made."""
    row = session.execute(select(*COLUMNS).where(UnitRow.parent_id.is_(None))).first()
    return Unit(*row) if row else None


def province_of(session: Session, path: str) -> Unit:
    """The province or national industry union that a path lies in. Raises NotFound where there is none."""
    parts = path.strip("/").split("/")
    if len(parts) < 2:
        raise NotFound
    row = session.execute(
        select(*COLUMNS).where(UnitRow.path == f"/{parts[0]}/{parts[1]}/", UnitRow.kind.in_(("province", "industry")))
    ).first()
    if row is None:
        raise NotFound
    return Unit(*row)


def children(session: Session, parent_id: UUID, *, after: UUID | None = None, limit: int = 50) -> tuple[Unit, ...]:
    """Units right below one, open ones and others, by pinyin; `after` is the last one of the page before."""
    statement = select(*COLUMNS).where(UnitRow.parent_id == parent_id)
    return page(session, statement, after=after, limit=limit)


def open_children_exist(session: Session, parent_id: UUID) -> bool:
    """Whether an open unit stands right below this one."""
    statement = select(UnitRow.id).where(UnitRow.parent_id == parent_id, UnitRow.state == "open").limit(1)
    return session.execute(statement).first() is not None


def same_named_child(session: Session, parent_id: UUID, name: str, name_key: str) -> UUID | None:
    """The open unit of this name right below a parent, None when there is none."""
    statement = select(UnitRow.id).where(
        UnitRow.parent_id == parent_id, UnitRow.name_key == name_key, UnitRow.name == name, UnitRow.state == "open"
    )
    return session.execute(statement).scalars().first()


def open_unit_of_uscc(session: Session, uscc: str) -> UUID | None:
    """The open unit that has this unified social credit code, None when there is none."""
    return session.execute(select(UnitRow.id).where(UnitRow.uscc == uscc, UnitRow.state == "open")).scalars().first()


def count_below(session: Session, path: str, *, limit: int) -> int:
    """How many units lie below a path (without the one at it), counted up to `limit`."""
    inner = select(UnitRow.id).where(within(UnitRow.path, [path]), UnitRow.path != path).limit(limit).subquery()
    return session.execute(select(func.count()).select_from(inner)).scalar_one()


@dataclass(frozen=True)
class Touched:
    """How many units, people and roles a change reaches, each counted up to TOUCHED_LIMIT."""

    units: int
    people: int
    roles: int


def touched(session: Session, found: Unit, *, now: datetime) -> Touched:
    """What stands below a unit, who belongs to it or to what stands below, and which roles are held there."""
    return Touched(
        units=count_below(session, found.path, limit=TOUCHED_LIMIT),
        people=events.people_at(session, found.path, limit=TOUCHED_LIMIT, at=now),
        roles=events.roles_at(session, found.path, limit=TOUCHED_LIMIT, at=now),
    )


def subtree(session: Session, path: str, *, limit: int) -> tuple[Unit, ...]:
    """The unit at a path and all below it, in tree order, up to `limit`."""
    rows = session.execute(select(*COLUMNS).where(within(UnitRow.path, [path])).order_by(UnitRow.path).limit(limit))
    return tuple(Unit(*row) for row in rows)


def changes(session: Session, unit_id: UUID, *, limit: int = 50) -> tuple[Change, ...]:
    """A unit's history, the last change first."""
    statement = (
        select(
            UnitChangeRow.id,
            UnitChangeRow.at,
            UnitChangeRow.effective_on,
            UnitChangeRow.action,
            UnitChangeRow.before,
            UnitChangeRow.after,
            UnitChangeRow.actor_id,
            UnitChangeRow.reason,
        )
        .where(UnitChangeRow.unit_id == unit_id)
        .order_by(UnitChangeRow.at.desc(), UnitChangeRow.id.desc())
        .limit(limit)
    )
    return tuple(Change(*row) for row in session.execute(statement))


def last_change_id(session: Session, unit_id: UUID) -> UUID | None:
    """The mark of a unit's present state: whoever saw another one decided on something that is no more."""
    found = changes(session, unit_id, limit=1)
    return found[0].id if found else None


def units_to_join(session: Session, *, limit: int = 500) -> tuple[Unit, ...]:
    """Open units of the lowest kind, in tree order."""
    statement = select(*COLUMNS).where(UnitRow.kind == "unit", UnitRow.state == "open")
    return tuple(Unit(*row) for row in session.execute(statement.order_by(UnitRow.path).limit(limit)))


def page(session: Session, statement: Any, *, after: UUID | None, limit: int) -> tuple[Unit, ...]:
    """A page by pinyin: one statement, and one more that finds where the page before ended."""
    if after is not None:
        anchor = statement.with_only_columns(UnitRow.name_key, UnitRow.id, maintain_column_froms=True)
        last = session.execute(
            anchor.where(UnitRow.id == after).limit(1)
        ).first()  # of this list: no other one is told of
        if last is None:
            raise NotFound
        statement = statement.where(tuple_(UnitRow.name_key, UnitRow.id) > tuple_(last.name_key, last.id))
    rows = session.execute(statement.order_by(UnitRow.name_key, UnitRow.id).limit(limit))
    return tuple(Unit(*row) for row in rows)
