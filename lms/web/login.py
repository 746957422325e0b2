"""Who is signed in: Flask-Login keeps the session's id, one statement loads the person, once a request."""

from uuid import UUID

import structlog
from flask import Flask
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from lms.kernel import clock
from lms.kernel.errors import SignInNeeded
from lms.kernel.principal import Principal
from lms.web import ports

_manager = LoginManager()


class SignedIn(UserMixin):  # type: ignore[misc]  # flask_login ships no types
    """What Flask-Login holds for a request: the principal, known to the cookie by the session's id alone."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal

    def get_id(self) -> str:
        return str(self.principal.session_id)


@_manager.user_loader  # type: ignore[untyped-decorator]  # flask_login ships no types
def _load(session_id: str) -> SignedIn | None:
    try:
        principal = ports.load_principal(UUID(session_id), clock.now())
    except ValueError:
        return None
    if principal is None:
        return None
    structlog.contextvars.bind_contextvars(person_id=principal.person_id)
    return SignedIn(principal)


def init_app(app: Flask) -> None:
    """Plugs Flask-Login in, without its template processor (it would load the user on every page)."""
    _manager.session_protection = None  # a phone changes its address in the middle of a lecture
    _manager.init_app(app, add_context_processor=False)


def current_or_none() -> Principal | None:
    """The signed-in person, or None."""
    if not current_user.is_authenticated:
        return None
    principal: Principal = current_user.principal
    return principal


def current() -> Principal:
    """The signed-in person. Raises SignInNeeded."""
    principal = current_or_none()
    if principal is None:
        raise SignInNeeded
    return principal


def start(session_id: UUID) -> Principal:
    """Puts a freshly opened session into the cookie. Returns who it is."""
    signed_in = _load(str(session_id))
    if signed_in is None:
        raise SignInNeeded
    login_user(signed_in)
    principal: Principal = signed_in.principal
    return principal


def forget() -> None:
    """Takes the session out of the cookie."""
    logout_user()
