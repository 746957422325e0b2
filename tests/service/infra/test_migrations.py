"""Migrations lead from nothing to the models and back, on the database that --database names."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Identity, inspect, text
from sqlalchemy.exc import DBAPIError

from lms import paths
from lms.infra import db, schema

REVISIONS = [script.revision for script in reversed(list(ScriptDirectory(str(paths.migrations())).walk_revisions()))]
LEFT_BY_ALEMBIC = {"alembic_version"}


def tables() -> set[str]:
    return set(inspect(db.engine()).get_table_names())


def programs() -> set[str]:
    """Names of triggers and of the functions behind them, without those of extensions."""
    statement = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION "
        "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public' "
        "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
        if db.dialect() == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with db.engine().connect() as connection:
        return set(connection.execute(text(statement)).scalars())


def is_numbering(difference: Any) -> bool:
    """SQLite has no identity columns: AUTOINCREMENT is what it has, and that is not reflected."""
    changes = difference if isinstance(difference, list) else [difference]
    return db.dialect() == "sqlite" and all(
        one[0] == "modify_default" and isinstance(one[-1], Identity) for one in changes
    )


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(paths.migrations())).get_heads()) == 1


# One index of an expression stands on PostgreSQL only, where it is compared.
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_migrated_database_is_what_the_models_say(empty_database: str) -> None:
    schema.upgrade()
    with db.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, db.db.metadata)
    assert [one for one in differences if not is_numbering(one)] == []
    assert schema.difference() == []


def test_every_check_of_the_models_stands_in_the_database(empty_database: str) -> None:
    schema.upgrade()
    found = inspect(db.engine())
    missing = []
    for table in db.db.metadata.sorted_tables:
        stored = {check["name"] for check in found.get_check_constraints(table.name)}
        wanted = {str(one.name) for one in table.constraints if type(one).__name__ == "CheckConstraint"}
        missing += [f"{table.name}: {name}" for name in wanted - stored]
    assert not missing


def test_up_down_to_nothing_and_up_again(empty_database: str) -> None:
    schema.upgrade()
    before = tables(), programs()
    assert len(before[0]) > 25
    schema.downgrade("base")
    assert tables() <= LEFT_BY_ALEMBIC
    assert programs() == set()
    schema.upgrade()
    assert (tables(), programs()) == before


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_step_can_be_undone_and_done_again(empty_database: str, revision: str) -> None:
    schema.upgrade(revision)
    after = tables(), programs()
    schema.downgrade("-1")
    schema.upgrade(revision)
    assert (tables(), programs()) == after


def test_what_stands_between_code_and_database_is_told(empty_database: str) -> None:
    assert "the database is at nothing" in schema.difference()[0]
    schema.upgrade(REVISIONS[0])
    assert f"the database is at {REVISIONS[0]}, the code at {REVISIONS[-1]}" in schema.difference()[0]


def test_upgrading_twice_changes_nothing(empty_database: str) -> None:
    schema.upgrade()
    schema.upgrade()
    assert schema.difference() == []


def test_a_step_that_fails_leaves_the_step_before(empty_database: str) -> None:
    schema.upgrade(REVISIONS[0])
    with db.engine().begin() as connection:
        connection.execute(text("CREATE TABLE course (id INTEGER)"))
    with pytest.raises(DBAPIError):
        schema.upgrade()
    with db.engine().connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == REVISIONS[0]
    with db.engine().begin() as connection:
        connection.execute(text("DROP TABLE course"))
    schema.upgrade()
    assert schema.difference() == []
