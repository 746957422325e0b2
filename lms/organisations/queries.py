"""Reads the tree of unions."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow


@dataclass(frozen=True)
class Unit:
    """A union or a unit; `code` is a province's two GB/T 2260 digits."""

    id: UUID
    parent_id: UUID | None
    path: str
    name: str
    kind: str
    code: str


_COLUMNS = (UnitRow.id, UnitRow.parent_id, UnitRow.path, UnitRow.name, UnitRow.kind, UnitRow.code)


def unit(session: Session, unit_id: UUID) -> Unit:
    """One unit. Raises NotFound."""
    row = session.execute(select(*_COLUMNS).where(UnitRow.id == unit_id)).first()
    if row is None:
        raise NotFound
    return Unit(*row)


def province_of(session: Session, path: str) -> Unit:
    """The province (second level) that a path lies in. Raises NotFound for the national root itself."""
    parts = path.strip("/").split("/")
    if len(parts) < 2:
        raise NotFound
    row = session.execute(select(*_COLUMNS).where(UnitRow.path == f"/{parts[0]}/{parts[1]}/")).first()
    if row is None:
        raise NotFound
    return Unit(*row)


def national(session: Session) -> Unit | None:
    """The root of the tree, None before it is made."""
    row = session.execute(select(*_COLUMNS).where(UnitRow.kind == "national")).first()
    return Unit(*row) if row else None


def units_to_join(session: Session, *, limit: int = 500) -> tuple[Unit, ...]:
    """Units that a person may name as their own at registration, in tree order."""
    rows = session.execute(select(*_COLUMNS).where(UnitRow.kind == "unit").order_by(UnitRow.path).limit(limit))
    return tuple(Unit(*row) for row in rows)
