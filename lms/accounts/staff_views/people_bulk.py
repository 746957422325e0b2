"""One act on several people of the list: first who it would touch, then, with a reason, the act."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _, ngettext

from lms.accounts import queries
from lms.accounts.forms.people import BulkForm
from lms.accounts.service import bulk
from lms.accounts.staff_views import people_shown as shown
from lms.accounts.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, render


@bp.post("/people/bulk")
@guards.requires(Permission.PERSON_EDIT)
def bulk_preview() -> Any:
    """Whom an act would touch, and the question why."""
    form = BulkForm()
    if not form.validate_on_submit() or form.act.data not in bulk.ACTS:
        raise Invalid
    if not request.form.getlist("person"):
        flash(_("请先选择人员。"), "warning")
        return redirect(url_for(".people"), 303)
    return _page(BulkForm(formdata=None, act=form.act.data))


@bp.post("/people/bulk/acts")
@guards.requires(Permission.PERSON_EDIT)
def bulk_act() -> Any:
    """Does it to all of them or to none."""
    form = BulkForm()
    if "find" in request.form:
        return _page(form)
    if not form.validate_on_submit():
        return _page(form, status=422)
    order = bulk.Order(
        form.act.data,
        _chosen(),
        form.reason.data or "",
        shown.as_id(form.unit.data),
        form.from_on.data,
    )
    try:
        done = bulk.run(order, by=shown.staff(_permission(form)), now=clock.now())
    except (Invalid, Conflict, Forbidden) as error:
        form.show(error.fields or {"": error.title}, error.extra)
        return _page(form, status=error.status)
    flash(ngettext("已办理 %(num)s 人。", "已办理 %(num)s 人。", done), "success")
    return redirect(url_for(".people"), 303)


def _permission(form: BulkForm) -> Permission:
    return Permission.PERSON_IDENTIFY if form.act.data == bulk.CONFIRM else Permission.PERSON_EDIT


def _chosen() -> list[Any]:
    """The ids that were ticked. Raises NotFound for what is none."""
    ids = [shown.as_id(text) for text in request.form.getlist("person")[: bulk.MOST + 1]]
    if None in ids:
        raise NotFound
    return ids


def _page(form: BulkForm, *, status: int = 200) -> Any:
    """Raises NotFound when one of the people is not in this person's hands, as when there is no such person."""
    chosen = _chosen()
    reach = shown.scopes(_permission(form))
    with reading() as session:
        people = queries.people_of_ids(session, chosen, reach)
        offered = shown.units_to_choose(session, form, reach) if form.act.data == "move" else None
    if len(people) != len(set(chosen)):
        raise NotFound
    titles = {"confirm": _("确认身份"), "move": _("调动到另一个单位"), "disable": _("停用账号")}
    if form.act.data not in titles:
        raise Invalid
    return render.page(
        "accounts/staff/bulk.html",
        form=form,
        people=people,
        title=titles[form.act.data],
        choices=offered,
        words=shown.words(),
        status=status,
    )
