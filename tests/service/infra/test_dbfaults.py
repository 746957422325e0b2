"""What passes by itself is told from what does not, on both drivers."""

import sqlite3
import threading
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout

from lms.infra import db, dbfaults
from lms.infra.jobs import JobRow


def test_a_lock_of_somebody_else_passes(tmp_path: Path) -> None:
    one, other = (sqlite3.connect(tmp_path / "some.db", timeout=0, isolation_level=None) for _ in range(2))
    one.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as locked:
        other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError) as missing:
        other.execute("SELECT * FROM nowhere")
    one.close()
    other.close()
    assert dbfaults.passes(locked.value) and not dbfaults.passes(missing.value)


def test_no_free_connection_passes_and_our_own_faults_do_not() -> None:
    assert dbfaults.passes(PoolTimeout())
    assert dbfaults.passes(psycopg.OperationalError("connection refused"))
    assert dbfaults.passes(psycopg.errors.TooManyConnections())
    assert not dbfaults.passes(psycopg.errors.UniqueViolation())
    assert not dbfaults.passes(psycopg.ProgrammingError())
    assert not dbfaults.passes(RuntimeError())


@pytest.mark.postgres
def test_a_deadlock_passes(clean: Flask) -> None:
    if db.dialect() != "postgresql":
        pytest.skip("SQLite's writer is alone")
    met: list[BaseException] = []
    both = threading.Barrier(2)

    def lock(first: int, second: int) -> None:
        try:
            with db.unit_of_work() as session:
                session.execute(text(f"SELECT pg_advisory_xact_lock({first})"))
                both.wait(10)
                session.execute(text(f"SELECT pg_advisory_xact_lock({second})"))
        except DBAPIError as error:
            met.append(error)

    threads = [threading.Thread(target=lock, args=pair) for pair in ((901, 902), (902, 901))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [dbfaults.passes(error) for error in met] == [True]
    with pytest.raises(DBAPIError) as ours, db.reading() as session:
        session.execute(select(JobRow).where(text("nowhere = 1")))
    assert not dbfaults.passes(ours.value)
