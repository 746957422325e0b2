"""A browser that is not put off: it repeats a request until a whole answer has come, as the platform's own pages do."""

import http.client
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from lms.kernel import clock
from tests.factories.learning import add_session

GIVE_UP_AFTER = 60.0
PAUSE = 0.05


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    content: bytes
    cookie: str = ""  # all cookies that it set, as a browser sends them back

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.content)


@dataclass
class Browser:
    """One person's page: a cookie, a token, one connection; `repeats` counts requests that had to be sent again."""

    port: int
    cookie: str = ""
    token: str = ""
    repeats: int = 0
    sent: int = 0
    faults: list[str] = field(default_factory=list)
    _connection: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        """The first whole answer that is no 5xx; a plain 500 is remembered in `faults`. Fails after a minute without one."""
        deadline = time.monotonic() + GIVE_UP_AFTER
        while True:
            answer = self.send_once(method, path, body)
            if answer is not None and answer.status == 500:
                self.faults.append(f"{method} {path}: {answer.content[:300]!r}")
            if answer is not None and answer.status < 500:
                return answer
            assert time.monotonic() < deadline, (
                f"{method} {path}: no answer within {GIVE_UP_AFTER:.0f} s, last {answer}"
            )
            self.repeats += 1
            time.sleep(PAUSE)

    def fetch(self, path: str, cookie: str) -> None:
        """Reads a file that the cookie opens, whatever it takes."""
        reader = Browser(self.port, cookie)
        assert reader.send("GET", path).status == 200, path
        reader.close()

    def send_once(self, method: str, path: str, body: Any = None) -> Answer | None:
        """The answer, or None when the connection broke before all of it had come."""
        headers = {"Cookie": self.cookie, "X-CSRFToken": self.token}
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.sent += 1
        try:
            self._connection.request(method, path, content, headers)
            response = self._connection.getresponse()
            set_cookies = [value.partition(";")[0] for value in response.headers.get_all("Set-Cookie", [])]
            answer = Answer(response.status, response.read(), "; ".join(set_cookies))
        except (OSError, http.client.HTTPException):
            self.close()
            return None
        if response.will_close:
            self.close()
        return answer

    def another(self) -> "Browser":
        """A second connection of the same page."""
        return Browser(self.port, self.cookie, self.token)

    def leave(self, other: "Browser") -> None:
        """Closes a second connection and takes its counts over."""
        other.close()
        self.sent += other.sent
        self.repeats += other.repeats
        self.faults += other.faults

    def close(self) -> None:
        """Lets the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def signed_in(app: Flask, port: int, person_id: UUID) -> Browser:
    """A browser with an open session; it skips the form and its slow hash."""
    secret = secrets.token_hex(20)
    client: FlaskClient = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = str(add_session(person_id, now=clock.now()))
        cookie["csrf_token"] = secret
    token = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(secret)
    session = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert session is not None
    return Browser(port, f"{session.key}={session.value}", str(token))
