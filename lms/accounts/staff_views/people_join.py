"""People who may be one, and joining two accounts of one person: looked at side by side, then with a reason, then for good."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.accounts import queries
from lms.accounts.domain import fieldregister
from lms.accounts.forms.people import JoinForm
from lms.accounts.service import joining
from lms.accounts.staff_views import people_shown as shown
from lms.accounts.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, render

PAGE = 30
NOT_SURE = N_("请勾选确认")


@bp.get("/people/twins")
@guards.requires(Permission.PERSON_JOIN)
def twins() -> Any:
    """Pairs of my scope who share a mobile number, or name and unit."""
    one_id, other_id = shown.asked_id("one"), shown.asked_id("other")
    after = (one_id, other_id) if one_id and other_id else None
    with reading() as session:
        found = queries.likely_pairs(session, shown.scopes(Permission.PERSON_JOIN), after=after, limit=PAGE + 1)
    pairs = found[:PAGE]
    more = len(found) > PAGE
    return render.page(
        "accounts/staff/twins.html",
        pairs=pairs,
        words=shown.words(),
        next_url=url_for(".twins", one=pairs[-1].one.id, other=pairs[-1].other.id) if more else None,
    )


@bp.get("/people/<uuid:person_id>/joining/<uuid:gone_id>")
@guards.requires(Permission.PERSON_JOIN)
def join_form(person_id: UUID, gone_id: UUID) -> Any:
    """Both accounts side by side: which one stays, and what happens to the other."""
    return _page(person_id, gone_id, JoinForm(formdata=None))


@bp.post("/people/<uuid:person_id>/joining/<uuid:gone_id>")
@guards.requires(Permission.PERSON_JOIN)
def join(person_id: UUID, gone_id: UUID) -> Any:
    """Joins the second account into the first; the reason leads to a last look, and only from there it is done."""
    form = JoinForm()
    if not form.validate_on_submit():
        return _page(person_id, gone_id, form, status=422)
    if "step" not in request.form:
        return _page(person_id, gone_id, form, last_look=True)
    if not form.sure.data:
        form.show({"sure": NOT_SURE})
        return _page(person_id, gone_id, form, last_look=True, status=422)
    by = shown.staff(Permission.PERSON_JOIN)
    try:
        joining.join(person_id, gone_id, by=by, reason=form.reason.data, now=clock.now())
    except (Invalid, Conflict, Forbidden) as error:
        form.show(error.fields or {"": error.title}, error.extra)
        return _page(person_id, gone_id, form, last_look=True, status=error.status)
    flash(_("两个账号已合并。"), "success")
    return redirect(url_for(".person_page", person_id=person_id), 303)


def _page(person_id: UUID, gone_id: UUID, form: JoinForm, *, last_look: bool = False, status: int = 200) -> Any:
    with reading() as session:
        kept = shown.editable(session, person_id, Permission.PERSON_JOIN)
        gone = shown.editable(session, gone_id, Permission.PERSON_JOIN)
    if kept.id == gone.id:
        raise NotFound
    return render.page(
        "accounts/staff/join.html",
        kept=kept,
        gone=gone,
        mobiles={one.id: fieldregister.mask("mobile", one.mobile) for one in (kept, gone)},
        form=form,
        last_look=last_look,
        words=shown.words(),
        status=status,
    )
