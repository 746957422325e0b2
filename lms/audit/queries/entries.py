"""Reads audit entries, the newest first: an entry's id begins with its moment, so that every list is a walk along an index."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.orm import Session, aliased

from lms.audit.models import AuditEntryRow
from lms.kernel.errors import NotFound

PAGE = 50
ROWS_AT_A_TIME = 1_000
ACTIONS = 400
"""The most kinds of acts that are looked at; the code knows fewer."""


@dataclass(frozen=True)
class Entry:
    """One act as it was recorded."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    role: str
    action: str
    object_type: str
    object_id: str
    result: str
    address: str
    request_id: str
    details: dict[str, Any]
    seal_no: int | None


@dataclass(frozen=True)
class Filters:
    """What a list is limited to; empty means any. `action` is the beginning of an action's name, `until` is not included."""

    since: datetime | None = None
    until: datetime | None = None
    actor_id: UUID | None = None
    action: str = ""
    object_id: str = ""
    object_type: str = ""
    not_ok: bool = False
    request_id: str = ""
    address: str = ""

    def as_data(self) -> dict[str, object]:
        """The filters that are set, for the entry that tells of the reading."""
        said = {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "actor_id": str(self.actor_id) if self.actor_id else None,
            "action": self.action,
            "object_id": self.object_id,
            "object_type": self.object_type,
            "not_ok": self.not_ok,
            "request_id": self.request_id,
            "address": self.address,
        }
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Page:
    """Entries, and the key of the next page when there is one."""

    entries: tuple[Entry, ...]
    following: UUID | None = field(default=None)


_COLUMNS = (
    AuditEntryRow.id,
    AuditEntryRow.at,
    AuditEntryRow.actor_id,
    AuditEntryRow.role,
    AuditEntryRow.action,
    AuditEntryRow.object_type,
    AuditEntryRow.object_id,
    AuditEntryRow.result,
    AuditEntryRow.address,
    AuditEntryRow.request_id,
    AuditEntryRow.details,
    AuditEntryRow.seal_no,
)


def page(session: Session, filters: Filters, *, before: UUID | None = None, limit: int = PAGE) -> Page:
    """The newest entries that pass the filters, older than `before`. Two statements at most."""
    found = _newest(session, filters, before, limit + 1)
    entries = tuple(found[:limit])
    return Page(entries, entries[-1].id if len(found) > limit else None)


def entries_newest_first(session: Session, filters: Filters, *, limit: int) -> Iterator[Entry]:
    """Up to `limit` entries, read piece by piece."""
    before: UUID | None = None
    while limit > 0:
        found = _newest(session, filters, before, min(limit, ROWS_AT_A_TIME))
        yield from found
        if len(found) < min(limit, ROWS_AT_A_TIME):
            return
        limit -= len(found)
        before = found[-1].id


def entry(session: Session, entry_id: UUID) -> Entry:
    """One entry. Raises NotFound."""
    row = session.execute(select(*_COLUMNS).where(AuditEntryRow.id == entry_id)).first()
    if row is None:
        raise NotFound
    return Entry(*row)


def happened(session: Session, action: str, object_id: UUID, *, actor_id: UUID | None = None, since: datetime) -> bool:
    """Whether somebody (this person, if one is named) did this to an object after a moment."""
    found = select(AuditEntryRow.id).where(
        AuditEntryRow.object_id == str(object_id),
        AuditEntryRow.action == action,
        AuditEntryRow.result == "ok",
        AuditEntryRow.at > since,
    )
    if actor_id is not None:
        found = found.where(AuditEntryRow.actor_id == actor_id)
    return session.execute(found.limit(1)).first() is not None


def who_did(
    session: Session, action: str, object_ids: Collection[UUID], *, since: datetime
) -> tuple[tuple[UUID, UUID, datetime], ...]:
    """(object, actor, when) of each time that a person did this to one of some objects after a moment."""
    rows = session.execute(
        select(AuditEntryRow.object_id, AuditEntryRow.actor_id, AuditEntryRow.at).where(
            AuditEntryRow.object_id.in_([str(one) for one in object_ids]),
            AuditEntryRow.action == action,
            AuditEntryRow.result == "ok",
            AuditEntryRow.at > since,
        )
    )
    return tuple((UUID(row[0]), row[1], row[2]) for row in rows if row[1])


def actions(session: Session) -> tuple[str, ...]:
    """The names of all kinds of acts in the record: as many steps along an index as there are names."""
    walk = select(func.min(AuditEntryRow.action).label("action")).cte("walk", recursive=True)
    following = aliased(AuditEntryRow)
    step = select(func.min(following.action)).where(following.action > walk.c.action).scalar_subquery()
    walk = walk.union_all(select(step).where(walk.c.action.is_not(None)))
    found = session.execute(select(walk.c.action).where(walk.c.action.is_not(None)).limit(ACTIONS))
    return tuple(sorted(row.action for row in found))


def _newest(session: Session, filters: Filters, before: UUID | None, limit: int) -> list[Entry]:
    statement = select(*_COLUMNS).where(*_where(filters, before)).order_by(AuditEntryRow.id.desc()).limit(limit)
    if filters.action:
        chosen = [name for name in actions(session) if name.startswith(filters.action)]
        if not chosen:
            return []
        statement = _of_actions(statement, chosen, limit)
    return [Entry(*row) for row in session.execute(statement)]


def _of_actions(statement: Select[*tuple[Any, ...]], chosen: list[str], limit: int) -> Select[*tuple[Any, ...]]:
    """The newest of several kinds of acts: the newest of each by its index, then the newest of those."""
    if len(chosen) == 1:
        return statement.where(AuditEntryRow.action == chosen[0])
    each = [select(statement.where(AuditEntryRow.action == name).subquery()) for name in chosen]
    merged = union_all(*each).subquery()
    return select(merged).order_by(merged.c.id.desc()).limit(limit)


def _where(filters: Filters, before: UUID | None) -> Iterator[ColumnElement[bool]]:
    if filters.since:
        yield AuditEntryRow.id >= first_id(filters.since)
    if filters.until:
        yield AuditEntryRow.id < first_id(filters.until)
    if before:
        yield AuditEntryRow.id < before
    for column, value in (
        (AuditEntryRow.actor_id, filters.actor_id),
        (AuditEntryRow.object_id, filters.object_id),
        (AuditEntryRow.object_type, filters.object_type),
        (AuditEntryRow.request_id, filters.request_id),
        (AuditEntryRow.address, filters.address),
    ):
        if value:
            yield column == value
    if filters.not_ok:
        yield AuditEntryRow.result != "ok"


def first_id(moment: datetime) -> UUID:
    """The smallest id that an entry of this moment can have."""
    return UUID(int=round(moment.timestamp() * 1000) << 80)
