"""Follows rows that many services change (people, accounts, units): what a statement changed is marked again with the commit.

A row that does not fit its mark when it is about to change keeps that mark: a change through the platform must not vouch for
what somebody else had written before. Columns that no mark covers cost nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Result, Update, event, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from lms.audit.models import IntegrityMarkRow
from lms.audit.service.marks import Source, mark_of, source_of, store

log = structlog.get_logger()

ROWS_A_STATEMENT = 1_000
_TRAIL = "followed rows"


@dataclass
class _Trail:
    """What one transaction did: rows that were looked at before they changed, those of them that did not fit, and rows that changed."""

    known: set[tuple[str, str]] = field(default_factory=set)
    spoiled: set[tuple[str, str]] = field(default_factory=set)
    changed: dict[Source, dict[str, Any]] = field(default_factory=dict)

    def note(self, source: Source, keys: Iterable[Any]) -> None:
        """Remembers the rows with these keys for the commit."""
        self.changed.setdefault(source, {}).update({source.row_id({source.key[0]: key}): key for key in keys})


def newest_marks(session: Session, source: Source, row_ids: Collection[str]) -> dict[str, tuple[int, str]]:
    """Version and HMAC of the newest mark of each row that has one."""
    found: dict[str, tuple[int, str]] = {}
    for some in _pieces(row_ids):
        rows = session.execute(
            select(IntegrityMarkRow.row_id, IntegrityMarkRow.version, IntegrityMarkRow.mac)
            .where(IntegrityMarkRow.source == source.name, IntegrityMarkRow.row_id.in_(some))
            .order_by(IntegrityMarkRow.row_id, IntegrityMarkRow.version)
        )
        found |= {row_id: (version, mac) for row_id, version, mac in rows}
    return found


@event.listens_for(Session, "do_orm_execute")
def _follow(state: ORMExecuteState) -> Result[Any] | None:
    mapper = state.bind_mapper
    source = source_of(mapper.class_) if mapper is not None else None
    if source is None or not source.followed or not state.is_update:
        return None
    statement = state.statement
    if not isinstance(statement, Update) or isinstance(state.parameters, list):
        raise TypeError(f"{source.name}: its rows change by an UPDATE with a condition")
    if not _covered(source, statement):
        return None
    trail = _trail(state.session)
    _look_before(state.session, source, statement.whereclause, trail)
    asked = len(statement.returning_column_descriptions)
    done = state.invoke_statement(statement.returning(_key(source))).freeze()
    keys = [row[-1] for row in done()]
    trail.note(source, keys)
    if asked:
        return done().columns(*range(asked))
    result = done()
    setattr(result, "rowcount", len(keys))  # noqa: B010  # as the result of an UPDATE without RETURNING has it
    return result


@event.listens_for(Session, "before_flush")
def _follow_objects(session: Session, _context: UOWTransaction, _instances: object) -> None:
    for row in session.dirty:
        source = source_of(type(row))
        if source is not None and source.followed and session.is_modified(row):
            key = getattr(row, source.key[0])
            trail = _trail(session)
            _look_before(session, source, _key(source) == key, trail)
            trail.note(source, [key])


@event.listens_for(Session, "before_commit")
def _mark_changed(session: Session) -> None:
    trail: _Trail | None = session.info.pop(_TRAIL, None)
    if trail is None:
        return
    session.flush()
    for source, changed in trail.changed.items():
        store(session, list(_new_marks(session, source, changed, trail.spoiled)))


def _new_marks(
    session: Session, source: Source, changed: dict[str, Any], spoiled: set[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    """The next marks of changed rows, but for those that say what they said before."""
    newest = newest_marks(session, source, changed)
    for some in _pieces(changed.values()):
        for values, row_id in _rows(session, source, _key(source).in_(some)):
            if (source.name, row_id) in spoiled:
                continue
            version, mac = newest.get(row_id, (0, ""))
            if source.mac(values, row_id, version) != mac:
                yield mark_of(source, values, version + 1)


def _look_before(session: Session, source: Source, condition: ColumnElement[bool] | None, trail: _Trail) -> None:
    """Holds the rows that are about to change, and remembers which of them do not fit their marks."""
    rows = {
        row_id: values
        for values, row_id in _rows(session, source, condition, locked=True)
        if (source.name, row_id) not in trail.known
    }
    trail.known |= {(source.name, row_id) for row_id in rows}
    newest = newest_marks(session, source, rows)
    for row_id, values in rows.items():
        version, mac = newest.get(row_id, (0, ""))
        if source.mac(values, row_id, version) != mac:
            trail.spoiled.add((source.name, row_id))
            log.error("a row that changes did not fit its mark", source=source.name, row=row_id)


def _rows(
    session: Session, source: Source, condition: ColumnElement[bool] | None, *, locked: bool = False
) -> Iterator[tuple[dict[str, Any], str]]:
    statement = select(*(source.table.c[name] for name in dict.fromkeys((*source.key, *source.columns))))
    if condition is not None:
        statement = statement.where(condition)
    if locked:  # as an UPDATE does it: rows elsewhere may go on to refer to these
        statement = statement.with_for_update(key_share=True, of=source.table)
    for row in session.execute(statement).mappings():
        values = dict(row)
        yield values, source.row_id(values)


def _pieces(values: Collection[Any]) -> Iterator[Sequence[Any]]:
    listed = list(values)
    for start in range(0, len(listed), ROWS_A_STATEMENT):
        yield listed[start : start + ROWS_A_STATEMENT]


def _covered(source: Source, statement: Update) -> bool:
    """Whether a statement writes a column that marks cover. SQLAlchemy has no public name for what an UPDATE sets."""
    written: Iterable[Any] = statement._values or ()
    return any(getattr(column, "name", column) in source.columns for column in written)


def _key(source: Source) -> ColumnElement[Any]:
    """The one column of the key."""
    (name,) = source.key
    return source.table.c[name]


def _trail(session: Session) -> _Trail:
    found: _Trail = session.info.setdefault(_TRAIL, _Trail())
    return found
