"""Reminding the people of a list: first who would get it and what it says, then the act."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from lms.accounts.domain.reach import Staff
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid
from lms.kernel.permissions import Permission
from lms.reporting import queries, service
from lms.reporting.forms import ReminderForm
from lms.reporting.queries import Sought
from lms.reporting.staff_views.asked import Asked, asked, this_year
from lms.reporting.staff_views.blueprint import bp
from lms.web import guards, login, render

COUNTED = 1000
SHOWN = 20


@bp.get("/hours/reminder")
@guards.requires(Permission.HOURS_REMIND)
def reminder_form() -> Any:
    """Who is behind, and what they would be told."""
    return _page(ReminderForm(formdata=None, words=_("请合理安排时间，按时完成今年的学习任务。")))


@bp.post("/hours/reminder")
@guards.requires(Permission.HOURS_REMIND)
def send_reminder() -> Any:
    """Has them reminded."""
    form = ReminderForm()
    with reading() as session:
        found = asked(session, Permission.HOURS_REMIND)
    if not form.validate_on_submit():
        return _page(form, status=422)
    by = Staff(login.current().person_id, found.sought.scopes)
    try:
        service.order(_behind(found), form.words.data, found.unit.id, by=by, now=clock.now())
    except Invalid as error:
        form.take(error)
        return _page(form, status=error.status)
    flash(_("已安排发送。最近 7 天内提醒过的人不会重复收到。"), "success")
    return redirect(url_for(".unit_hours", **found.kept), 303)


def _behind(found: Asked) -> Sought:
    """The list as the page shows it, of whom only those are reminded who are behind this year."""
    one = found.sought
    return Sought(one.scopes, this_year(), one.path, "behind", one.ledger, one.category)


def _page(form: ReminderForm, *, status: int = 200) -> Any:
    with reading() as session:
        found = asked(session, Permission.HOURS_REMIND)
        sought = _behind(found)
        count = queries.count_up_to(session, sought, limit=COUNTED + 1)
        people = queries.people_in(session, sought, limit=SHOWN)
    return render.page(
        "reporting/staff/reminder.html",
        form=form,
        unit=found.unit,
        kept=found.kept,
        count=count,
        many=count > COUNTED,
        counted=COUNTED,
        people=people,
        status=status,
    )
