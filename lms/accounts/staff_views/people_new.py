"""Adding one person: without a password, a one-time code follows."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.accounts.forms.people import NewPersonForm
from lms.accounts.service import people as writing
from lms.accounts.staff_views import people_shown as shown
from lms.accounts.staff_views.blueprint import bp
from lms.accounts.staff_views.people_page import unit_of
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, TooMany
from lms.kernel.permissions import Permission
from lms.web import guards, render


@bp.get("/people/new")
@guards.requires(Permission.PERSON_EDIT)
def new_person_form() -> Any:
    """The form of a new person."""
    return _page(NewPersonForm(formdata=None, category="other", employment="full_time"))


@bp.post("/people/new")
@guards.requires(Permission.PERSON_EDIT)
def new_person() -> Any:
    """Adds a person."""
    form = NewPersonForm()
    if "find" in request.form:
        return _page(form)
    if not form.validate_on_submit():
        return _page(form, status=422)
    try:
        given = writing.NewPerson(form.facts(), unit_of(form), form.username.data or "")
        person_id = writing.create(given, by=shown.staff(), now=clock.now())
    except (Invalid, writing.KnownAlready, TooMany) as error:
        form.show(error.fields or {"mobile": error.title})
        return _page(form, status=error.status)
    flash(_("已添加。请发放一次性登录码，由本人设置密码。"), "success")
    return redirect(url_for(".person_page", person_id=person_id), 303)


def _page(form: NewPersonForm, *, status: int = 200) -> Any:
    with reading() as session:
        offered = shown.units_to_choose(session, form, shown.scopes(Permission.PERSON_EDIT))
    return render.page("accounts/staff/new_person.html", form=form, choices=offered, status=status)
