"""A second database, empty, for tests that migrate or break it."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from lms.infra import db
from tests.conftest import postgres_server


@pytest.fixture
def empty_database(app: Flask, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of the kind that --database names, bound in place of the usual one."""
    postgres = request.config.getoption("--database") == "postgresql"
    name = f"lms_test_{secrets.token_hex(6)}"
    address = postgres_server() + name if postgres else f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    server = create_engine(postgres_server() + "postgres", isolation_level="AUTOCOMMIT") if postgres else None
    if server:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    engine = db.make_engine(address)
    db.bind(engine)
    try:
        yield address
    finally:
        engine.dispose()
        with app.app_context():
            db.bind(db.db.engine)
        if server:
            with server.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            server.dispose()
