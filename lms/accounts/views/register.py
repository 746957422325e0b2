"""Pages of registering under one's real name."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.accounts import service
from lms.accounts.forms import RegistrationForm
from lms.accounts.service import privacy
from lms.accounts.views import belonging
from lms.accounts.views.blueprint import bp
from lms.accounts.views.policy import browser, policy
from lms.accounts.views.sign_in import enter
from lms.kernel import clock
from lms.kernel.errors import DomainError, Invalid
from lms.organisations.domain.picking import Unlisted
from lms.web import guards, render


def _registration_form() -> RegistrationForm:
    form = RegistrationForm()
    if request.method == "GET":
        form.version.data = privacy.CURRENT_VERSION
    return form


def _registration_page(form: RegistrationForm, *, status: int = 200) -> Any:
    length = settings_module.current().password_min_length
    return render.page(
        "accounts/register.html", form=form, password_length=length, status=status, **belonging.offered(form)
    )


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
    if belonging.searching():
        return _registration_page(form)
    valid = form.validate_on_submit()
    belongs = belonging.decided(form)
    if belongs is None or not valid:
        return _registration_page(form, status=422)
    registration = service.Registration(
        name=form.name.data,
        sex=form.sex.data,
        unit_id=belongs.parent_id if isinstance(belongs, Unlisted) else belongs.unit_id,
        unlisted_name=belongs.name if isinstance(belongs, Unlisted) else "",
        post=form.post.data,
        mobile=form.mobile.data,
        username=form.username.data,
        password=form.password.data,
        category=form.category.data,
        employment=form.employment.data,
        appointed_on=form.appointed_on.data,
        mail=form.mail.data or "",
        accepted_version=form.version.data,
    )
    try:
        person_id = service.register(registration, policy=policy(), address=request.remote_addr or "", now=clock.now())
    except privacy.NoticeChanged as error:
        form.version.data, form.accepted.data = privacy.CURRENT_VERSION, False
        form.show({"accepted": error.title})
        return _registration_page(form, status=409)
    except Invalid as error:
        form.take(error)
        return _registration_page(form, status=422)
    page = "portal_learner.home"
    try:
        enter(service.enter_registered(person_id, policy=policy(), browser=browser(), now=clock.now()))
    except DomainError:
        page = "accounts_learner.sign_in_form"
    flash(_("注册成功，欢迎您！"), "success")  # either way the account is there; entering has emptied the cookie
    return redirect(url_for(page), 303)
