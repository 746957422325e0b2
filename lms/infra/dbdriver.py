"""The database driver itself, past SQLAlchemy: for the one path that is asked thousands of times a second.

Each thread keeps a connection of its own. Inside a unit of work its statements belong to that unit; outside of one each commits by
itself, so that what is written has to be one statement that says under what it was read. No lock is ever held between two
statements: another thread may take the interpreter there, and all others would wait for both.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from lms.infra import db

_kept = threading.local()


@dataclass
class _Kept:
    engine: Engine
    process: int
    connection: Any

    def __del__(self) -> None:
        self.connection.close()  # with the thread that it belonged to


def execute(connection: Any, statement: str, values: Sequence[object]) -> Any:
    """Runs one statement; its cursor gives the rows. Values stand as ? on SQLite and %s on PostgreSQL."""
    return connection.execute(statement, values)


@contextmanager
def connected() -> Iterator[Any]:
    """This thread's connection, or the running unit of work's; a fault closes it, so that the next one is fresh."""
    running = db.running()
    if running is not None:
        yield running.connection().connection.driver_connection
        return
    connection = _connection()
    try:
        yield connection
    except BaseException:
        _give_back(connection)
        raise


def _connection() -> Any:
    engine = db.engine()
    kept: _Kept | None = getattr(_kept, "one", None)
    if kept is None or kept.engine is not engine or kept.process != os.getpid():
        kept = _kept.one = _Kept(engine, os.getpid(), _open(engine))
    return kept.connection


def _open(engine: Engine) -> Any:
    arguments, named = engine.dialect.create_connect_args(engine.url)
    options = db.engine_options(str(engine.url))["connect_args"]
    connection: Any = engine.dialect.connect(*arguments, **{**named, **options})
    if engine.dialect.name == "sqlite":
        db.set_pragmas(connection)
    else:
        connection.autocommit = True
        connection.prepare_threshold = 0
    return connection


def _give_back(connection: Any) -> None:
    """Takes back what a broken block began; a connection that can't is closed and not used again."""
    try:
        connection.rollback()
        if getattr(connection, "closed", False):
            _kept.one = None
    except Exception:  # of either driver: the error that broke the block is the one to tell
        with suppress(Exception):
            connection.close()
        _kept.one = None
