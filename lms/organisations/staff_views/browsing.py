"""Pages that show the tree: where this person's unions begin, a search, one unit with its children and history, founding."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.kernel.scope import outermost
from lms.organisations import queries, service
from lms.organisations.domain.ranks import founded_below
from lms.organisations.forms import KIND_LABELS, STATE_LABELS, NewUnitForm
from lms.organisations.staff_views import shown
from lms.organisations.staff_views.blueprint import bp
from lms.web import guards, login, render


def after() -> UUID | None:
    """The last row of the page before, from ?after=. Raises NotFound for what is no id."""
    text = request.args.get("after")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise NotFound from error


@bp.get("/units")
@guards.requires(Permission.UNIT_READ)
def units() -> Any:
    """The unions at which this person's subtrees begin; with ?q= a search in all of them."""
    text = request.args.get("q", "").strip()[: shown.LONGEST_SEARCH]
    scopes = shown.scopes()
    with reading() as session:
        if text:
            found = queries.search(session, text, scopes, after=after(), limit=shown.PER_PAGE + 1)
        else:
            found = queries.at_paths(session, outermost(scopes))
        parents = queries.units(session, [one.parent_id for one in found if one.parent_id])
        waiting = queries.requests(session, shown.scopes(Permission.UNIT_EDIT), limit=1)
    if not text and len(found) == 1:
        return redirect(url_for("organisations_staff.unit_page", unit_id=found[0].id), 303)
    listed = found[: shown.PER_PAGE]
    more = len(found) > shown.PER_PAGE
    return render.page(
        "organisations/units.html",
        text=text,
        found=[(one, parents[one.parent_id].name if one.parent_id else "") for one in listed],
        next_url=url_for("organisations_staff.units", q=text, after=listed[-1].id) if more else None,
        waiting=bool(waiting),
        kinds=KIND_LABELS,
        states=STATE_LABELS,
    )


@bp.get("/units/<uuid:unit_id>")
@guards.requires(Permission.UNIT_READ)
def unit_page(unit_id: UUID) -> Any:
    """One unit: what it is, what stands below it, what happened to it."""
    with reading() as session:
        unit = shown.readable(session, unit_id)
        children = queries.children(session, unit.id, after=after(), limit=shown.PER_PAGE + 1)
        into = queries.units(session, [unit.merged_into]).get(unit.merged_into) if unit.merged_into else None
        waiting = queries.requests(session, tuple(s for s in (unit.path,) if shown.may(unit).edit), limit=1)
        crumbs, history = shown.crumbs(session, unit), shown.history(session, unit.id)
    listed = children[: shown.PER_PAGE]
    more = len(children) > shown.PER_PAGE
    return render.page(
        "organisations/unit.html",
        unit=unit,
        into=into,
        may=shown.may(unit),
        children=listed,
        first_url=url_for("organisations_staff.unit_page", unit_id=unit.id) if request.args.get("after") else None,
        next_url=url_for("organisations_staff.unit_page", unit_id=unit.id, after=listed[-1].id) if more else None,
        waiting=bool(waiting),
        kinds=KIND_LABELS,
        states=STATE_LABELS,
        crumbs=crumbs,
        history=history,
    )


@bp.get("/units/<uuid:unit_id>/units/new")
@guards.requires(Permission.UNIT_EDIT)
def new_unit_form(unit_id: UUID) -> Any:
    """The form of a new unit below this one."""
    return _new_unit_page(unit_id, NewUnitForm(formdata=None))


@bp.post("/units/<uuid:unit_id>/units")
@guards.requires(Permission.UNIT_EDIT)
def new_unit(unit_id: UUID) -> Any:
    """Founds a unit below this one."""
    with reading() as session:
        parent = shown.editable(session, unit_id)
    form = NewUnitForm()
    form.offer(founded_below(parent.kind))
    if not form.validate_on_submit():
        return _new_unit_page(unit_id, form, status=422)
    try:
        made = service.add_unit(
            parent_id=parent.id,
            name=form.name.data,
            kind=form.kind.data,
            uscc=form.uscc.data,
            actor_id=login.current().person_id,
            reason=form.reason.data or "",
            reach=shown.scopes(Permission.UNIT_EDIT),
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _new_unit_page(unit_id, form, status=422)
    flash(_("已新建：%(name)s", name=made.name), "success")
    return redirect(url_for("organisations_staff.unit_page", unit_id=made.id), 303)


def _new_unit_page(unit_id: UUID, form: NewUnitForm, *, status: int = 200) -> Any:
    with reading() as session:
        parent = shown.editable(session, unit_id)
        crumbs = shown.crumbs(session, parent, _("新建下级单位"))
    form.offer(founded_below(parent.kind))
    if not form.kind.choices or parent.state != "open":
        raise NotFound
    return render.page("organisations/new_unit.html", status=status, form=form, parent=parent, crumbs=crumbs)
