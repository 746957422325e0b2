"""Asks an address as somebody about somebody's thing, leaves nothing behind, and says what was met."""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import Flask, Response, session
from flask.sessions import SecureCookieSessionInterface
from flask.testing import EnvironBuilder
from flask_wtf.csrf import generate_csrf
from werkzeug.routing import Rule
from werkzeug.test import run_wsgi_app

from lms.infra import ratelimit
from lms.infra.db import unit_of_work
from lms.web import guards
from tests.matrix import bodies
from tests.matrix.people import ABSENT, PLACES, Actor, World

VARIABLE = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
CSRF = re.compile(rb'(name="csrf_token"[^>]*value=|name="csrf-token" content=)"[^"]+"')
TIME_LEFT = re.compile(rb'(data-seconds-left=)"\d+"')
CHANGING = {"x-request-id", "date", "set-cookie", "content-length"}


class _Undo(Exception):
    """Ends the unit of work around a request, so that nothing of it stays."""


@dataclass(frozen=True)
class Browser:
    """How somebody's requests are made: a cookie and the token that goes with it."""

    cookie: str
    token: str


@dataclass(frozen=True)
class Met:
    """One answer: the letter of the matrix, and all that was sent back, with ids and tokens taken out."""

    letter: str
    status: int
    body: bytes
    plain: bytes
    headers: tuple[tuple[str, str], ...]


def addresses(app: Flask) -> list[tuple[Rule, str]]:
    """Every rule of an application with each of its methods."""
    return [
        (rule, method)
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


class Probe:
    """A way to ask everything as everybody."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world
        self._asked = 0
        self._written = lru_cache(64)(self._write)
        self._browsers = {actor.name: _browser(app, actor) for actor in world.actors}
        self.addresses = addresses(app)
        self.offered: dict[str, set[str]] = {}
        """The methods of each address, of all its rules."""
        for rule, method in self.addresses:
            self.offered.setdefault(rule.rule, set()).add(method)

    def guard(self, rule: Rule) -> str:
        """The mark of the view behind an address."""
        return guards.guard_of(self.app.view_functions[rule.endpoint]) or "none"

    def places(self, rule: Rule, actor: Actor) -> Iterator[tuple[str, Mapping[str, object] | None]]:
        """What stands in for the variables at each place; None where there is no such thing."""
        names = [name for _kind, name in VARIABLE.findall(rule.rule)]
        if not any(bodies.thing(rule.rule, name) for name in names):
            yield "", {name: bodies.FIXED[name] for name in names}
            return
        for place in PLACES:
            things = {} if (holder := self.world.holder_at(place, actor)) is None else holder.things
            values: dict[str, object] = {}
            for name in names:
                thing = bodies.thing(rule.rule, name)
                if thing is None:
                    values[name] = bodies.FIXED[name]
                elif place == "absent":
                    values[name] = ABSENT
                elif thing in things:
                    values[name] = things[thing]
            yield place, values if len(values) == len(names) else None

    def ask(
        self,
        rule: Rule,
        method: str,
        actor: Actor,
        values: Mapping[str, object],
        *,
        query: str = "",
        before: Any = None,
    ) -> Met:
        """One request, undone afterwards; `before` is done first, in the same unit of work."""
        path = VARIABLE.sub(lambda found: str(values[found[2]]), rule.rule)
        browser = self._browsers[actor.name]
        self._asked += 1
        number = self._asked
        body, environ = self._written(rule.rule, method, path + query)
        sent = environ | {
            "HTTP_COOKIE": browser.cookie,
            "HTTP_X_CSRFTOKEN": browser.token,
            "REMOTE_ADDR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            "wsgi.input": io.BytesIO(body),
        }
        ratelimit.forget()
        try:
            with unit_of_work() as written:
                if before is not None:
                    before(written)
                met = _met(Response(*run_wsgi_app(self.app, sent, buffered=True)), values)
                raise _Undo
        except _Undo:
            return met

    def _write(self, rule: str, method: str, address: str) -> tuple[bytes, dict[str, Any]]:
        """The body of a request and the rest of it, which is the same for everybody."""
        environ = EnvironBuilder(self.app, address, method=method, **bodies.request(rule, method)).get_environ()
        return environ.pop("wsgi.input").read(), environ

    def everywhere(self, rule: Rule, method: str, actor: Actor) -> dict[str, Met | None]:
        """What somebody meets at each place; None where there is no such thing."""
        return {
            place: None if values is None else self.ask(rule, method, actor, values)
            for place, values in self.places(rule, actor)
        }

    @property
    def asked(self) -> int:
        """How many requests were made."""
        return self._asked


def _browser(app: Flask, actor: Actor) -> Browser:
    """A cookie as the platform would have set it, without going through the sign-in and its slow hash."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer
    with app.test_request_context():
        token = generate_csrf()
        content = dict(session)
        if actor.session_id is not None:
            content["_user_id"] = str(actor.session_id)
    return Browser(f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(content)}", token)


def _met(answer: Response, values: Mapping[str, object]) -> Met:
    body = answer.get_data()
    request_id = answer.headers.get("X-Request-ID", "").encode()
    plain = TIME_LEFT.sub(rb"\1", CSRF.sub(rb"\1", body))
    if request_id:
        plain = plain.replace(request_id, b"REQUEST")
    headers = {name.lower(): value for name, value in answer.headers}
    for value in values.values():
        if isinstance(value, UUID):
            plain = plain.replace(str(value).encode(), b"ID")
            headers = {name: text.replace(str(value), "ID") for name, text in headers.items()}
    kept = sorted((name, text) for name, text in headers.items() if name not in CHANGING)
    return Met(_letter(answer), answer.status_code, body, plain, tuple(kept))


def _letter(answer: Response) -> str:
    asked = answer.status_code == 401 and (not answer.is_json or (answer.json or {})["code"] == "sign_in_needed")
    if asked or (answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")):
        return ">"
    if answer.status_code == 500:
        return "!"
    return {403: "x", 404: "."}.get(answer.status_code, "+")
