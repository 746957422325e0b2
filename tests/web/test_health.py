"""What a load balancer and an operator's monitor ask."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from lms.infra import jobs
from lms.infra.storage import LocalStorage
from lms.kernel import clock
from tests.web.conftest import Statements


def test_the_process_is_alive_without_asking_the_database(client: FlaskClient, statements: Statements) -> None:
    with statements() as seen:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "alive"})
    assert seen == []


def test_without_a_worker_it_is_not_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "database": True, "storage": True, "worker": False}


def test_with_a_worker_it_is_ready(client: FlaskClient) -> None:
    jobs.beat("one", now=clock.now())
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "database": True, "storage": True, "worker": True}


def test_a_silent_worker_counts_as_none(client: FlaskClient) -> None:
    jobs.beat("one", now=clock.now() - timedelta(seconds=31))
    assert client.get("/readyz").json["worker"] is False


def test_a_database_that_does_not_answer_is_told_not_a_fault(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server is gone"))

    monkeypatch.setattr("lms.portal.api.reading", gone)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json["database"], answer.json["worker"]) == (False, False)
    assert "server" not in answer.text


def test_a_store_that_cannot_be_written_is_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: LocalStorage) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(LocalStorage, "scratch", full)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["storage"]) == (503, False)
