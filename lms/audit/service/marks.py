"""Marks official rows: each row of a registered table gets, with the statement that stores it, an HMAC over what it says.

Rows that are added to a session are marked by its flush, so that nobody can forget it. What a service changes later (the state
of a certificate, of an attempt) is marked again, as the row's next version, by `mark_again`, or by `following` for rows that many
services change.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Table, event, func, insert, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from lms.audit.domain import canonical
from lms.audit.models import IntegrityMarkRow
from lms.infra import crypto
from lms.infra.db import Model
from lms.kernel import ids

_NEWEST = "newest_mark"


@dataclass(frozen=True)
class Source:
    """A table whose rows are official; `columns` are those that its marks cover, in their order.

    Those of `later` came after rows had been marked: while one has no value, a mark is what it was before the column was there.
    A `followed` table's rows are marked again by themselves, see `following`.
    """

    table: Table
    part: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    later: frozenset[str] = frozenset()
    followed: bool = False

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.table.name)

    def row_id(self, values: Mapping[str, Any]) -> str:
        """The row's key as its marks name it."""
        return canonical.row_id(values[name] for name in self.key)

    def mac(self, values: Mapping[str, Any], row_id: str, version: int) -> str:
        """The keyed hash over one version of a row."""
        covered = ((name, values[name]) for name in self.columns if name not in self.later or values[name] is not None)
        return crypto.mac("integrity", canonical.text_of(self.name, row_id, version, covered))


_sources: dict[type[Any], Source] = {}


def register_source(
    model: type[Model], *, part: str, but: Iterable[str] = (), later: Iterable[str] = (), followed: bool = False
) -> None:
    """Makes a model's rows official, as part of one of `domain.areas.PARTS`.

    `but` names columns that change without being official, `later` those that a migration added to marked rows; rows
    that are `followed` are marked again whenever a statement changed them. The model's attributes are called as its
    columns are.
    """
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is no table's row")
    left_out = set(but)
    key = tuple(str(column.name) for column in table.primary_key)
    columns = tuple(str(column.name) for column in table.columns if column.name not in left_out)
    _sources[model] = Source(table, part, key, columns, frozenset(later), followed)


def sources() -> tuple[Source, ...]:
    """All official tables, by part and name."""
    return tuple(sorted(_sources.values(), key=lambda source: (source.part, source.name)))


def source_of(model: type[Any]) -> Source | None:
    """The official table of a model, if it is one."""
    return _sources.get(model)


def add_marked(session: Session, *rows: tuple[type[Model], Mapping[str, Any]]) -> None:
    """Stores official rows with their first marks, without the work that a flush is. A row lacks no column."""
    connection = session.connection()
    marks = []
    for model, values in rows:
        source = _sources[model]
        connection.execute(insert(source.table), dict(values))
        marks.append(mark_of(source, values))
    store(session, marks)


def newest_mark(model: type[Model], key: ColumnElement[Any]) -> ColumnElement[int]:
    """The version of a row's newest mark, for a statement that changes the row; `key` is the row id of its marks."""
    of_row = (IntegrityMarkRow.source == _sources[model].name, IntegrityMarkRow.row_id == key)
    return select(func.max(IntegrityMarkRow.version)).where(*of_row).scalar_subquery()


def mark_changed(model: type[Model], values: Mapping[str, Any], newest: int) -> dict[str, Any]:
    """The next mark of a row that is locked and has just become `values`, ready for `store`."""
    return mark_of(_sources[model], values, newest + 1)


def mark_again(session: Session, model: type[Model], *key: object) -> None:
    """Marks a row as it is now, after a change; the caller has it locked."""
    source = _sources[model]
    session.flush()
    newest = (
        select(func.max(IntegrityMarkRow.version))
        .where(IntegrityMarkRow.source == source.name, IntegrityMarkRow.row_id == canonical.row_id(key))
        .scalar_subquery()
        .label(_NEWEST)
    )
    where = [source.table.c[name] == value for name, value in zip(source.key, key, strict=True)]
    values: dict[str, Any] = {**session.execute(select(source.table, newest).where(*where)).mappings().one()}
    store(session, [mark_of(source, values, (values[_NEWEST] or 0) + 1)])


def unmarked(session: Session, source: Source) -> bool:
    """Whether there are more rows than rows with a mark. Counts both."""
    rows = session.execute(select(func.count()).select_from(source.table)).scalar_one()
    first = (IntegrityMarkRow.source == source.name, IntegrityMarkRow.version == 1)
    return rows > session.execute(select(func.count()).select_from(IntegrityMarkRow).where(*first)).scalar_one()


def mark_of(source: Source, values: Mapping[str, Any], version: int = 1) -> dict[str, Any]:
    """The mark of a row, ready to be stored."""
    row_id = source.row_id(values)
    return {
        "id": ids.new_id(),
        "source": source.name,
        "row_id": row_id,
        "version": version,
        "mac": source.mac(values, row_id, version),
    }


def store(session: Session, marks: list[dict[str, Any]]) -> None:
    """Adds marks to the running unit of work, in the order of their rows."""
    if marks:
        session.connection().execute(insert(IntegrityMarkRow.__table__), sorted(marks, key=itemgetter("row_id")))  # type: ignore[arg-type]  # a declared table is one


@event.listens_for(Session, "after_flush")
def _mark_new_rows(session: Session, _context: UOWTransaction) -> None:
    store(session, list(_marks_of(session.new)))


def _marks_of(rows: Iterable[object]) -> Iterator[dict[str, Any]]:
    for row in rows:
        source = _sources.get(type(row))
        if source is not None:
            yield mark_of(source, {name: getattr(row, name) for name in source.columns})


@event.listens_for(Session, "do_orm_execute")
def _refuse_unmarked(state: ORMExecuteState) -> None:
    """An INSERT statement would pass the flush by: official rows are added as objects."""
    mapper = state.bind_mapper
    if state.is_insert and mapper is not None and mapper.class_ in _sources:
        raise TypeError(f"{mapper.class_.__name__}: add rows to the session, so that their marks are stored with them")
