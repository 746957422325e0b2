"""An exam, a candidate signed in, and a clock that tests turn."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.kernel import clock
from lms.kernel.principal import Principal
from tests.factories.exams import NOW, Hall, make_candidate, make_hall
from tests.factories.people import csrf_token, signed_in

Turn = Callable[[timedelta], datetime]


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """Sets the clock to so long after NOW."""

    def to(after: timedelta) -> datetime:
        monkeypatch.setattr(clock, "now", lambda: NOW + after)
        return NOW + after

    to(timedelta())
    return to


@pytest.fixture
def hall(clean: Flask, turn: Turn) -> Hall:
    return make_hall()


@pytest.fixture
def candidate(hall: Hall) -> Principal:
    return make_candidate(hall)


class Seat:
    """A signed-in browser that sends the token with its writes."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.get = client.get
        self.token = csrf_token(client)

    def call(self, method: str, path: str, body: object = None):
        """A JSON call under /api/v1."""
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers={"X-CSRFToken": self.token})

    def post(self, path: str, fields: dict[str, object] | None = None):
        """A form as a page without scripts sends it."""
        return self.client.post(path, data={"csrf_token": self.token, **(fields or {})})


@pytest.fixture
def take_seat(app: Flask) -> Callable[[Principal], Seat]:
    return lambda person: Seat(signed_in(app, person))


@pytest.fixture
def seat(candidate: Principal, take_seat) -> Seat:
    return take_seat(candidate)
