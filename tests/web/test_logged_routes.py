"""The log names the rule of an address, never what stands in it; a fault of the database tells no parameter."""

from collections.abc import Iterator

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lms.infra import db, jobs, log
from lms.kernel import ids
from lms.settings import Settings
from lms.worker import Worker

SECRET = "110101199003070011"


@pytest.fixture
def telling(settings: Settings) -> Iterator[None]:
    """A platform that logs each request."""
    log.configure("info")
    yield
    log.configure(settings.log_level)


@pytest.mark.usefixtures("telling")
def test_an_address_is_logged_as_its_rule(client: FlaskClient) -> None:
    lease = str(ids.new_id())
    with structlog.testing.capture_logs() as logs:
        client.get(f"/media/{lease}/master.m3u8")
        client.get(f"/nowhere/{lease}")
    assert lease not in repr(logs)
    told = [(one["method"], one["path"]) for one in logs if one["event"] == "request"]
    assert told[0][1].startswith("/media/<") and told[1] == ("GET", "unmatched")


@pytest.mark.usefixtures("telling")
def test_a_method_that_somebody_made_up_is_not_told(client: FlaskClient) -> None:
    with structlog.testing.capture_logs() as logs:
        client.open("/courses", method=SECRET)
        client.open("/courses", method="GET")
    assert [one["method"] for one in logs if one["event"] == "request"] == ["other", "GET"]


def test_a_fault_is_logged_with_its_rule(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clean.view_functions, "portal_learner.courses", lambda: 1 // 0)
    with structlog.testing.capture_logs() as logs:
        clean.test_client().get("/courses")
    assert [one["path"] for one in logs if one["event"] == "unexpected error"] == ["/courses"]


def fault() -> DBAPIError:
    with pytest.raises(DBAPIError) as caught, db.reading() as session:
        session.execute(text("SELECT * FROM nowhere WHERE a = :a"), {"a": SECRET})
    return caught.value


def test_a_fault_of_the_database_tells_no_parameter(clean: Flask) -> None:
    assert SECRET not in str(fault())


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://"])
def test_every_engine_hides_parameters(url: str) -> None:
    assert db.engine_options(url)["hide_parameters"] is True


def test_a_job_keeps_only_the_kind_of_a_database_fault(
    clean: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []

    def failing(_job: object) -> None:
        raise fault()

    monkeypatch.setattr(jobs, "handler_of", lambda _kind: failing)
    monkeypatch.setattr(jobs, "fail", lambda _job, error, **_more: kept.append(error))
    Worker(settings).run_job(jobs.Job(ids.new_id(), "some", {}, 1, 3, "test"))
    assert kept in (["OperationalError"], ["ProgrammingError"])
