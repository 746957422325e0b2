"""Every route says who may come in; the application refuses to start when one does not."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar, overload

from flask import Flask, current_app, request
from sqlalchemy.orm import Session

from lms.infra.db import on_condition
from lms.kernel.errors import N_, Conflict, Forbidden
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.web import login, ports

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")
View = Callable[Parameters, Answer]
MARK = "lms_guard"
DURING_DUTY = "lms_during_duty"
QUIET = "lms_quiet"


class UnguardedRoute(Exception):
    """A route names no guard; the message lists them."""


class RoleChanged(Conflict):
    """A role of who acts, or their account, was taken while the request waited for somebody else's act: it did nothing."""

    code, title = "role_changed", N_("您的岗位或账号刚刚有变动，这次操作没有完成；请刷新页面，按现在的岗位继续")


def public(view: View[Parameters, Answer]) -> View[Parameters, Answer]:
    """Anyone may call this view."""
    setattr(view, MARK, "public")
    return view


@overload
def signed_in(view: View[Parameters, Answer]) -> View[Parameters, Answer]: ...


@overload
def signed_in(*, during_duty: bool) -> Callable[[View[Parameters, Answer]], View[Parameters, Answer]]: ...


def signed_in(view: View[..., Any] | None = None, *, during_duty: bool = False) -> Any:
    """Anyone signed in may call this view; what they see is limited to their own inside it.

    `during_duty`: also somebody who has a duty to do first, because the view belongs to doing it.
    """

    def decorate(view: View[..., Any]) -> View[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            login.current()
            return view(*args, **kwargs)

        setattr(guarded, MARK, "signed_in")
        setattr(guarded, DURING_DUTY, during_duty)
        return guarded

    return decorate if view is None else decorate(view)


def requires(*permissions: Permission) -> Callable[[View[Parameters, Answer]], View[Parameters, Answer]]:
    """Only who holds one of `permissions` somewhere may call this view; the object's own scope is checked inside it.

    What it does is kept only if they hold their roles yet when it is done. Raises Forbidden, RoleChanged.
    """

    def decorate(view: View[Parameters, Answer]) -> View[Parameters, Answer]:
        @wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
            principal = login.current()
            if not any(ports.may(principal, permission, None) for permission in permissions):
                raise Forbidden
            with on_condition(partial(_refuse_changed, principal)):
                return view(*args, **kwargs)

        setattr(guarded, MARK, " | ".join(permissions))
        return guarded

    return decorate


def _refuse_changed(principal: Principal, session: Session) -> None:
    if not ports.still_holds(session, principal):
        raise RoleChanged


def quiet(view: View[Parameters, Answer]) -> View[Parameters, Answer]:
    """Calls of this view are no act of the person: they keep no sign-in alive. Stands above the guard."""
    setattr(view, QUIET, True)
    return view


def guard_of(view: Any) -> str | None:
    """The mark that a guard left on a view."""
    return getattr(view, MARK, None)


def init_app(app: Flask) -> None:
    """Tells the login what the marks of this request's view say."""

    def marked(mark: str) -> bool:
        return bool(getattr(current_app.view_functions.get(request.endpoint or ""), mark, False))

    login.init_app(app, during_duty=lambda: marked(DURING_DUTY), quiet=lambda: marked(QUIET))


def refuse_unguarded(app: Flask) -> None:
    """Raises UnguardedRoute when a view names no guard: default is refusal."""
    missing = sorted(name for name, view in app.view_functions.items() if guard_of(view) is None)
    if missing:
        raise UnguardedRoute(", ".join(missing))
