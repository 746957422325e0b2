"""Reads whole tables in order, a piece at a time, in one snapshot."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, collate, select
from sqlalchemy.orm import Session

from lms.audit.service.marks import Source
from lms.infra import db
from lms.infra.db import reading

ROWS_AT_A_TIME = 2_000


@contextmanager
def snapshot() -> Iterator[Session]:
    """A reading session in which every statement sees the database of one moment."""
    with reading() as session:
        if db.dialect() == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def stream(session: Session, statement: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows of a statement through a cursor on the server."""
    yield from session.connection().execute(statement, execution_options={"yield_per": ROWS_AT_A_TIME})


def rows_by_key(session: Session, source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of an official table as (key as its marks name it, values), in the order of those keys."""
    names = tuple(dict.fromkeys((*source.key, *source.columns)))
    statement = select(*(source.table.c[name] for name in names)).order_by(*map(_bytewise, key_columns(source)))
    for row in stream(session, statement):
        values = dict(zip(names, row, strict=True))
        yield source.row_id(values), values


def key_columns(source: Source) -> list[ColumnElement[Any]]:
    """The columns of a table's primary key."""
    return [source.table.c[name] for name in source.key]


def _bytewise(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column to sort by as the text of a key sorts, whatever the server's locale."""
    text = isinstance(column.type, String) and db.dialect() == "postgresql"
    return collate(column, "C") if text else column
