"""Pages that change one unit: name, code, parent, merger, closing, reopening; each with what it touches, a day and a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, Invalid
from lms.kernel.permissions import Permission
from lms.organisations import queries, service
from lms.organisations.domain.ranks import KINDS, may_stand_below
from lms.organisations.forms import ChangeForm, RecodeForm, RenameForm, TargetForm
from lms.organisations.staff_views import shown
from lms.organisations.staff_views.blueprint import bp
from lms.web import guards, login, render

CHOOSE = N_("请查找并选择单位")


@dataclass(frozen=True)
class Page:
    """One kind of change: its address, its words, its form, and whether the parent has to be in the person's hands."""

    endpoint: str
    heading: Any
    help: Any
    done: Any
    form: type[ChangeForm]
    place: bool = True


RENAME = Page(
    "rename",
    _l("改名"),
    _l("过去的记录保留原来的名称，新名称从现在起使用。"),
    _l("名称已变更。"),
    RenameForm,
    place=False,
)
RECODE = Page(
    "recode",
    _l("统一社会信用代码"),
    _l("18 位，见登记证书；留空表示没有。"),
    _l("代码已变更。"),
    RecodeForm,
    place=False,
)
MOVE = Page(
    "move",
    _l("划转到另一个上级"),
    _l("连同全部下级单位和人员一起划转。已经取得的学时和证书仍记在当时的单位名下。"),
    _l("已划转。"),
    TargetForm,
)
MERGE = Page(
    "merge",
    _l("并入另一个单位"),
    _l("下级单位和人员转到并入的单位，本单位不再使用，历史保留。并入后不能自动还原。"),
    _l("已并入。"),
    TargetForm,
)
CLOSE = Page(
    "close",
    _l("撤销"),
    _l("只能撤销没有下级单位、没有人员的单位。其上的角色随之终止。撤销后可以恢复，角色须重新授予。"),
    _l("已撤销。"),
    ChangeForm,
)
REOPEN = Page("reopen", _l("恢复"), _l("恢复以后可以继续使用，历史连续。"), _l("已恢复。"), ChangeForm)


@bp.get("/units/<uuid:unit_id>/name")
@guards.requires(Permission.UNIT_EDIT)
def rename_form(unit_id: UUID) -> Any:
    """The form of another name."""
    return _page(unit_id, RENAME, None)


@bp.post("/units/<uuid:unit_id>/name")
@guards.requires(Permission.UNIT_EDIT)
def rename(unit_id: UUID) -> Any:
    """Gives the unit another name."""
    return _change(unit_id, RENAME, lambda form, act: service.rename(unit_id, form.name.data, act))


@bp.get("/units/<uuid:unit_id>/code")
@guards.requires(Permission.UNIT_EDIT)
def recode_form(unit_id: UUID) -> Any:
    """The form of another code."""
    return _page(unit_id, RECODE, None)


@bp.post("/units/<uuid:unit_id>/code")
@guards.requires(Permission.UNIT_EDIT)
def recode(unit_id: UUID) -> Any:
    """Sets the unit's code."""
    return _change(unit_id, RECODE, lambda form, act: service.recode(unit_id, form.uscc.data or "", act))


@bp.get("/units/<uuid:unit_id>/parent")
@guards.requires(Permission.UNIT_EDIT)
def move_form(unit_id: UUID) -> Any:
    """The form of another parent."""
    return _page(unit_id, MOVE, None)


@bp.post("/units/<uuid:unit_id>/parent")
@guards.requires(Permission.UNIT_EDIT)
def move(unit_id: UUID) -> Any:
    """Puts the unit under another parent."""
    return _change(unit_id, MOVE, lambda form, act: service.move(unit_id, UUID(form.target_id.data), act))


@bp.get("/units/<uuid:unit_id>/merger")
@guards.requires(Permission.UNIT_EDIT)
def merge_form(unit_id: UUID) -> Any:
    """The form of a merger."""
    return _page(unit_id, MERGE, None)


@bp.post("/units/<uuid:unit_id>/merger")
@guards.requires(Permission.UNIT_EDIT)
def merge(unit_id: UUID) -> Any:
    """Merges the unit into another one."""
    return _change(unit_id, MERGE, lambda form, act: service.merge(unit_id, UUID(form.target_id.data), act))


@bp.get("/units/<uuid:unit_id>/closing")
@guards.requires(Permission.UNIT_EDIT)
def close_form(unit_id: UUID) -> Any:
    """The form of closing."""
    return _page(unit_id, CLOSE, None)


@bp.post("/units/<uuid:unit_id>/closing")
@guards.requires(Permission.UNIT_EDIT)
def close(unit_id: UUID) -> Any:
    """Closes the unit."""
    return _change(unit_id, CLOSE, lambda _form, act: service.close(unit_id, act))


@bp.get("/units/<uuid:unit_id>/reopening")
@guards.requires(Permission.UNIT_EDIT)
def reopen_form(unit_id: UUID) -> Any:
    """The form of reopening."""
    return _page(unit_id, REOPEN, None)


@bp.post("/units/<uuid:unit_id>/reopening")
@guards.requires(Permission.UNIT_EDIT)
def reopen(unit_id: UUID) -> Any:
    """Opens the unit again."""
    return _change(unit_id, REOPEN, lambda _form, act: service.reopen(unit_id, act))


def _change(unit_id: UUID, page: Page, write: Callable[[Any, service.Act], None]) -> Any:
    form = page.form()
    with reading() as session:
        unit = shown.editable(session, unit_id, place=page.place)
        target = _choices(session, unit, page, form)
    if request.form.get("find"):
        return _page(unit_id, page, form, quiet=True)
    valid = form.validate_on_submit()
    if target is not None and target.chosen is None:
        form.show({"target_id": CHOOSE})
        valid = False
    if not valid:
        return _page(unit_id, page, form, status=422)
    try:
        act = service.Act(
            actor_id=login.current().person_id,
            reason=form.reason.data,
            now=clock.now(),
            effective_on=form.effective_on.data,
            seen=_uuid(form.seen.data),
            reach=shown.scopes(Permission.UNIT_EDIT),
        )
        write(form, act)
    except Invalid as error:
        form.take(error)
        return _page(unit_id, page, form, status=422)
    flash(str(page.done), "success")
    return redirect(url_for("organisations_staff.unit_page", unit_id=unit_id), 303)


def _page(unit_id: UUID, page: Page, form: Any, *, status: int = 200, quiet: bool = False) -> Any:
    fresh = form is None
    form = page.form(formdata=None) if fresh else form
    with reading() as session:
        unit = shown.editable(session, unit_id, place=page.place)
        if fresh:
            form.seen.data = str(queries.last_change_id(session, unit.id) or "")
        context = {
            "crumbs": shown.crumbs(session, unit, str(page.heading)),
            "touched": queries.touched(session, unit, now=clock.now()),
            "choices": _choices(session, unit, page, form),
        }
    if fresh and page is RENAME:
        form.name.data = unit.name
    if fresh and page is RECODE:
        form.uscc.data = unit.uscc or ""
    return render.page(
        "organisations/change.html",
        status=status,
        unit=unit,
        page=page,
        form=form,
        quiet=quiet,
        limit=queries.TOUCHED_LIMIT,
        **context,
    )


def _choices(session: Session, unit: queries.Unit, page: Page, form: Any) -> queries.Choices | None:
    """The units to choose from as the new place, None for changes that need none."""
    if page not in (MOVE, MERGE):
        return None
    kinds = tuple(k for k in KINDS if may_stand_below(unit.kind, k)) if page is MOVE else queries.OWN
    text = (form.target_query.data or "")[: shown.LONGEST_SEARCH]
    return queries.choices_within(
        session, text, _uuid(form.target_id.data), shown.scopes(Permission.UNIT_EDIT), kinds=kinds
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
