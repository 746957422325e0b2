"""Pages of signing in and out."""

from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.accounts import service
from lms.accounts.forms import SignInForm
from lms.accounts.views.blueprint import bp
from lms.kernel import clock
from lms.kernel.errors import DomainError
from lms.web import guards, login, ports, render


def policy() -> service.Policy:
    """What the settings say of sign-in and registration."""
    s = settings_module.current()
    return service.Policy(
        password_min_length=s.password_min_length,
        lockout_failures=s.lockout_failures,
        lockout_minutes=s.lockout_minutes,
        sign_ins_per_address=s.sign_ins_per_address,
        registrations_per_address=s.registrations_per_address,
        session_hours=s.session_hours,
    )


def open_session(username: str, password: str, code: str | None) -> service.OpenedSession:
    """Signs in with what this request tells of the caller. Raises what service.sign_in raises."""
    return service.sign_in(
        username,
        password,
        code,
        needs_second_factor=ports.needs_second_factor,
        policy=policy(),
        address=request.remote_addr or "",
        browser=request.headers.get("User-Agent", ""),
        now=clock.now(),
    )


def inside(target: str | None) -> str:
    """`target` when it is a path of this site, else the home page."""
    home = url_for("portal_learner.home")
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return home
    parts = urlsplit(target)
    return target if not parts.netloc and not parts.scheme else home


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
        form.password.data = service.carried_password(form.carried.data, now=clock.now())
    if not form.validate_on_submit():
        return render.page("accounts/sign_in.html", form=form, needs_code=False, problem=None, status=422)
    try:
        opened = open_session(form.username.data, form.password.data, form.code.data)
    except service.CodeNeeded as error:
        form.carried.data = service.carry_password(form.password.data, now=clock.now())
        return render.page("accounts/sign_in.html", form=form, needs_code=True, problem=_(error.title))
    except DomainError as error:
        return render.page(
            "accounts/sign_in.html",
            form=form,
            needs_code=bool(form.carried.data),
            problem=_(error.title),
            status=error.status,
        )
    principal = login.start(opened.session_id)
    target = inside(form.next.data)
    if principal.grants and target == url_for("portal_learner.home"):
        target = url_for("portal_staff.desk")
    return redirect(target, 303)


@bp.post("/sign-out")
@guards.signed_in
def sign_out() -> Any:
    """Ends this session."""
    service.sign_out(login.current().session_id, now=clock.now())
    login.forget()
    flash(_("您已退出登录。"), "info")
    return redirect(url_for("portal_learner.home"), 303)
