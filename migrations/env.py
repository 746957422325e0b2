"""Runs migrations on the database that the application has bound, one transaction a step."""

from alembic import context
from alembic.autogenerate.api import AutogenContext

from lms.infra import db, types

OWN_TYPES = (types.Instant, types.Json)


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | bool:
    """Names our own column types in generated migrations."""
    if kind == "type" and isinstance(item, OWN_TYPES):
        autogen.imports.add(f"from lms.infra.types import {type(item).__name__}")
        return f"{type(item).__name__}()"
    return False


with db.engine().connect() as connection:
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
