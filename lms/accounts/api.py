"""The JSON session: sign in, sign out, how long it lasts."""

from typing import Annotated
from uuid import UUID

import msgspec
from flask import Blueprint
from flask_wtf.csrf import generate_csrf

from lms.accounts import service
from lms.accounts.forms.sign_in import LONGEST_CODE
from lms.accounts.views import open_session
from lms.kernel import clock
from lms.kernel.principal import Principal
from lms.web import guards, login
from lms.web.jsonapi import endpoint, same_origin

bp = Blueprint("accounts_api", __name__)


class SessionRequest(msgspec.Struct):
    """What a program signs in with; `code` when the account has a second factor."""

    username: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    code: Annotated[str, msgspec.Meta(max_length=LONGEST_CODE)] | None = None


class User(msgspec.Struct):
    """Who signed in; `duty` is what has to be done before anything else, on a page."""

    id: UUID
    username: str
    name: str
    roles: list[str]
    duty: str | None


class SessionAnswer(msgspec.Struct):
    """The token for the X-CSRFToken header of later writes, and who signed in."""

    csrf_token: str
    user: User


class SessionState(msgspec.Struct):
    """Whether somebody is signed in, who, and for how many seconds more if nothing is done."""

    signed_in: bool
    seconds_left: int
    csrf_token: str
    user: User | None


def _user(who: Principal) -> User:
    return User(who.person_id, who.username, who.name, sorted(who.roles) or ["learner"], who.duty)


@bp.post("/session")
@guards.public
@endpoint(body=SessionRequest, answer=SessionAnswer, csrf_exempt=True)
def open_json_session(body: SessionRequest) -> SessionAnswer:
    """Sign in."""
    same_origin()
    user = _user(open_session(body.username, body.password, body.code))
    return SessionAnswer(generate_csrf(), user)


@bp.get("/session")
@guards.quiet
@guards.public
@endpoint(answer=SessionState)
def json_session() -> SessionState:
    """How long I stay signed in; asking makes it no longer."""
    who = login.on_page()
    if who is None:
        return SessionState(False, 0, generate_csrf(), None)
    return SessionState(True, login.seconds_left(who), generate_csrf(), _user(who))


@bp.post("/session/activity")
@guards.signed_in(during_duty=True)
@endpoint(answer=None)
def note_activity() -> None:
    """Say that the person is still at the page; the request itself is the act."""


@bp.delete("/session")
@guards.signed_in(during_duty=True)
@endpoint(answer=None)
def end_json_session() -> None:
    """Sign out."""
    service.sign_out(login.current().session_id, now=clock.now())
    login.forget()
