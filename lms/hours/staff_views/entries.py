"""A person's ledger as staff see it, and one entry with the form to propose its correction."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from lms.accounts import queries as accounts
from lms.hours import queries, service
from lms.hours.api import asked_year
from lms.hours.forms import CorrectionForm
from lms.hours.staff_views.blueprint import bp, scopes, staff
from lms.hours.views.asked import asked_id, this_year
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid
from lms.kernel.permissions import Permission
from lms.web import guards, login, ports, render

PER_PAGE = 50


@bp.get("/hours/people/<uuid:person_id>")
@guards.requires(Permission.HOURS_READ)
def ledger(person_id: UUID) -> Any:
    """One calendar year of a person in my reach."""
    year = asked_year()
    with reading() as session:
        person = accounts.own_profile(session, person_id, scopes(Permission.HOURS_READ))
        found = queries.overview(session, person_id, year)
        entries = queries.entries_of_year(session, person_id, year, before=asked_id("before"), limit=PER_PAGE + 1)
    listed = entries[:PER_PAGE]
    more = len(entries) > PER_PAGE
    return render.page(
        "hours/staff/ledger.html",
        person_id=person_id,
        name=person.name,
        unit_name=person.unit_name,
        found=found,
        entries=listed,
        year=year,
        years=sorted({*found.years, this_year(), year}, reverse=True),
        next_url=url_for("hours_staff.ledger", person_id=person_id, year=year, before=listed[-1].id) if more else None,
    )


@bp.get("/hours/entries/<uuid:entry_id>")
@guards.requires(Permission.HOURS_READ)
def entry(entry_id: UUID) -> Any:
    """One entry of a person in my reach, with what was proposed for it."""
    return _page(entry_id, CorrectionForm())


@bp.post("/hours/entries/<uuid:entry_id>/correction")
@guards.requires(Permission.HOURS_CORRECT)
def propose(entry_id: UUID) -> Any:
    """Proposes to take the entry back, or to credit again what was taken back."""
    form = CorrectionForm()
    kind = _kind(entry_id)
    if not form.validate_on_submit():
        return _page(entry_id, form, status=422)
    try:
        made = service.propose(
            entry_id,
            kind,
            by=staff(Permission.HOURS_CORRECT),
            reason=form.reason.data or "",
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _page(entry_id, form, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"reason": error.title})
        return _page(entry_id, form, status=error.status)
    flash(_("已提出更正，须由另一位管理人员确认后生效。"), "success")
    return redirect(url_for("hours_staff.correction", correction_id=made), 303)


def _kind(entry_id: UUID) -> service.Correction:
    """What can be done with an entry: whether anything of its source still counts decides."""
    with reading() as session:
        owner = queries.owner_within(session, entry_id, scopes(Permission.HOURS_CORRECT))
        found = queries.grounds(session, owner, entry_id)
    return service.Correction.REVERSAL if found.counts else service.Correction.RECREDIT


def _page(entry_id: UUID, form: CorrectionForm, *, status: int = 200) -> Any:
    reach = scopes(Permission.HOURS_READ)
    with reading() as session:
        owner = queries.owner_within(session, entry_id, reach)
        found = queries.grounds(session, owner, entry_id)
        person = accounts.person(session, owner)
        corrections = queries.corrections_of_entry(session, entry_id, reach)
    may = ports.may(login.current(), Permission.HOURS_CORRECT, person.unit_path)
    waiting = any(one.state == "proposed" for one in corrections)
    own = owner == login.current().person_id
    return render.page(
        "hours/staff/entry.html",
        found=found,
        person=person,
        corrections=corrections,
        form=form,
        may_propose=bool(may) and not waiting and not own and found.entry.reversal_of is None,
        status=status,
    )
