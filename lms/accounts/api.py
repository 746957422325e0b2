"""The JSON session: sign in, sign out."""

from typing import Annotated
from uuid import UUID

import msgspec
from flask import Blueprint
from flask_wtf.csrf import generate_csrf

from lms.accounts import service
from lms.accounts.views import open_session
from lms.kernel import clock
from lms.web import guards, login
from lms.web.jsonapi import endpoint, same_origin

bp = Blueprint("accounts_api", __name__)


class SessionRequest(msgspec.Struct):
    """What a program signs in with; `code` when the account has a second factor."""

    username: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    code: Annotated[str, msgspec.Meta(max_length=10)] | None = None


class User(msgspec.Struct):
    """Who signed in."""

    id: UUID
    username: str
    name: str
    roles: list[str]


class SessionAnswer(msgspec.Struct):
    """The token for the X-CSRFToken header of later writes, and who signed in."""

    csrf_token: str
    user: User


@bp.post("/session")
@guards.public
@endpoint(body=SessionRequest, answer=SessionAnswer, csrf_exempt=True)
def open_json_session(body: SessionRequest) -> SessionAnswer:
    """Sign in."""
    same_origin()
    opened = open_session(body.username, body.password, body.code)
    who = login.start(opened.session_id)
    user = User(who.person_id, who.username, who.name, sorted(who.roles) or ["learner"])
    return SessionAnswer(generate_csrf(), user)


@bp.delete("/session")
@guards.signed_in
@endpoint(answer=None)
def end_json_session() -> None:
    """Sign out."""
    service.sign_out(login.current().session_id, now=clock.now())
    login.forget()
