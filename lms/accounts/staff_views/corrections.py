"""Staff pages of corrections: the queue, and one request with its decision."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.accounts.domain import corrections as rules, wording
from lms.accounts.forms.privacy import DecisionForm
from lms.accounts.queries import corrections as queries
from lms.accounts.queries.corrections import Correction
from lms.accounts.service import corrections
from lms.accounts.staff_views import people_shown as shown
from lms.accounts.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid
from lms.kernel.permissions import Permission
from lms.web import guards, render

PER_PAGE = 50


def _described(one: Correction) -> dict[str, Any]:
    """A request in the reader's language."""
    words = wording.SEXES if one.field is rules.Identity.SEX else {}
    due = rules.due(one.asked_at, days=settings_module.current().correction_days)
    return {
        "id": one.id,
        "person_id": one.person_id,
        "person_name": one.person_name,
        "unit_name": one.unit_name,
        "field": _(rules.LABELS[one.field]),
        "old": _(words[one.old]) if one.old in words else one.old,
        "new": _(words[one.new]) if one.new in words else one.new,
        "reason": one.reason,
        "state": one.state,
        "state_name": _(rules.STATES[one.state]),
        "asked_at": one.asked_at,
        "decided_at": one.decided_at,
        "comment": one.comment,
        "due": due,
        "late": one.state == "open" and due < clock.now(),
    }


@bp.get("/corrections")
@guards.requires(Permission.CORRECTION_DECIDE)
def correction_queue() -> Any:
    """Requests that wait in my scope, the oldest first."""
    with reading() as session:
        found = queries.open_corrections(
            session,
            shown.scopes(Permission.CORRECTION_DECIDE),
            after=shown.asked_id("after"),
            limit=PER_PAGE + 1,
        )
    listed = found[:PER_PAGE]
    more = len(found) > PER_PAGE
    return render.page(
        "accounts/staff/corrections.html",
        corrections=[_described(one) for one in listed],
        next_url=url_for("accounts_staff.correction_queue", after=listed[-1].id) if more else None,
    )


def _page(correction_id: UUID, form: DecisionForm, *, status: int = 200) -> Any:
    with reading() as session:
        found = queries.correction(session, correction_id, shown.scopes(Permission.CORRECTION_DECIDE))
    return render.page("accounts/staff/correction.html", correction=_described(found), form=form, status=status)


@bp.get("/corrections/<uuid:correction_id>")
@guards.requires(Permission.CORRECTION_DECIDE)
def correction_page(correction_id: UUID) -> Any:
    """One request."""
    return _page(correction_id, DecisionForm())


@bp.post("/corrections/<uuid:correction_id>/decision")
@guards.requires(Permission.CORRECTION_DECIDE)
def decide_correction(correction_id: UUID) -> Any:
    """Takes the decision."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(correction_id, form, status=422)
    approve = form.decision.data == "approve"
    try:
        corrections.decide(
            correction_id,
            approve=approve,
            comment=form.comment.data or "",
            by=shown.staff(Permission.CORRECTION_DECIDE),
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _page(correction_id, form, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"decision": error.title})
        return _page(correction_id, form, status=error.status)
    flash(_("已同意这项更正。") if approve else _("已答复不同意。"), "success")
    return redirect(url_for("accounts_staff.correction_queue"), 303)
