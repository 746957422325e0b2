"""Deciding a training one level above the unit that entered it."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid
from lms.kernel.permissions import Permission
from lms.offline import service
from lms.offline.domain.workflow import DECISIONS, Act
from lms.offline.forms import DecideForm
from lms.offline.staff_views import shown
from lms.offline.staff_views.blueprint import bp
from lms.offline.staff_views.one import page_of
from lms.web import guards


@bp.post("/training/<uuid:training_id>/decision")
@guards.requires(Permission.TRAINING_APPROVE)
def decide_training(training_id: UUID) -> Any:
    """Approves, returns or declines."""
    form, by = DecideForm(), shown.staff(Permission.TRAINING_APPROVE)
    asked = request.form.get("act", "")
    if asked not in {one.value for one in DECISIONS} or not form.validate_on_submit():
        raise Invalid
    act = Act(asked)
    try:
        handed_in = form.handing_in()
    except ValueError as error:
        raise Invalid from error
    try:
        service.decide(
            training_id,
            act,
            form.comment.data or "",
            by=by,
            seen_overlaps=bool(form.seen.data),
            handed_in=handed_in,
            now=clock.now(),
        )
    except (Invalid, Conflict, Forbidden) as error:
        shown.tell(form, error)
        return page_of(training_id, status=error.status, decide_form=form)
    told = {
        Act.APPROVE: _("已通过，学时已经计入。"),
        Act.RETURN: _("已退回，登记的单位会收到通知。"),
        Act.DECLINE: _("已登记为不予通过，登记的单位会收到通知。"),
    }
    flash(told[act], "success")
    return redirect(url_for(".training", training_id=training_id), 303)
