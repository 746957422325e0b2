"""What all tests share: one application on the database that --database names, emptied between tests."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings as hypothesis_settings
from sqlalchemy import create_engine, text

from lms.app import create_app
from lms.infra import db, ratelimit, schema
from lms.infra.cache import cache
from lms.settings import Settings

if "CI" not in os.environ:  # whose own profile does the same, and draws the same examples every time
    hypothesis_settings.register_profile("any_speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    hypothesis_settings.load_profile("any_speed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests run last: Playwright keeps an event loop in this thread, in which nothing else can run one of its own."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def postgres_server() -> str:
    """The server's address without a database; LMS_TEST_POSTGRES or the local one."""
    return os.environ.get("LMS_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/")


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of this run alone."""
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite3'}"
        return
    name = f"lms_test_{secrets.token_hex(6)}"
    server = create_engine(postgres_server() + "postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield postgres_server() + name
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the tests: plain http, own home, small bounds."""
    return Settings(
        mode="test",
        home=tmp_path_factory.mktemp("home"),
        database_url=database_url,
        secret_key=secrets.token_urlsafe(48),
        field_key=secrets.token_urlsafe(48),
        secure_cookies=False,
        totp_single_use=False,  # one person signs in in several browsers within half a minute
        base_url="http://localhost",
        log_level="ERROR",
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The application with an up-to-date schema."""
    application = create_app(settings)
    application.config["TESTING"] = False
    schema.upgrade()
    yield application
    db.engine().dispose()


@pytest.fixture
def clean(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The application with empty tables and no seals; append-only triggers are lifted only for the emptying."""
    yield app
    empty_tables()
    settings.seal_log_path.unlink(missing_ok=True)
    ratelimit.forget()
    cache().clear()


def empty_tables() -> None:
    """Deletes all rows but those that come with the schema."""
    tables = [table.name for table in reversed(db.db.metadata.sorted_tables) if not table.info.get("seeded")]
    engine = db.engine()
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no foreign keys
            connection.exec_driver_sql(
                "; ".join(f"DELETE FROM {table}" for table in tables)
            )  # TRUNCATE syncs each file
        return
    raw = engine.raw_connection()
    try:
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("BEGIN IMMEDIATE")
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        for table in tables:
            raw.execute(f"DELETE FROM {table}")
        for _, sql in triggers:
            raw.execute(sql)
        raw.execute("COMMIT")
        raw.execute("PRAGMA foreign_keys=ON")
    finally:
        raw.close()


@pytest.fixture
def client(clean: Flask) -> FlaskClient:
    """A browser without cookies."""
    return clean.test_client()


@pytest.fixture
def data_dir() -> Path:
    """Files that tests read."""
    return Path(__file__).parent / "data"
