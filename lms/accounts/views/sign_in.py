"""Pages of signing in and out."""

from typing import Any
from urllib.parse import unquote_plus, urlsplit

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.accounts import service
from lms.accounts.forms import SignInForm
from lms.accounts.service import sessions
from lms.accounts.views.blueprint import bp
from lms.accounts.views.policy import browser, policy
from lms.kernel import clock
from lms.kernel.errors import DomainError
from lms.kernel.principal import Principal
from lms.web import addresses, guards, login, render


def open_session(username: str, password: str, code: str | None) -> Principal:
    """Signs in with what this request tells of the caller. Raises what service.sign_in raises."""
    return enter(
        service.sign_in(username, password, code, policy=policy(), browser=browser(), now=clock.now()),
    )


def enter(opened: service.OpenedSession) -> Principal:
    """Puts the fresh session into the cookie; one that this browser had before is over."""
    before = login.on_page()
    if before is not None:
        service.sign_out(before.session_id, now=clock.now())
    return login.start(opened.session_id)


def inside(target: str | None) -> str:
    """`target` when it is a path of this site, else the home page."""
    home = url_for("portal_learner.home")
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return home
    if addresses.tell_a_number(unquote_plus(target)):
        return home
    parts = urlsplit(target)
    return target if not parts.netloc and not parts.scheme else home


def way_on(principal: Principal, target: str | None) -> str:
    """Where somebody goes after signing in: where they wanted to, else to their work."""
    wanted = inside(target)
    if principal.grants and wanted == url_for("portal_learner.home"):
        return url_for("portal_staff.desk")
    return wanted


@bp.get("/sign-in")
@guards.public
def sign_in_form() -> Any:
    """The sign-in page."""
    if login.current_or_none() is not None:
        return redirect(inside(request.args.get("next")), 303)
    form = SignInForm(next=request.args.get("next", ""))
    return render.page("accounts/sign_in.html", form=form, needs_code=False, problem=None)


@bp.post("/sign-in")
@guards.public
def sign_in() -> Any:
    """Takes the sign-in form."""
    form = SignInForm()
    if form.carried.data and not form.password.data:
        form.password.data = service.carried(form.carried.data, now=clock.now())
    if not form.validate_on_submit():
        return render.page("accounts/sign_in.html", form=form, needs_code=False, problem=None, status=422)
    try:
        principal = open_session(form.username.data, form.password.data, form.code.data)
    except service.CodeNeeded as error:
        form.carried.data = service.carry(form.password.data, now=clock.now())
        return render.page("accounts/sign_in.html", form=form, needs_code=True, problem=_(error.title))
    except DomainError as error:
        return render.page(
            "accounts/sign_in.html",
            form=form,
            needs_code=bool(form.carried.data),
            problem=_(error.title),
            status=error.status,
        )
    return redirect(way_on(principal, form.next.data), 303)


@bp.post("/sign-out")
@guards.signed_in(during_duty=True)
def sign_out() -> Any:
    """Ends this session, or with `everywhere` all sessions of the account."""
    principal = login.current()
    if request.form.get("everywhere"):
        sessions.end_all(principal.account_id, but=None, actor_id=principal.person_id, now=clock.now())
        flash(_("您已在所有设备上退出登录。"), "info")
    else:
        service.sign_out(principal.session_id, now=clock.now())
        flash(_("您已退出登录。"), "info")
    login.forget()
    return redirect(url_for("portal_learner.home"), 303)
