"""The list of people of any union: filters, pages by pinyin, and the search that leaves no trace in addresses."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms import SelectChoice

from lms.accounts import queries
from lms.accounts.domain import wording
from lms.accounts.forms.people import SearchForm
from lms.accounts.service import asking
from lms.accounts.staff_views import people_shown as shown
from lms.accounts.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.permissions import Permission
from lms.kernel.scope import outermost
from lms.organisations import queries as organisations
from lms.web import guards, login, render

PAGE = 50
UNITS_OFFERED = 200
CODED = {
    "category": wording.CATEGORIES,
    "employment": wording.EMPLOYMENTS,
    "identity_level": wording.IDENTITY_LEVELS,
    "state": wording.STATES,
}


@bp.get("/people")
@guards.requires(Permission.PERSON_READ)
def people() -> Any:
    """The people of a union, or of all unions in my scope, by pinyin."""
    with reading() as session:
        unit = asked_unit(session)
        offered = _units_offered(session, unit)
        sought = asked_list(unit)
        page = queries.people_page(
            session, sought, after=shown.asked_id("after"), before=shown.asked_id("before"), limit=PAGE
        )
    form = _form(unit, offered)
    kept: dict[str, Any] = {
        name: value for name, value in request.args.items() if name in {"f", "unit", "unconfirmed", *CODED}
    }
    first, last = (page.people[0].id, page.people[-1].id) if page.people else (None, None)
    return render.page(
        "accounts/staff/people.html",
        form=form,
        unit=unit,
        page=page,
        filtered=bool(kept),
        words=shown.words(),
        may_edit=bool(shown.scopes(Permission.PERSON_EDIT)),
        may_confirm=bool(shown.scopes(Permission.PERSON_IDENTIFY)),
        may_join=bool(shown.scopes(Permission.PERSON_JOIN)),
        export_url=url_for(".export_form", **kept) if shown.scopes(Permission.PERSON_EXPORT) else None,
        previous_url=url_for(".people", before=first, **kept) if page.more_before and first else None,
        next_url=url_for(".people", after=last, **kept) if page.more_after and last else None,
    )


@bp.post("/people/search")
@guards.requires(Permission.PERSON_READ)
def search_people() -> Any:
    """Takes the search form to the list: what names people goes into the address sealed."""
    form = SearchForm()
    if not form.validate_on_submit():
        return redirect(url_for(".people"), 303)
    asked = shown.Asked(form.text.data or "", form.username.data or "", form.mobile.data or "")
    try:
        asking.count(asking.Guess.MOBILE, by=login.current().person_id, times=bool(asked.mobile), now=clock.now())
    except asking.TooManyGuesses as error:
        flash(_(error.title), "warning")
        return redirect(url_for(".people"), 303)
    kept = {name: getattr(form, name).data or None for name in CODED}
    return redirect(
        url_for(
            ".people",
            f=shown.hide(asked),
            unit=shown.as_id(form.unit.data),
            unconfirmed="1" if form.unconfirmed.data else None,
            **kept,
        ),
        303,
    )


def asked_unit(session: Session) -> organisations.Unit | None:
    """The unit of the address, if it lies in this person's scopes. Raises NotFound."""
    unit_id = shown.asked_id("unit")
    if unit_id is None:
        return None
    return organisations.scoped_unit(session, unit_id, shown.scopes())


def asked_list(unit: organisations.Unit | None, permission: Permission = Permission.PERSON_READ) -> queries.Sought:
    """The list that the address asks for. Raises NotFound for values that there are not."""
    asked = shown.unhide(request.args.get("f"))
    coded = {name: request.args.get(name, "") for name in CODED}
    if any(value and value not in CODED[name] for name, value in coded.items()):
        raise NotFound
    return queries.Sought(
        shown.scopes(permission),
        path=unit.path if unit else None,
        text=asked.text,
        username=asked.username,
        mobile=asked.mobile,
        unconfirmed=request.args.get("unconfirmed") == "1",
        **coded,
    )


def _units_offered(session: Session, unit: organisations.Unit | None) -> tuple[organisations.Unit, ...]:
    """The unit itself, what stands right above it, and what stands right below; without one the tops of the scopes."""
    scopes = shown.scopes()
    if unit is None:
        return organisations.at_paths(session, outermost(scopes))
    above = tuple(
        one
        for one in organisations.breadcrumbs(session, unit.path)
        if shown.staff(Permission.PERSON_READ).reaches(one.path)
    )
    return (*above, unit, *organisations.children(session, unit.id, limit=UNITS_OFFERED))


def _form(unit: organisations.Unit | None, offered: tuple[organisations.Unit, ...]) -> SearchForm:
    asked = shown.unhide(request.args.get("f"))
    form = SearchForm(
        formdata=None,
        text=asked.text,
        username=asked.username,
        mobile=asked.mobile,
        unit=str(unit.id) if unit else "",
        unconfirmed=request.args.get("unconfirmed") == "1",
        **{name: request.args.get(name, "") for name in CODED},
    )
    form.unit.choices = [
        SelectChoice("", _("我管辖的全部单位")),
        *(SelectChoice(str(one.id), one.name) for one in offered),
    ]
    return form
