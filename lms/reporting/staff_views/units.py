"""The page of a unit's hours: what is reached, in its sub-units and by person."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from lms.accounts.domain import wording
from lms.infra.db import reading
from lms.kernel.permissions import Permission
from lms.kernel.scope import covers, outermost
from lms.organisations import queries as organisations
from lms.reporting import queries
from lms.reporting.forms import ListForm
from lms.reporting.staff_views.asked import Asked, asked, asked_id, this_year
from lms.reporting.staff_views.blueprint import bp
from lms.web import guards, login, ports, render

PAGE = 50
SUB_UNITS = 60
YEARS = 5


@bp.get("/hours")
@guards.requires(Permission.HOURS_READ)
def unit_hours() -> Any:
    """A unit with all below it. Six statements, seven on later pages of the list, and one for who reads several subtrees."""
    with reading() as session:
        found = asked(session)
        above = organisations.breadcrumbs(session, found.unit.path)
        below = organisations.children(session, found.unit.id, limit=SUB_UNITS)
        figures = queries.figures(session, [found.unit.path, *(one.path for one in below)], found.sought.year)
        page = queries.people_page(session, found.sought, after=asked_id("after"), limit=PAGE)
        scopes = outermost(found.sought.scopes)
        tops = organisations.at_paths(session, scopes) if len(scopes) > 1 else ()
    mine = figures[found.unit.path]
    principal = login.current()
    reach = [one for one in above if any(covers(scope, one.path) for scope in found.sought.scopes)]
    offered = dict.fromkeys([*tops, *reach, found.unit, *below])
    return render.page(
        "reporting/staff/unit_hours.html",
        unit=found.unit,
        year=found.sought.year,
        years=range(this_year(), this_year() - YEARS, -1),
        kept=found.kept,
        above=reach,
        below=[(one, figures[one.path].people) for one in below],
        figures=mine,
        tally=mine.people,
        page=page,
        form=_form(found, list(offered)),
        categories={value: _(text) for value, text in wording.CATEGORIES.items()},
        filtered=any(name in found.kept for name in ("standing", "ledger", "category")),
        may_remind=bool(ports.may(principal, Permission.HOURS_REMIND, found.unit.path)),
        may_export=bool(ports.may(principal, Permission.PERSON_EXPORT, found.unit.path)),
        first_url=url_for(".unit_hours", **found.kept) if asked_id("after") else None,
        next_url=url_for(".unit_hours", after=page.people[-1].id, **found.kept) if page.more else None,
    )


def _form(found: Asked, offered: list[organisations.Unit]) -> ListForm:
    sought = found.sought
    form = ListForm(
        formdata=None,
        unit=str(found.unit.id),
        standing=sought.standing,
        ledger=sought.ledger,
        category=sought.category,
        order=sought.order,
        meta={"csrf": False},
    )
    form.unit.choices = [SelectChoice(str(one.id), one.name) for one in offered]
    return form
