"""Pages of signing in, signing out and registering."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from lms import settings as settings_module
from lms.accounts import service
from lms.accounts.forms import RegistrationForm, SignInForm
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import DomainError, Invalid
from lms.organisations import queries as organisations
from lms.web import guards, login, ports, render

bp = Blueprint("accounts_learner", __name__)


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


def _registration_form() -> RegistrationForm:
    form = RegistrationForm()
    with reading() as session:
        units = organisations.units_to_join(session)
    form.unit_id.choices = [SelectChoice("", _("请选择")), *(SelectChoice(str(one.id), one.name) for one in units)]
    return form


def _registration_page(form: RegistrationForm, *, status: int = 200) -> Any:
    length = settings_module.current().password_min_length
    return render.page("accounts/register.html", form=form, password_length=length, status=status)


@bp.get("/register")
@guards.public
def register_form() -> Any:
    """The registration page."""
    return _registration_page(_registration_form())


@bp.post("/register")
@guards.public
def register() -> Any:
    """Takes the registration and signs the person in."""
    form = _registration_form()
    if not form.validate_on_submit():
        return _registration_page(form, status=422)
    registration = service.Registration(
        name=form.name.data,
        sex=form.sex.data,
        unit_id=UUID(form.unit_id.data),
        post=form.post.data,
        mobile=form.mobile.data,
        username=form.username.data,
        password=form.password.data,
    )
    try:
        service.register(registration, policy=policy(), address=request.remote_addr or "", now=clock.now())
    except Invalid as error:
        form.take(error)
        return _registration_page(form, status=422)
    opened = open_session(registration.username, registration.password, None)
    login.start(opened.session_id)
    flash(_("注册成功，欢迎您！"), "success")
    return redirect(url_for("portal_learner.home"), 303)
