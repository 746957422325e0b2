"""A row that the database refuses does not tell its values to the log."""

import traceback

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms.infra import jobs, log
from lms.infra.db import reading, unit_of_work
from lms.infra.jobs import JobRow
from lms.kernel import clock, ids
from lms.organisations.models import UnitRow
from lms.settings import Settings
from lms.worker import Worker
from tests.factories.people import NOW, make_land

NUMBER = "11010519491231002X"


def refused(land_id: object, parent_id: object) -> str:
    """The traceback of a row whose key is taken."""
    row = UnitRow(id=land_id, parent_id=parent_id, path=f"/{NUMBER}/", name="x", kind="unit", created_at=NOW)
    with pytest.raises(IntegrityError) as caught, unit_of_work() as session:
        session.add(row)
    return "".join(traceback.format_exception(caught.value))


def test_the_values_of_a_refused_row_stay_out(clean: Flask) -> None:
    land = make_land()
    event = {"event": "refused", "exception": refused(land.unit.id, land.province.id)}
    told = str(log.without_values(None, "error", event)["exception"])
    assert "IntegrityError" in told
    assert land.unit.id.hex not in told.replace("-", "")
    assert NUMBER not in told


def test_values_with_line_breaks_stay_out_and_what_follows_is_told(clean: Flask) -> None:
    land = make_land()
    row = UnitRow(
        id=ids.new_id(NOW), parent_id=land.unit.id, path="/x/", name="第一行\n王强\n\n浙江", kind="x", created_at=NOW
    )
    with pytest.raises(IntegrityError) as caught, unit_of_work() as session:
        session.add(row)
    event = {"event": "refused", "exception": "".join(traceback.format_exception(caught.value))}
    told = str(log.without_values(None, "error", event)["exception"])
    assert "第一行" not in told and "王强" not in told and "浙江" not in told
    assert "test_values_with_line_breaks_stay_out" in told and "[SQL: INSERT INTO unit " in told
    assert "direct cause of the following exception" in told


@pytest.mark.parametrize(
    ("after", "left"),
    [
        ("", ""),
        ("\nHINT:  try", "\nHINT:  try"),
        ("\nCONTEXT:  a function", "\nCONTEXT:  a function"),
        ("\n[SQL: INSERT]", "\n[SQL: INSERT]"),
        ("\n\nDuring handling of the above exception, x", "\n\nDuring handling of the above exception, x"),
    ],
)
def test_the_section_of_values_ends_where_another_begins(after: str, left: str) -> None:
    told = f"CheckViolation: x\nDETAIL:  Failing row contains (1, first line\n王强 13912345678\n\n, 2).{after}"
    event = log.without_values(None, "error", {"event": "refused", "exception": told})
    assert event["exception"] == f"CheckViolation: x\nDETAIL: …{left}"


def test_an_id_number_in_an_exception_stays_out_and_the_rest_is_told() -> None:
    event = {"event": "refused", "exception": f"ValueError: {NUMBER[:6]} {NUMBER[6:]} is no unit of /1/2/"}
    told = str(log.without_values(None, "error", event)["exception"])
    assert told == "ValueError: *** is no unit of /1/2/"
    assert log.without_values(None, "info", {"event": NUMBER[:4]}) == {"event": NUMBER[:4]}


def test_what_flask_logs_of_a_fault_by_itself_holds_no_number(
    clean: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing() -> None:
        raise ValueError(f"no unit is called {NUMBER}")

    monkeypatch.setitem(clean.view_functions, "portal_learner.courses", failing)
    monkeypatch.setattr("lms.web.errors._page", lambda *_a, **_k: 1 / 0)  # nor can the page of the fault be drawn
    with pytest.raises(ZeroDivisionError):
        clean.test_client().get("/courses")
    assert "no unit is called ***" in caplog.text and NUMBER not in caplog.text


def test_a_failed_job_keeps_no_number_of_its_error(
    clean: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_job: object) -> None:
        raise ValueError(f"no unit is called {NUMBER}")

    monkeypatch.setattr(jobs, "handler_of", lambda _kind: failing)
    with unit_of_work() as session:
        jobs.enqueue(session, "some", {}, now=clock.now(), max_attempts=1)
    job = jobs.claim("test", now=clock.now(), lease_seconds=60)
    assert job
    Worker(settings).run_job(job)
    with reading() as session:
        assert session.execute(select(JobRow.error)).scalar() == "ValueError: no unit is called ***"
