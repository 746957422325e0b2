"""Defects are planted in the web processes one after the other, and the oracle of T1 finds each; without one it finds nothing.

Promise T1c. Commits that do not last can't be told by kill -9, for the kernel keeps what was written: they are found before
anything is served.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from lms.infra import db
from tests.conftest import empty_tables
from tests.kill.defects import GUARDS
from tests.kill.exam_burst import Plan, prepare
from tests.kill.processes import Machine

SMALL = Plan(
    candidates=20,
    arrive_within=1.0,
    pause=0.1,
    bell_after=timedelta(seconds=12),
    web_workers=0,
    masters=0,
    workers=0,
    patience=10.0,
)
CAUGHT = {
    "no_unique_index": "double",
    "saves_to_closed_attempts": "a save after the hand-in was answered with 200",
    "hand_ins_of_closed_attempts": "answered with 500",
    "no_idempotency": "double or invented",
    "score_on_read": "missing score",
    "the_clients_time": "late",
}
"""What the oracle has to say of each."""
SAID = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE name = :name",
    "postgresql index": "SELECT pg_get_indexdef(CAST(:name AS regclass))",
    "postgresql trigger": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = :name",
}
"""How a database tells what made a thing in it."""


@contextmanager
def without(machine: Machine, guards: list[tuple[str, str, str]]) -> Iterator[None]:
    """Takes rules of the database away, and sets them again on empty tables once no process is left."""
    made = []
    dialect = db.dialect()
    with db.engine().begin() as connection:
        for kind, name, table in guards:
            asked = SAID[dialect] if dialect == "sqlite" else SAID[f"{dialect} {kind}"]
            made.append(connection.execute(text(asked), {"name": name}).scalar_one())
            of_table = f" ON {table}" if dialect == "postgresql" and kind == "trigger" else ""
            connection.execute(text(f"DROP {kind} {name}{of_table}"))
    try:
        yield
    finally:
        machine.stop()
        empty_tables()
        with db.engine().begin() as connection:
            for statement in made:
                connection.exec_driver_sql(statement)


@pytest.mark.hard
@pytest.mark.parametrize("defect", CAUGHT)
def test_t1c_a_planted_defect_is_caught(clean: Flask, machine: Machine, defect: str) -> None:
    with without(machine, GUARDS.get(defect, [])):
        faults = prepare(clean, machine, SMALL, defect=defect).hold()
        assert any(CAUGHT[defect] in fault for fault in faults), faults[:5]
        print(f"{defect}: {len(faults)} faults, the first: {faults[0][:200]}")


@pytest.mark.hard
@pytest.mark.parametrize("defect", ["", "starts_that_race"])
def test_t1c_nothing_is_found_where_nothing_is_wrong(clean: Flask, machine: Machine, defect: str) -> None:
    """Starts that race are caught by the unique index alone: with it they do no harm."""
    assert prepare(clean, machine, SMALL, defect=defect).hold() == []


@pytest.mark.hard
def test_t1c_commits_that_do_not_last_are_found_before_anything_is_served(
    clean: Flask, machine: Machine, tmp_path: Path
) -> None:
    if db.dialect() != "sqlite":
        pytest.skip(
            "SQLite only: what PostgreSQL is set to is told by lms doctor, see tests/service/cli/test_doctor.py"
        )
    with pytest.raises(AssertionError, match="the web server ended by itself"):
        machine.start_web(defect="commits_that_do_not_last")
    assert "SQLite's synchronous is 1, not 2" in (tmp_path / "log").read_text()
