"""Somebody with full access to the database and none to the keys: edits, deletes, inserts and swaps rows, triggers or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Connection, Date, Integer, String, Table, delete, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.types import Uuid

from lms.audit import service as audit
from lms.audit.models import AuditEntryRow, IntegrityMarkRow, SealRow
from lms.infra import db
from lms.infra.types import Instant, Json, SortKey

AUDIT, MARKS, SEALS = (model.__table__ for model in (AuditEntryRow, IntegrityMarkRow, SealRow))
UNPROVEN = {
    "attempt": {"epoch"},
    "revision": {"unit_path"},
    "outside_training": {"unit_path"},
    "person": {"name_key", "initials"},
    "account": {"totp_step"},
    "unit": {"name_key", "initials"},
}
"""Columns that no mark covers."""
Rows = list[dict[str, Any]]


@contextmanager
def without_triggers() -> Iterator[Connection]:
    """A transaction in which neither triggers nor foreign keys hold anything back."""
    with db.engine().connect() as connection:
        lite = connection.dialect.name == "sqlite"
        if not lite:
            connection.execute(text("SET session_replication_role = replica"))
            yield connection
            connection.commit()
            connection.execute(text("SET session_replication_role = origin"))
            connection.commit()
            return
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        try:
            for name, _ in triggers:
                connection.execute(text(f"DROP TRIGGER {name}"))
            yield connection
            for _, sql in triggers:
                connection.exec_driver_sql(sql)
            connection.commit()
        finally:
            connection.rollback()
            raw.execute("PRAGMA foreign_keys=ON")


def official() -> list[Table]:
    """Every table that a verification walks: the official ones, the record, its marks and seals."""
    return [*(source.table for source in audit.sources()), AUDIT, MARKS, SEALS]


def dump(tables: list[Table]) -> dict[str, Rows]:
    with db.engine().connect() as connection:
        return {t.name: [dict(row) for row in connection.execute(select(t)).mappings()] for t in tables}


def put_back(tables: list[Table], before: dict[str, Rows]) -> None:
    """Makes the tables what they were."""
    with without_triggers() as connection:
        for table in tables:
            connection.execute(delete(table))
            if before[table.name]:
                connection.execute(insert(table), before[table.name])


class Attacker:
    """Draws one act after the other; each returns what it did, and None when the database's own rules stopped it."""

    def __init__(self, rng: Random, rows: dict[str, Rows]) -> None:
        self._rng = rng
        self._rows = rows
        self._tables = [table for table in official() if rows[table.name]]
        self.touched: list[Table] = []

    def act(self) -> str:
        """Does something that changes what the database says. Returns a description."""
        while True:
            kind = self._rng.choice(
                (self._edit, self._edit, self._edit, self._delete, self._insert, self._swap, self._cut)
            )
            self.touched = []
            try:
                with without_triggers() as connection:
                    done = kind(connection)
                if done:
                    return done
            except (IntegrityError, DataError):
                continue

    def _edit(self, connection: Connection) -> str | None:
        table, row = self._row()
        names = [c.name for c in table.c if c.name not in UNPROVEN.get(table.name, ())]
        column = table.c[self._rng.choice(names)]
        value = self._other(column, row[column.name])
        if value == row[column.name]:
            return None
        connection.execute(update(table).where(*key_is(table, row)).values({column.name: value}))
        return f"edit {table.name}.{column.name}"

    def _delete(self, connection: Connection) -> str:
        table, row = self._row()
        connection.execute(delete(table).where(*key_is(table, row)))
        return f"delete from {table.name}"

    def _insert(self, connection: Connection) -> str:
        table, row = self._row()
        values = dict(row)
        for column in table.primary_key:
            values[column.name] = self._other(column, row[column.name])
        for column in self._rng.sample(list(table.c), self._rng.randrange(len(table.c))):
            values[column.name] = self._other(column, values[column.name])
        connection.execute(insert(table).values(values))
        return f"insert into {table.name}"

    def _swap(self, connection: Connection) -> str | None:
        """Two rows change places in one column: order is what a chain is about."""
        table, one = self._row()
        other = self._rng.choice(self._rows[table.name])
        column = self._rng.choice([c for c in table.c if not c.primary_key])
        if table is AUDIT or table is MARKS:
            column = table.c[self._rng.choice(["mac", "seal_no", column.name])]
        if one[column.name] == other[column.name] or column.name in UNPROVEN.get(table.name, ()):
            return None
        for target, source in ((one, other), (other, one)):
            connection.execute(update(table).where(*key_is(table, target)).values({column.name: source[column.name]}))
        return f"swap {table.name}.{column.name}"

    def _cut(self, connection: Connection) -> str:
        """The newest seals vanish, with what they sealed, or with its numbers alone."""
        last = max(row["no"] for row in self._rows["seal"])
        first = self._rng.randint(1, last)
        self.touched = [AUDIT, MARKS, SEALS]
        connection.execute(delete(SEALS).where(SEALS.c.no >= first))
        if self._rng.random() < 0.5:
            for table in (AUDIT, MARKS):
                connection.execute(delete(table).where(table.c.seal_no >= first))
            return f"cut from seal {first} on, with the rows"
        for table in (AUDIT, MARKS):
            connection.execute(update(table).where(table.c.seal_no >= first).values(seal_no=None))
        return f"cut from seal {first} on"

    def _row(self) -> tuple[Table, dict[str, Any]]:
        table = self._rng.choice(self._tables)
        self.touched = [table]
        return table, self._rng.choice(self._rows[table.name])

    def _other(self, column: Column[Any], value: Any) -> Any:
        """Another value of the column's type."""
        rng, kind = self._rng, column.type
        if value is not None and column.nullable and rng.random() < 0.1:
            return None
        if isinstance(kind, Boolean):
            return not value
        if isinstance(kind, Integer):
            return (value or 0) + rng.choice((1, 2, 100))
        if isinstance(kind, Uuid):
            return UUID(int=rng.getrandbits(128))
        if isinstance(kind, Instant):
            return (value or datetime.fromisoformat("2026-01-01T00:00:00+00:00")) + timedelta(
                milliseconds=rng.choice((1, 60_000))
            )
        if isinstance(kind, Date):
            return (value or date(2026, 1, 1)) + timedelta(days=rng.choice((1, 365)))
        if isinstance(kind, Json):
            return {"forged": rng.random()} if rng.random() < 0.5 else [value, 1]
        assert isinstance(kind, String | SortKey)
        return self._text(str(value or ""), kind.length)

    def _text(self, value: str, length: int | None) -> str:
        if value and self._rng.random() < 0.5:
            place = self._rng.randrange(len(value))
            return value[:place] + self._rng.choice("0123456789abcdef伪") + value[place + 1 :]
        return (self._rng.choice(("伪", "x", " ")) + value)[: length or None]


def key_is(table: Table, row: dict[str, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key]
