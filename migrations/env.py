"""Runs migrations on the database that the application has bound, one transaction a step."""

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from lms.infra import db, types

OWN_TYPES = (types.Instant, types.Json)


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | bool:
    """Names our own column types in generated migrations."""
    if kind == "type" and isinstance(item, OWN_TYPES):
        autogen.imports.add(f"from lms.infra.types import {type(item).__name__}")
        return f"{type(item).__name__}()"
    return False


def foreign_keys(connection: Connection, *, on: bool) -> None:
    """SQLite writes a table anew to alter it; references to it must not be acted on meanwhile, and are checked afterwards."""
    if connection.dialect.name != "sqlite":
        return
    raw = connection.connection.dbapi_connection
    if on and (broken := raw.execute("PRAGMA foreign_key_check").fetchall()):
        raise RuntimeError(f"a migration left references to nothing: {broken[:5]}")
    raw.execute(f"PRAGMA foreign_keys={int(on)}")
    raw.execute(f"PRAGMA legacy_alter_table={int(not on)}")  # triggers may name the table while it is gone


with db.engine().connect() as connection:
    foreign_keys(connection, on=False)
    context.configure(
        connection=connection,
        target_metadata=db.db.metadata,
        render_as_batch=True,
        render_item=render_item,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    foreign_keys(connection, on=True)
