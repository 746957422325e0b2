"""Reads the requests of people who did not find their unit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRequestRow, UnitRow


@dataclass(frozen=True)
class Request:
    """A unit that somebody did not find: its name as typed, and the nearest union that is listed."""

    id: UUID
    person_id: UUID
    parent_id: UUID
    name: str
    state: str
    unit_id: UUID | None
    asked_at: datetime
    decided_at: datetime | None
    comment: str
    parent_name: str
    parent_path: str


def _requests() -> Select[*tuple[Any, ...]]:
    return select(
        UnitRequestRow.id,
        UnitRequestRow.person_id,
        UnitRequestRow.parent_id,
        UnitRequestRow.name,
        UnitRequestRow.state,
        UnitRequestRow.unit_id,
        UnitRequestRow.asked_at,
        UnitRequestRow.decided_at,
        UnitRequestRow.comment,
        UnitRow.name.label("parent_name"),
        UnitRow.path.label("parent_path"),
    ).join(UnitRow, UnitRow.id == UnitRequestRow.parent_id)


def requests(
    session: Session, scopes: tuple[str, ...], *, after: UUID | None = None, limit: int = 50
) -> tuple[Request, ...]:
    """Open requests whose nearest union lies in the scopes, the oldest first; `after` is the last one of the page before."""
    statement = _requests().where(UnitRequestRow.state == "open", within(UnitRow.path, scopes))
    if after is not None:
        last = session.execute(_requests().where(UnitRequestRow.id == after, within(UnitRow.path, scopes))).first()
        if last is None:
            raise NotFound
        statement = statement.where(tuple_(UnitRequestRow.asked_at, UnitRequestRow.id) > tuple_(last.asked_at, last.id))
    rows = session.execute(statement.order_by(UnitRequestRow.asked_at, UnitRequestRow.id).limit(limit))
    return tuple(Request(*row) for row in rows)


def request(session: Session, request_id: UUID, scopes: tuple[str, ...]) -> Request:
    """One request in the scopes. Raises NotFound, alike for those elsewhere and for none."""
    row = session.execute(_requests().where(UnitRequestRow.id == request_id, within(UnitRow.path, scopes))).first()
    if row is None:
        raise NotFound
    return Request(*row)
