"""Pages of registering under one's real name."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from lms import settings as settings_module
from lms.accounts import service
from lms.accounts.forms import RegistrationForm
from lms.accounts.views.blueprint import bp
from lms.accounts.views.sign_in import open_session, policy
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid
from lms.organisations import queries as organisations
from lms.web import guards, login, render


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
