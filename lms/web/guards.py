"""Every route says who may come in; the application refuses to start when one does not."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask

from lms.kernel.errors import Forbidden
from lms.kernel.permissions import Permission
from lms.web import login, ports

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")
MARK = "lms_guard"


class UnguardedRoute(Exception):
    """A route names no guard; the message lists them."""


def public(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Anyone may call this view."""
    setattr(view, MARK, "public")
    return view


def signed_in(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Anyone signed in may call this view; what they see is limited to their own inside it."""

    @wraps(view)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        login.current()
        return view(*args, **kwargs)

    setattr(guarded, MARK, "signed_in")
    return guarded


def requires(*permissions: Permission) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer]]:
    """Only who holds one of `permissions` somewhere may call this view; the object's own scope is checked inside it."""

    def decorate(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
        @wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
            principal = login.current()
            if not any(ports.may(principal, permission, None) for permission in permissions):
                raise Forbidden
            return view(*args, **kwargs)

        setattr(guarded, MARK, " | ".join(permissions))
        return guarded

    return decorate


def guard_of(view: Any) -> str | None:
    """The mark that a guard left on a view."""
    return getattr(view, MARK, None)


def refuse_unguarded(app: Flask) -> None:
    """Raises UnguardedRoute when a view names no guard: default is refusal."""
    missing = sorted(name for name, view in app.view_functions.items() if guard_of(view) is None)
    if missing:
        raise UnguardedRoute(", ".join(missing))
