"""A beat decides on rows that another one may write meanwhile: then it reads again, and nothing is paid twice or half."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from lms.infra import dbdriver
from lms.infra.db import reading, unit_of_work
from lms.learning import queries, service
from lms.learning.models import LeaseRow
from lms.learning.service import rows
from tests.factories.learning import Course
from tests.service.learning.watching import after, beat, open_lease


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Any, *, times: int) -> Iterator[None]:
    """Does `act` between the reading and the writing of the next beats."""
    left = [times]
    write = rows.write

    def late(connection: Any, row: rows.Playing, change: rows.Change) -> tuple[str | int, str | int]:
        if left[0]:
            left[0] -= 1
            act()
        return write(connection, row, change)

    with monkeypatch.context() as patched:
        patched.setattr(rows, "write", late)
        yield


def test_a_beat_that_was_overtaken_reads_again(course: Course, learner: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = open_lease(course, learner)
    changed = lambda: service.revoke_leases(person_id=learner, now=after(10))  # noqa: E731 - said where it is used
    with meanwhile(monkeypatch, changed, times=1):
        outcome = beat(lease, (0, 20_000), now=after(20))
    assert (outcome.lease_state, outcome.accepted_ms) == ("revoked", 10_000)


def test_of_both_rows_neither_is_written_when_one_has_changed(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    row = _now(lease)
    beat(lease, (0, 5_000), now=after(5))
    now = _now(lease)
    stale = now._replace(seen=(now.seen[0], row.seen[1]))
    change = rows.Change(
        "active", None, after(9), 0, 9_000, 1, None, None, 1, 9_000, 9_000, ((0, 9_000),), 9_000, {}, 0, None, after(9)
    )
    for old in (row, stale):
        with pytest.raises(rows.Overtaken), dbdriver.connected() as connection:
            rows.write(connection, old, change)
    with reading() as session:
        assert session.get_one(LeaseRow, lease).credited_ms == 5_000
        assert queries.progress(session, learner, course.asset_ids[0]).covered_ms == 5_000


@pytest.mark.postgres
def test_the_thread_s_connection_is_replaced_when_it_broke(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    beat(lease, (0, 5_000), now=after(5))
    with dbdriver.connected() as connection:
        pid = connection.info.backend_pid
    with unit_of_work() as session:
        session.connection().exec_driver_sql(f"SELECT pg_terminate_backend({int(pid)})")
    with pytest.raises(Exception, match=r"terminat|closed|lost"):
        beat(lease, (5_000, 10_000), now=after(10), seq=2)
    assert beat(lease, (5_000, 10_000), now=after(10), seq=2).accepted_ms == 5_000


def _now(lease: UUID) -> rows.Playing:
    with dbdriver.connected() as connection:
        row = rows.read(connection, lease)
    assert row is not None
    return row
