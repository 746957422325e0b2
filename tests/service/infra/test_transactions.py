"""One commit a unit of work: all or nothing, nested or not, alone or among many."""

import threading
from contextlib import nullcontext
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from lms.infra import db
from lms.infra.db import DatabaseFault, after_commit, before_commit, for_update, on_condition, reading, unit_of_work
from lms.infra.jobs import WorkerRow
from lms.kernel import ids
from lms.kernel.errors import Conflict
from lms.organisations.models import UnitRow
from tests.service.infra.conftest import at_once

NOW = datetime.fromisoformat("2026-03-01T08:00:00+00:00")

pytestmark = pytest.mark.usefixtures("clean")


def add(name: str) -> None:
    with unit_of_work() as session:
        session.execute(insert(WorkerRow).values(name=name, beat_at=NOW))


def names() -> set[str]:
    with reading() as session:
        return set(session.execute(select(WorkerRow.name)).scalars())


def test_what_ends_well_is_committed() -> None:
    add("one")
    assert names() == {"one"}


def test_what_raises_is_rolled_back_whole() -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        add("one")
        add("two")
        raise RuntimeError
    assert names() == set()


def test_a_keyboard_interrupt_rolls_back_too() -> None:
    with pytest.raises(KeyboardInterrupt), unit_of_work():
        add("one")
        raise KeyboardInterrupt
    assert names() == set()


def test_an_inner_unit_joins_the_outer_one() -> None:
    with pytest.raises(RuntimeError), unit_of_work() as outer:
        with unit_of_work() as inner:
            assert inner is outer
            add("inner")
        raise RuntimeError
    assert names() == set()


def test_an_inner_unit_commits_nothing_by_itself() -> None:
    with unit_of_work():
        add("inner")
        seen = at_once(1, lambda _number: names())
    assert seen == [set()]
    assert names() == {"inner"}


def test_the_database_refuses_inside_an_inner_unit_and_all_is_undone() -> None:
    add("one")
    with pytest.raises(IntegrityError), unit_of_work():
        add("two")
        add("one")
    assert names() == {"one"}


def test_reading_inside_a_unit_sees_its_own_writes() -> None:
    with unit_of_work() as session:
        add("one")
        with reading() as inner:
            assert inner is session
        assert names() == {"one"}


def test_objects_are_flushed_at_the_end_of_an_inner_unit() -> None:
    with unit_of_work() as session:
        with unit_of_work():
            session.add(WorkerRow(name="one", beat_at=NOW))
        assert session.execute(text("SELECT count(*) FROM worker")).scalar() == 1


def test_calls_after_the_commit_run_after_it_in_their_order() -> None:
    told: list[object] = []
    with unit_of_work():
        add("one")
        after_commit(lambda: told.append(at_once(1, lambda _number: names())[0]))
        with unit_of_work():
            after_commit(lambda: told.append("inner"))
        after_commit(lambda: told.append("last"))
        assert told == []
    assert told == [{"one"}, "inner", "last"]


def test_calls_after_the_commit_do_not_run_without_one() -> None:
    told: list[str] = []
    with pytest.raises(RuntimeError), unit_of_work():
        after_commit(lambda: told.append("never"))
        raise RuntimeError
    with pytest.raises(IntegrityError), unit_of_work() as session:
        after_commit(lambda: told.append("never"))
        session.add(WorkerRow(name="one", beat_at=NOW))
        session.execute(insert(WorkerRow).values(name="one", beat_at=NOW))
    assert told == []
    with unit_of_work():
        add("two")
    assert told == []


def test_a_call_after_the_commit_may_begin_a_unit_of_its_own() -> None:
    with unit_of_work():
        add("one")
        after_commit(lambda: add("two"))
    assert names() == {"one", "two"}


def test_without_a_unit_there_is_nothing_to_run_after() -> None:
    with pytest.raises(DatabaseFault):
        after_commit(lambda: None)


def test_a_commit_that_fails_leaves_the_next_unit_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.add(UnitRow(id=ids.new_id(NOW), parent_id=None, path="no path", name="x", kind="unit", created_at=NOW))
    add("one")
    assert names() == {"one"}


def test_reading_cannot_write_on_postgresql(app: Flask) -> None:
    if db.dialect() != "postgresql":
        pytest.skip("SQLite has no read-only transactions; nothing commits there, see the next test")
    with pytest.raises(DBAPIError, match="read-only"), reading() as session:
        session.execute(insert(WorkerRow).values(name="sneaked in", beat_at=NOW))


def test_what_strikes_the_end_of_a_reading_is_told_as_it_is_and_leaves_a_sound_pool(app: Flask) -> None:
    struck = (
        pytest.raises(KeyboardInterrupt) if db.dialect() == "postgresql" else nullcontext()
    )  # SQLite commits nothing

    def strike(_connection: Connection) -> None:
        raise KeyboardInterrupt

    event.listen(Engine, "commit", strike)
    try:
        for _ in range(3):
            with struck, reading() as session:
                session.execute(select(WorkerRow.name))
    finally:
        event.remove(Engine, "commit", strike)
    add("one")
    assert names() == {"one"}


def test_what_is_written_while_reading_is_never_kept() -> None:
    try:
        with reading() as session:
            session.execute(insert(WorkerRow).values(name="sneaked in", beat_at=NOW))
    except DBAPIError:
        pass
    assert names() == set()


def test_a_connection_that_read_can_write_afterwards() -> None:
    for number in range(40):
        names()
        add(f"worker-{number}")
    assert len(names()) == 40


@pytest.fixture
def counter() -> UUID:
    """A row with a number in it: a unit whose name is counted up."""
    unit_id = ids.new_id(NOW)
    with unit_of_work() as session:
        session.add(UnitRow(id=unit_id, parent_id=None, path="/a/", name="0", kind="national", created_at=NOW))
    return unit_id


def test_reading_then_writing_loses_no_update(counter: UUID) -> None:
    def count_up(_number: int) -> None:
        for _ in range(10):
            with unit_of_work() as session:
                found = session.execute(for_update(select(UnitRow.name).where(UnitRow.id == counter))).scalar_one()
                session.execute(update(UnitRow).where(UnitRow.id == counter).values(name=str(int(found) + 1)))

    assert at_once(6, count_up) == [None] * 6
    with reading() as session:
        assert session.execute(select(UnitRow.name).where(UnitRow.id == counter)).scalar_one() == "60"


def test_readers_are_not_held_up_by_a_writer(counter: UUID) -> None:
    with unit_of_work() as session:
        session.execute(update(UnitRow).where(UnitRow.id == counter).values(name="1"))

        def read(_number: int) -> object:
            with reading() as other:
                return other.execute(select(UnitRow.name).where(UnitRow.id == counter)).scalar_one()

        assert at_once(4, read) == ["0"] * 4


def test_many_writers_and_readers_all_get_through() -> None:
    def write_and_read(number: int) -> int:
        for turn in range(8):
            add(f"{number}-{turn}")
            names()
        return number

    assert at_once(8, write_and_read) == list(range(8))
    with reading() as session:
        assert session.execute(select(func.count()).select_from(WorkerRow)).scalar_one() == 64


def test_each_thread_has_a_unit_of_its_own() -> None:
    with unit_of_work():
        add("outer")

        def elsewhere(_number: int) -> object:
            with reading() as session:
                return session.execute(select(WorkerRow.name)).scalars().all()

        assert at_once(1, elsewhere) == [[]]


def test_sqlite_runs_with_the_pragmas_that_durability_rests_on(app: Flask) -> None:
    if db.dialect() != "sqlite":
        pytest.skip("SQLite only")
    db.check_pragmas()
    with reading() as session:
        found = {name: str(session.execute(text(f"PRAGMA {name}")).scalar()) for name in db.SQLITE_PRAGMAS}
    assert found == db.SQLITE_PRAGMAS


def test_a_pragma_that_differs_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.dialect() != "sqlite":
        pytest.skip("SQLite only")
    monkeypatch.setitem(db.SQLITE_PRAGMAS, "synchronous", "1")
    with pytest.raises(DatabaseFault, match="synchronous"):
        db.check_pragmas()


def test_a_condition_is_asked_after_the_last_wait_and_takes_everything_back(counter: UUID) -> None:
    order: list[str] = []

    def refuses(session: Session) -> None:
        order.append("asked")
        assert session.execute(select(UnitRow.name).where(UnitRow.id == counter)).scalar_one() == "changed"
        raise Conflict

    def changes() -> None:
        with unit_of_work() as session:
            before_commit(lambda: order.append("waited"))
            session.execute(update(UnitRow).where(UnitRow.id == counter).values(name="changed"))

    with pytest.raises(Conflict), on_condition(refuses):
        changes()
    assert order == ["waited", "asked"]
    with reading() as session:
        assert session.execute(select(UnitRow.name).where(UnitRow.id == counter)).scalar_one() != "changed"
    changes()
    assert order == ["waited", "asked", "waited"], "outside the block nothing is asked"


def test_foreign_keys_hold(counter: UUID) -> None:
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.add(
            UnitRow(id=ids.new_id(NOW), parent_id=UUID(int=7), path="/a/b/", name="x", kind="unit", created_at=NOW)
        )


@pytest.mark.postgres
def test_rows_that_come_during_the_wait_are_held_too() -> None:
    add("one")
    waited, asked = threading.Event(), select(WorkerRow.name).order_by(WorkerRow.name)
    seen: list[bool] = []

    def waits() -> None:
        with unit_of_work() as session:
            session.add(WorkerRow(name="own", beat_at=NOW))  # no part of what is let go in between
            db.hold_all(session, asked)
            waited.set()
            seen.append(free.wait(10))

    free, other = threading.Event(), threading.Thread(target=waits)
    with unit_of_work() as session:
        db.hold(session, asked)
        add("two")
        other.start()
        other.join(0.5)
    assert waited.wait(10)
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.execute(select(WorkerRow).where(WorkerRow.name == "two").with_for_update(nowait=True))
    free.set()
    other.join(10)
    assert seen == [True]
    assert names() == {"one", "own", "two"}
