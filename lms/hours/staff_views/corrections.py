"""Proposed corrections of the ledger: what waits for its second person, and one of them."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from lms.hours import queries, service
from lms.hours.forms import DecisionForm
from lms.hours.staff_views.blueprint import bp, scopes, staff
from lms.hours.views.asked import asked_id
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid
from lms.kernel.permissions import Permission
from lms.web import guards, login, render

PER_PAGE = 50


@bp.get("/hours/corrections")
@guards.requires(Permission.HOURS_CORRECT)
def correction_queue() -> Any:
    """Proposals in my reach that wait, the oldest first."""
    with reading() as session:
        found = queries.waiting_corrections(
            session, scopes(Permission.HOURS_CORRECT), after=asked_id("after"), limit=PER_PAGE + 1
        )
    listed = found[:PER_PAGE]
    more = len(found) > PER_PAGE
    return render.page(
        "hours/staff/corrections.html",
        corrections=listed,
        me=login.current().person_id,
        next_url=url_for("hours_staff.correction_queue", after=listed[-1].id) if more else None,
    )


@bp.get("/hours/corrections/<uuid:correction_id>")
@guards.requires(Permission.HOURS_CORRECT)
def correction(correction_id: UUID) -> Any:
    """One proposal."""
    return _page(correction_id, DecisionForm())


@bp.post("/hours/corrections/<uuid:correction_id>/decision")
@guards.requires(Permission.HOURS_CORRECT)
def decide_correction(correction_id: UUID) -> Any:
    """Confirms or declines, as the second person."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(correction_id, form, status=422)
    by, comment, now = staff(Permission.HOURS_CORRECT), form.comment.data or "", clock.now()
    try:
        if form.decision.data == "confirm":
            service.confirm(correction_id, by=by, comment=comment, now=now)
            flash(_("已确认，更正已经生效。"), "success")
        else:
            service.decline(correction_id, by=by, comment=comment, now=now)
            flash(_("已答复不同意，学时没有变动。"), "success")
    except Invalid as error:
        form.take(error)
        return _page(correction_id, form, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"decision": error.title})
        return _page(correction_id, form, status=error.status)
    return redirect(url_for("hours_staff.correction_queue"), 303)


@bp.post("/hours/corrections/<uuid:correction_id>/withdrawal")
@guards.requires(Permission.HOURS_CORRECT)
def withdraw_correction(correction_id: UUID) -> Any:
    """Takes my own proposal back."""
    try:
        service.withdraw_correction(correction_id, by=staff(Permission.HOURS_CORRECT), now=clock.now())
        flash(_("已撤回，学时没有变动。"), "success")
    except Conflict as error:
        flash(_(error.title), "warning")
    return redirect(url_for("hours_staff.correction_queue"), 303)


def _page(correction_id: UUID, form: DecisionForm, *, status: int = 200) -> Any:
    with reading() as session:
        found = queries.correction(session, correction_id, scopes(Permission.HOURS_CORRECT))
    return render.page(
        "hours/staff/correction.html",
        correction=found,
        own=found.proposed_by == login.current().person_id,
        form=form,
        status=status,
    )
