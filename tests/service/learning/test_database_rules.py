"""The database repeats what a lease may credit, for whoever writes past the service (reliability invariants 7 and 8)."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import inspect, text, update
from sqlalchemy.exc import IntegrityError

from lms.infra import db
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.learning.models import LeaseRow
from tests.factories.learning import Course
from tests.service.learning.watching import after, beat, open_lease


def edit(lease_id: UUID, **values: object) -> None:
    with unit_of_work() as session:
        session.execute(update(LeaseRow).where(LeaseRow.id == lease_id).values(**values))


def copy_of(lease_id: UUID, **changes: object) -> None:
    with unit_of_work() as session:
        row = session.get_one(LeaseRow, lease_id)
        values = {column.name: getattr(row, column.name) for column in LeaseRow.__table__.columns}
        session.add(LeaseRow(**{**values, "id": ids.new_secret_id(), **changes}))


def test_a_credit_beyond_real_time_is_refused(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    beat(lease, (0, 15_000), now=after(15))
    edit(lease, credited_ms=14_000)
    with pytest.raises(IntegrityError):
        edit(lease, credited_ms=15_001)


def test_a_credit_beyond_the_end_of_a_lease_is_refused(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    beat(lease, (0, 15_000), now=after(15), final=True)
    with pytest.raises(IntegrityError):
        edit(lease, credited_ms=15_001, last_beat_at=after(60))


def test_two_live_leases_of_a_person_are_refused(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    with pytest.raises(IntegrityError):
        copy_of(lease, opened_at=after(100), last_beat_at=after(100))


@pytest.mark.parametrize(("opens", "ends"), [(-10, 5), (5, 10), (5, 30), (-10, 30), (0, 20)])
def test_leases_of_a_person_that_overlap_are_refused(course: Course, learner: UUID, opens: int, ends: int) -> None:
    lease = open_lease(course, learner)
    beat(lease, now=after(20), final=True)
    with pytest.raises(IntegrityError):
        copy_of(lease, opened_at=after(opens), last_beat_at=after(opens), ended_at=after(ends), credited_ms=0)


@pytest.mark.parametrize(("opens", "ends"), [(-10, 0), (20, 30), (10, 10)])
def test_leases_that_only_touch_are_allowed(course: Course, learner: UUID, opens: int, ends: int) -> None:
    lease = open_lease(course, learner)
    beat(lease, now=after(20), final=True)
    copy_of(lease, opened_at=after(opens), last_beat_at=after(opens), ended_at=after(ends), credited_ms=0)


def test_an_end_that_is_moved_into_another_lease_is_refused(course: Course, learner: UUID) -> None:
    first = open_lease(course, learner)
    open_lease(course, learner, now=after(10))
    with pytest.raises(IntegrityError):
        edit(first, ended_at=after(11))


def test_an_ended_lease_without_its_end_is_refused(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    with pytest.raises(IntegrityError):
        edit(lease, state="ended")


@pytest.mark.parametrize(
    "change", ["UPDATE course_completion SET completed_at = completed_at", "DELETE FROM course_completion"]
)
def test_a_completion_is_never_changed(course: Course, learner: UUID, change: str) -> None:
    beat(open_lease(course, learner), (0, 60_000), now=after(60))
    with pytest.raises(IntegrityError), db.engine().begin() as connection:
        connection.execute(text(change))


def test_a_beat_writes_no_index(course: Course, learner: UUID) -> None:
    """PostgreSQL keeps a row's new version on its page (HOT) only when no indexed column changes."""
    lease = open_lease(course, learner)
    beat(lease, (0, 5_000), now=after(5))
    tables = ("watch_lease", "watch_progress")

    def rows() -> dict[str, dict[str, Any]]:
        with reading() as session:
            return {one: dict(session.execute(text(f"SELECT * FROM {one}")).mappings().one()) for one in tables}

    before = rows()
    beat(lease, (5_000, 20_000), now=after(20), seq=2)
    now = rows()
    for table in tables:
        changed = {name for name, value in now[table].items() if value != before[table][name]}
        assert changed
        for index in inspect(db.engine()).get_indexes(table):
            assert not changed & {*index["column_names"]}, index["name"]
