"""Pages of who forgot their password, or has none yet: asking for a one-time code, and signing in with one."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.accounts import service
from lms.accounts.forms import CodeSignInForm, ForgottenForm
from lms.accounts.service import codes
from lms.accounts.views.blueprint import bp
from lms.accounts.views.policy import browser, policy
from lms.accounts.views.sign_in import enter, inside
from lms.kernel import clock
from lms.kernel.errors import DomainError
from lms.web import guards, login, ports, render


def _could_issue(one: UUID, other: UUID) -> bool:
    return ports.could_issue(one, other, clock.now())


@bp.get("/sign-in/code")
@guards.public
def code_sign_in_form() -> Any:
    """The page for a one-time code."""
    if login.current_or_none() is not None:
        return redirect(inside(request.args.get("next")), 303)
    form = CodeSignInForm(next=request.args.get("next", ""), username=request.args.get("username", "")[:40])
    return render.page("accounts/code_sign_in.html", form=form, needs_code=False, problem=None)


@bp.post("/sign-in/code")
@guards.public
def code_sign_in() -> Any:
    """Takes user name and one-time code; the next page asks for a new password."""
    form = CodeSignInForm()
    if form.carried.data and not form.one_time.data:
        form.one_time.data = service.carried(form.carried.data, now=clock.now())
    if not form.validate_on_submit():
        return render.page("accounts/code_sign_in.html", form=form, needs_code=False, problem=None, status=422)
    try:
        opened = codes.sign_in_with_code(
            form.username.data,
            form.one_time.data,
            form.code.data,
            could_issue=_could_issue,
            policy=policy(),
            browser=browser(),
            now=clock.now(),
        )
    except service.CodeNeeded as error:
        form.carried.data = service.carry(form.one_time.data, now=clock.now())
        return render.page("accounts/code_sign_in.html", form=form, needs_code=True, problem=_(error.title))
    except DomainError as error:
        return render.page(
            "accounts/code_sign_in.html",
            form=form,
            needs_code=bool(form.carried.data),
            problem=_(error.title),
            status=error.status,
        )
    enter(opened)
    return redirect(url_for("accounts_learner.password_form", next=inside(form.next.data)), 303)


@bp.get("/forgotten")
@guards.public
def forgotten_form() -> Any:
    """The page of who forgot their password."""
    return render.page("accounts/forgotten.html", form=ForgottenForm(), sent=False, problem=None)


@bp.post("/forgotten")
@guards.public
def forgotten() -> Any:
    """Asks for a code to be sent; the answer is the same for every name."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render.page("accounts/forgotten.html", form=form, sent=False, problem=None, status=422)
    try:
        codes.ask(form.username.data, policy=policy(), address=request.remote_addr or "", now=clock.now())
    except DomainError as error:
        return render.page(
            "accounts/forgotten.html", form=form, sent=False, problem=_(error.title), status=error.status
        )
    return redirect(url_for("accounts_learner.forgotten_sent"), 303)


@bp.get("/forgotten/sent")
@guards.public
def forgotten_sent() -> Any:
    """What to do now; the page knows no name."""
    hours = settings_module.current().sign_in_code_hours
    return render.page("accounts/forgotten.html", form=None, sent=True, problem=None, hours=hours)
