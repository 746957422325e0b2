"""Reads spreadsheets of units that wait to be confirmed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.infra import pinyin
from lms.infra.db import for_update
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.kernel.scope import covers
from lms.organisations.domain import uscc
from lms.organisations.domain.planning import Known, Row, Tree
from lms.organisations.models import UnitImportRow, UnitRow
from lms.organisations.queries.tree import Unit

AT_ONCE = 500


@dataclass(frozen=True)
class Import:
    """A spreadsheet that was read: `rows` as [row number, name, kind, code, parent] in text."""

    id: UUID
    unit_id: UUID
    actor_id: UUID
    file_name: str
    sha256: str
    rows: list[list[Any]]
    state: str


_COLUMNS = (
    UnitImportRow.id,
    UnitImportRow.unit_id,
    UnitImportRow.actor_id,
    UnitImportRow.file_name,
    UnitImportRow.sha256,
    UnitImportRow.rows,
    UnitImportRow.state,
)


def known_to(session: Session, top: Unit, rows: Sequence[Row]) -> Tree:
    """What the tree knows of the names and codes of a spreadsheet. Two statements for each 500 rows."""
    named: dict[str, list[Known]] = {}
    coded: dict[str, Known] = {}
    taken: set[str] = set()
    wanted = sorted({text for row in rows for text in (row.name, row.parent) if text})
    codes = sorted({uscc.tidy(text) for row in rows for text in (row.uscc, row.parent) if text})
    columns = (UnitRow.id, UnitRow.parent_id, UnitRow.name, UnitRow.kind)
    for part in _parts(wanted):
        keys = {pinyin.key_of(text, limit=400) for text in part}
        statement = select(*columns).where(
            UnitRow.name_key.in_(keys),
            UnitRow.name.in_(part),
            UnitRow.state == "open",
            within(UnitRow.path, [top.path]),
        )
        for row in session.execute(statement):
            named.setdefault(row.name, []).append(Known(*row))
    for part in _parts([code for code in codes if len(code) == uscc.LENGTH]):
        found = select(*columns, UnitRow.uscc, UnitRow.path).where(UnitRow.uscc.in_(part), UnitRow.state == "open")
        for one in session.execute(found):
            taken.add(str(one.uscc))
            if covers(top.path, one.path):
                coded[str(one.uscc)] = Known(one.id, one.parent_id, one.name, one.kind)
    return Tree(Known(top.id, top.parent_id, top.name, top.kind), named, coded, frozenset(taken))


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE))


def import_of(session: Session, import_id: UUID, actor_id: UUID) -> Import:
    """A spreadsheet that this person brought. Raises NotFound, alike for others' and for none."""
    row = session.execute(
        select(*_COLUMNS).where(UnitImportRow.id == import_id, UnitImportRow.actor_id == actor_id)
    ).first()
    if row is None:
        raise NotFound
    return Import(*row)


def import_to_apply(session: Session, import_id: UUID, actor_id: UUID) -> Import:
    """The same, held until the unit of work ends. Raises NotFound."""
    statement = select(*_COLUMNS).where(UnitImportRow.id == import_id, UnitImportRow.actor_id == actor_id)
    row = session.execute(for_update(statement)).first()
    if row is None:
        raise NotFound
    return Import(*row)
