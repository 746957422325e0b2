"""A school with one course of a minute, and browsers in which people are signed in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, update
from werkzeug.test import TestResponse

from lms.infra import db, dbdriver
from lms.infra.db import unit_of_work
from lms.kernel import clock
from lms.learning.models import LeaseRow
from tests.factories import learning
from tests.factories.learning import Course, School


@dataclass(frozen=True)
class Browser:
    """Somebody's browser with the token that the page would carry."""

    client: FlaskClient
    person_id: UUID
    csrf: str

    def get(self, path: str, **named: Any) -> TestResponse:
        return self.client.get(path, **named)

    def open_lease(self, lecture_id: UUID, enrolment_id: UUID | None = None) -> TestResponse:
        body = {"lecture_id": str(lecture_id), **({"enrolment_id": str(enrolment_id)} if enrolment_id else {})}
        return self.client.post("/api/v1/leases", json=body, headers={"X-CSRFToken": self.csrf})

    def lease(self, lecture_id: UUID, *, seconds_ago: int = 0) -> str:
        """A lease that was opened so many seconds ago."""
        lease_id: str = self.open_lease(lecture_id).get_json()["lease_id"]
        then = clock.now() - timedelta(seconds=seconds_ago)
        learning.fetch_playlist(UUID(lease_id), now=then)
        with unit_of_work() as session:
            moved = update(LeaseRow).where(LeaseRow.id == UUID(lease_id)).values(opened_at=then, last_beat_at=then)
            session.execute(moved)
        return lease_id


SignedIn = Callable[[UUID], Browser]


@pytest.fixture
def school(clean: Flask) -> School:
    return learning.add_school()


@pytest.fixture
def course(school: School) -> Course:
    return learning.add_course(school)


@pytest.fixture
def signed_in(clean: Flask) -> SignedIn:
    """A function that gives a person's browser."""

    def sign_in(person_id: UUID) -> Browser:
        client, token = learning.browser_of(clean, person_id, now=clock.now())
        return Browser(client, person_id, token)

    return sign_in


@pytest.fixture
def learner(school: School, signed_in: SignedIn) -> Browser:
    return signed_in(learning.add_person(school.unit_id))


@pytest.fixture
def statements(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that is executed from now on, by SQLAlchemy or by the driver itself."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    def noted(connection: Any, statement: str, values: Any) -> Any:
        found.append(statement.strip())
        return execute(connection, statement, values)

    execute = dbdriver.execute
    monkeypatch.setattr(dbdriver, "execute", noted)
    engine = db.engine()
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)
