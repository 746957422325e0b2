"""Who is signed in: Flask-Login keeps the session's id, one statement loads the person, once a request."""

from collections.abc import Callable
from uuid import UUID

import structlog
from flask import Flask, Response, current_app, g, request, session as cookie
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user, logout_user

from lms.kernel import clock
from lms.kernel.errors import N_, DomainError, SignInNeeded
from lms.kernel.principal import Duty, Principal
from lms.web import ports

_manager = LoginManager()
BACKGROUND = "X-Background"
"""A request that the page sends by itself (polling) says so with this header: it keeps no sign-in alive."""

DETAILS = {
    Duty.PASSWORD: N_("请先设置新密码"),
    Duty.SECOND_FACTOR: N_("您的岗位需要动态验证码，请先完成设置"),
    Duty.PRIVACY: N_("请先阅读并同意新版个人信息处理规则"),
}


class DutyFirst(DomainError):
    """The person has to do something else first; `extra` says what."""

    code, status, title = "duty", 403, N_("请先完成一项必要的操作")

    def __init__(self, duty: Duty) -> None:
        super().__init__(DETAILS[duty], extra={"duty": duty.value})
        self.duty = duty


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
    return None if principal is None else _taken(principal)


def _taken(principal: Principal) -> SignedIn:
    structlog.contextvars.bind_contextvars(person_id=principal.person_id, roles=",".join(sorted(principal.roles)))
    g.loaded_principal = principal
    return SignedIn(principal)


def init_app(app: Flask, *, during_duty: Callable[[], bool], quiet: Callable[[], bool]) -> None:
    """Plugs Flask-Login in, without its template processor (it would load the user on every page).

    `during_duty` and `quiet` answer for the view of the running request: whether somebody with a duty may come in, and
    whether the call is no act of the person.
    """
    _manager.session_protection = None  # a phone changes its address in the middle of a lecture
    _manager.init_app(app, add_context_processor=False)
    app.extensions["lms_during_duty"] = during_duty

    @app.after_request
    def _note_act(response: Response) -> Response:
        principal: Principal | None = g.get("loaded_principal")
        if principal is not None and BACKGROUND not in request.headers and not quiet():
            ports.note_act(principal, clock.now())
        return response


def ask_again(principal: Principal) -> None:
    """Looks up once more what the signed-in person may do, for a request that took its time to come in.

    Their sign-in is that of the beginning: whether it ran out meanwhile is a question for the next request.
    """
    renewed = ports.renewed(principal, clock.now())
    g._login_user = AnonymousUserMixin() if renewed is None else _taken(renewed)


def on_page() -> Principal | None:
    """The signed-in person, for what surrounds a page; None when nobody is. A duty hinders nothing."""
    if not current_user.is_authenticated:
        return None
    principal: Principal = current_user.principal
    return principal


def seconds_left(principal: Principal | None) -> int:
    """How long the sign-in lasts if nothing is done from now on; 0 when there is none."""
    return int(principal.stay.left(clock.now()).total_seconds()) if principal and principal.stay else 0


def current_or_none() -> Principal | None:
    """The signed-in person, or None. Raises DutyFirst when they have to do something else first."""
    principal = on_page()
    if principal is not None and principal.duty is not None and not _may_come_during_duty():
        raise DutyFirst(principal.duty)
    return principal


def _may_come_during_duty() -> bool:
    return bool(current_app.extensions["lms_during_duty"]())


def current() -> Principal:
    """The signed-in person. Raises SignInNeeded, DutyFirst."""
    principal = current_or_none()
    if principal is None:
        raise SignInNeeded
    return principal


def start(session_id: UUID) -> Principal:
    """Puts a freshly opened session into an emptied cookie, so that nothing set before the sign-in lives on. Returns who it is."""
    signed_in = _load(str(session_id))
    if signed_in is None:
        raise SignInNeeded
    cookie.clear()
    g.pop("csrf_token", None)  # the token of the emptied cookie
    login_user(signed_in)
    principal: Principal = signed_in.principal
    return principal


def forget() -> None:
    """Takes the session out of the cookie."""
    g.pop("loaded_principal", None)
    logout_user()
