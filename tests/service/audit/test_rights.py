"""On PostgreSQL the platform works under the role that docs/operations.md describes, which can't change what is append-only."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from lms import paths
from lms.audit import queries, service
from lms.infra import db
from lms.infra.db import reading, unit_of_work
from tests.service.audit.world import VERIFY_AT, make_world, seal_in_batches

GUIDE = paths.migrations().parent / "docs" / "operations.md"


@pytest.fixture
def as_application(clean: Flask, database_url: str) -> Iterator[None]:
    """The whole platform connects as a role with the documented rights."""
    if db.dialect() != "postgresql":
        pytest.skip("SQLite knows no roles")
    role = f"lms_app_{database_url[-6:]}"
    with db.engine().begin() as connection:
        connection.execute(text(f"CREATE ROLE {role}"))
        found = re.search(r"### Rights.*?```sql\n(.*?)```", GUIDE.read_text("utf-8"), re.S)
        assert found
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute(found[1].replace("lms_app", role))  # as it stands there: per cent signs are no placeholders
    before = db.engine()
    options = db.engine_options(database_url)
    options["connect_args"] = options["connect_args"] | {"options": f"-c role={role}"}
    engine = create_engine(database_url, **options)
    db.bind(engine)
    try:
        yield
    finally:
        engine.dispose()
        db.bind(before)
        with before.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))


def test_the_platform_works_under_the_role(as_application: None, seal_log: Path) -> None:
    make_world()
    seal_in_batches(seal_log)
    assert service.verify(seal_log, now=VERIFY_AT).ok
    with reading() as session:
        assert queries.changeable_tables(session) == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET mac = 'x'",
        "DELETE FROM audit_entry",
        "UPDATE credit_entry SET hours = 1",
        "DELETE FROM score",
        "TRUNCATE seal",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP TABLE integrity_mark",
    ],
)
def test_the_role_changes_nothing_that_is_append_only(as_application: None, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), unit_of_work() as session:
        session.execute(text(statement))


def test_an_owner_is_told_that_it_could(clean: Flask) -> None:
    with reading() as session:
        found = queries.changeable_tables(session)
    assert ({"audit_entry", "credit_entry", "seal"} <= set(found)) is (db.dialect() == "postgresql")
