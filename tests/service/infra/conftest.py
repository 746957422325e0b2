"""A second database, empty, for tests that migrate or break it, and threads that start together."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

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


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """Runs `work(number)` in `count` threads that start together; gives back what each returned or raised."""
    gate = Barrier(count)

    def start(number: int) -> object:
        gate.wait(10)
        try:
            return work(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(start, range(count)))
