"""Our column types give back what was stored, the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from lms.audit.models import AuditEntryRow
from lms.infra import db
from lms.infra.db import reading, unit_of_work
from lms.infra.jobs import JobRow, WorkerRow
from lms.kernel import ids

pytestmark = pytest.mark.usefixtures("clean")

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1971, 1, 2), datetime(2200, 1, 1), timezones=ZONES).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=40)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Undo(Exception):
    """Ends a unit of work so that nothing of it stays."""


@given(moment=MOMENTS)
@FEW
def test_a_moment_comes_back_as_the_same_moment_in_utc(app: Flask, moment: datetime) -> None:
    with pytest.raises(Undo), unit_of_work() as session:
        session.execute(insert(WorkerRow).values(name="one", beat_at=moment))
        found = session.execute(select(WorkerRow.beat_at)).scalar_one()
        assert found == moment
        assert found.tzinfo is UTC
        assert session.execute(select(WorkerRow.name).where(WorkerRow.beat_at == moment)).scalar_one() == "one"
        raise Undo


@given(moments=st.lists(MOMENTS, min_size=2, max_size=8, unique=True))
@FEW
def test_the_database_orders_moments_as_time_does(app: Flask, moments: list[datetime]) -> None:
    with pytest.raises(Undo), unit_of_work() as session:
        for number, moment in enumerate(moments):
            session.execute(insert(WorkerRow).values(name=str(number), beat_at=moment))
        found = session.execute(select(WorkerRow.beat_at).order_by(WorkerRow.beat_at)).scalars().all()
        assert list(found) == sorted(moments)
        raise Undo


def test_a_moment_without_a_zone_is_refused(app: Flask) -> None:
    with pytest.raises(StatementError, match="time zone"), unit_of_work() as session:
        session.execute(insert(WorkerRow).values(name="one", beat_at=datetime(2026, 1, 1)))


def test_sqlite_keeps_moments_as_whole_milliseconds(app: Flask) -> None:
    if db.dialect() != "sqlite":
        pytest.skip("SQLite only")
    with unit_of_work() as session:
        session.execute(insert(WorkerRow).values(name="one", beat_at=datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC)))
    with reading() as session:
        assert session.execute(text("SELECT beat_at, typeof(beat_at) FROM worker")).one() == (1500, "integer")


@given(value=PLAIN)
@FEW
def test_plain_data_comes_back_as_it_went(app: Flask, value: object) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    row = {"id": ids.new_id(now), "kind": "x", "payload": {"value": value}, "state": "queued", "run_at": now}
    row |= {"attempts": 0, "max_attempts": 1, "progress": 0, "created_at": now}
    with pytest.raises(Undo), unit_of_work() as session:
        session.execute(insert(JobRow).values(row))
        assert session.execute(select(JobRow.payload)).scalar_one() == {"value": value}
        raise Undo


def test_an_id_comes_back_as_an_id(app: Flask) -> None:
    wanted = [ids.new_id(), ids.new_secret_id()]
    with unit_of_work() as session:
        for job_id in wanted:
            entry = {"id": job_id, "at": datetime(2026, 1, 1, tzinfo=UTC), "action": "x", "object_type": "x"}
            entry |= {"object_id": "", "result": "", "address": "", "request_id": "", "details": {}, "mac": ""}
            session.execute(insert(AuditEntryRow).values(entry))
    with reading() as session:
        assert set(session.execute(select(AuditEntryRow.id)).scalars()) == set(wanted)
