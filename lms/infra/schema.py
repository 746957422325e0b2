"""Runs the numbered migrations."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from lms import paths
from lms.infra import db


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(paths.migrations()))
    return config


def upgrade(revision: str = "head") -> None:
    """Brings the bound database up to `revision`."""
    command.upgrade(_config(), revision)


def downgrade(revision: str) -> None:
    """Takes the bound database down to `revision` ("-1": one step, "base": to nothing)."""
    command.downgrade(_config(), revision)


def difference() -> list[str]:
    """What separates the bound database from the code's newest schema; empty when nothing does."""
    heads = ScriptDirectory.from_config(_config()).get_heads()
    with db.engine().connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    if len(heads) != 1:
        return [f"the code has {len(heads)} heads: {', '.join(heads)}"]
    if tuple(current) != tuple(heads):
        return [f"the database is at {', '.join(current) or 'nothing'}, the code at {heads[0]}"]
    return []
