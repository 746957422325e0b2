"""The page of one person, and the pages that change one thing about them: each says what it does and asks why."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _, lazy_gettext as _l

from lms.accounts import queries
from lms.accounts.domain import fieldregister
from lms.accounts.domain.reach import Staff
from lms.accounts.forms.people import EndForm, FactsForm, MoveForm, ReasonForm
from lms.accounts.queries.privacy import own_id_number
from lms.accounts.queries.sessions import open_sessions
from lms.accounts.service import identity, memberships, people as writing, standing
from lms.accounts.staff_views import people_shown as shown
from lms.accounts.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, Invalid, NotFound, TooMany
from lms.kernel.permissions import Permission
from lms.kernel.scope import covers
from lms.web import guards, login, render

CHOOSE = N_("请查找并选择单位")


@dataclass(frozen=True)
class Act:
    """One kind of change: its words, its form, and what does it."""

    endpoint: str
    heading: Any
    help: Any
    button: Any
    done: Any
    form: type[ReasonForm]
    run: Callable[[UUID, Any, Staff, datetime], object]
    dangerous: bool = False
    permission: Permission = Permission.PERSON_EDIT


CONFIRM = Act(
    "confirm",
    _l("确认身份"),
    _l("确认之前请核对本人证件或人事档案。确认后，已达到条件的证书会自动生成。"),
    _l("确认身份"),
    _l("身份已确认。"),
    ReasonForm,
    lambda person_id, form, by, now: identity.confirm(person_id, by=by, reason=form.reason.data, now=now),
    permission=Permission.PERSON_IDENTIFY,
)
DISABLE = Act(
    "disable",
    _l("停用账号"),
    _l("停用后立即退出所有设备，不能再登录；学时和证书不受影响，以后可以恢复。"),
    _l("停用账号"),
    _l("账号已停用。"),
    ReasonForm,
    lambda person_id, form, by, now: standing.disable(person_id, by=by, reason=form.reason.data, now=now),
    dangerous=True,
)
ENABLE = Act(
    "enable",
    _l("恢复账号"),
    _l("恢复后可以用原来的密码登录。"),
    _l("恢复账号"),
    _l("账号已恢复。"),
    ReasonForm,
    lambda person_id, form, by, now: standing.enable(person_id, by=by, reason=form.reason.data, now=now),
)
MOVE = Act(
    "move",
    _l("调动到另一个单位"),
    _l("从所填日期起归新单位；已经取得的学时仍记在当时的单位名下。日期在以后的，到那天自动生效。"),
    _l("办理调动"),
    _l("已办理调动。"),
    MoveForm,
    lambda person_id, form, by, now: memberships.move(
        person_id, unit_of(form), from_on=form.from_on.data, by=by, reason=form.reason.data, now=now
    ),
)
ADD_SECOND = Act(
    "add_secondary",
    _l("添加兼职单位"),
    _l("兼职单位在主要单位之外；学时只记在主要单位名下。"),
    _l("添加"),
    _l("已添加兼职单位。"),
    MoveForm,
    lambda person_id, form, by, now: memberships.add_secondary(
        person_id, unit_of(form), from_on=form.from_on.data, by=by, reason=form.reason.data, now=now
    ),
)


def unit_of(form: Any) -> UUID:
    """The unit that a form chose. Raises Invalid."""
    chosen = shown.as_id(form.unit.data)
    if chosen is None:
        raise Invalid(fields={"unit": CHOOSE})
    return chosen


@bp.get("/people/<uuid:person_id>")
@guards.requires(Permission.PERSON_READ)
def person_page(person_id: UUID) -> Any:
    """What is known of one person, and what may be done."""
    who, now = login.current(), clock.now()
    with reading() as session:
        found = queries.profile(session, person_id, shown.scopes())
        belongs = [_as_told(one) for one in queries.memberships_of(session, person_id)]
        signed_in = open_sessions(session, found.account_id, now=now)
        oneself = person_id == who.person_id
        # Their own page tells no more than their own pages do: a number that somebody else has was not kept.
        has_id_number = own_id_number(session, person_id) is not None if oneself else found.has_id_number
    editable = _reached(found, Permission.PERSON_EDIT)
    here = found.merged_into is None and found.closed_at is None
    return render.page(
        "accounts/staff/person.html",
        person=found,
        mobile=fieldregister.mask("mobile", found.mobile),
        memberships=belongs,
        ends=[one.id for one in belongs if shown.staff().reaches(one.unit_path)],
        today=now.astimezone(clock.SHANGHAI).date(),
        sessions=[(one, fieldregister.mask("session_address", one.address)) for one in signed_in],
        has_id_number=has_id_number,
        may_edit=editable and here and not oneself,
        may_confirm=_reached(found, Permission.PERSON_IDENTIFY),
        oneself=oneself,
        links=_links(found, oneself=oneself) if here else [],
        words=shown.words(),
    )


def _as_told(membership: queries.Membership) -> queries.Membership:
    """Why another union took somebody in is for who reaches that union; that it did goes with the person."""
    told = any(covers(scope, membership.unit_path) for scope in shown.scopes())
    return membership if told else replace(membership, reason="")


def _reached(found: queries.Profile, permission: Permission) -> bool:
    return any(covers(scope, found.unit_path) for scope in shown.scopes(permission))


def _links(found: queries.Profile, *, oneself: bool) -> list[tuple[str, str]]:
    """Pages of other matters of this person that the reader may open: (text, address). Nobody looks at their own number so."""
    matters = (
        (Permission.CODE_ISSUE, "accounts_staff.sign_in_help", _("登录帮助")),
        (Permission.PERSON_REVEAL, "accounts_staff.id_number_page", _("身份证号")),
        (Permission.ACCOMMODATION_GRANT, "accommodations_staff.person_page", _("便利安排")),
        (Permission.ROLE_READ, "access_staff.person_roles", _("角色授权")),
    )
    return [
        (text, url_for(endpoint, person_id=found.id))
        for permission, endpoint, text in matters
        if _reached(found, permission) and not (oneself and permission is Permission.PERSON_REVEAL)
    ]


@bp.get("/people/<uuid:person_id>/edit")
@guards.requires(Permission.PERSON_EDIT)
def edit_form(person_id: UUID) -> Any:
    """The form of a person's facts."""
    with reading() as session:
        found = shown.editable(session, person_id)
    facts = {name: getattr(found, name) for name in ("name", "sex", "post", "category", "employment", "appointed_on")}
    return _edit_page(found, FactsForm(formdata=None, mobile="", **facts))


@bp.post("/people/<uuid:person_id>/edit")
@guards.requires(Permission.PERSON_EDIT)
def edit(person_id: UUID) -> Any:
    """Writes changed facts."""
    with reading() as session:
        found = shown.editable(session, person_id)
    form = FactsForm()
    if not form.validate_on_submit():
        return _edit_page(found, form, status=422)
    try:
        naming = shown.scopes(Permission.PERSON_IDENTIFY)
        changed = writing.edit(person_id, form.facts(), by=shown.staff(), naming=naming, now=clock.now())
    except Invalid as error:
        form.take(error)
        return _edit_page(found, form, status=422)
    except TooMany as error:
        form.show({"mobile": error.title})
        return _edit_page(found, form, status=error.status)
    flash(_("已保存。") if changed else _("没有改动。"), "success")
    return _to_person(person_id)


def _edit_page(found: queries.Profile, form: FactsForm, *, status: int = 200) -> Any:
    mobile = fieldregister.mask("mobile", found.mobile)
    return render.page(
        "accounts/staff/edit_person.html",
        person=found,
        form=form,
        mobile=mobile,
        may_rename=_reached(found, Permission.PERSON_IDENTIFY),
        status=status,
    )


def _act_form(act: Act, person_id: UUID) -> Any:
    return _act_page(act, person_id, act.form(formdata=None))


def _act(act: Act, person_id: UUID) -> Any:
    """Does what the form asks, or shows it again: with what is wrong, or with the units that a search found."""
    form, by = act.form(), shown.staff(act.permission)
    sought = hasattr(form, "unit") and "find" in request.form
    if sought or not form.validate_on_submit():
        return _act_page(act, person_id, form, status=200 if sought else 422)
    try:
        act.run(person_id, form, by, clock.now())
    except Invalid as error:
        form.take(error)
        return _act_page(act, person_id, form, status=422)
    flash(str(act.done), "success")
    return _to_person(person_id)


def _act_page(act: Act, person_id: UUID, form: Any, *, status: int = 200) -> Any:
    reach = shown.scopes(act.permission)
    with reading() as session:
        found = queries.profile(session, person_id, reach)
        offered = shown.units_to_choose(session, form, reach) if hasattr(form, "unit") else None
    return render.page(
        "accounts/staff/act.html",
        act=act,
        person=found,
        form=form,
        choices=offered,
        action=url_for(f".{act.endpoint}", person_id=person_id),
        status=status,
    )


def _to_person(person_id: UUID) -> Any:
    return redirect(url_for(".person_page", person_id=person_id), 303)


@bp.get("/people/<uuid:person_id>/confirmation")
@guards.requires(Permission.PERSON_IDENTIFY)
def confirm_form(person_id: UUID) -> Any:
    """Asks how the identity was checked."""
    return _act_form(CONFIRM, person_id)


@bp.post("/people/<uuid:person_id>/confirmation")
@guards.requires(Permission.PERSON_IDENTIFY)
def confirm(person_id: UUID) -> Any:
    """The unit vouches for a person."""
    return _act(CONFIRM, person_id)


@bp.get("/people/<uuid:person_id>/disabling")
@guards.requires(Permission.PERSON_EDIT)
def disable_form(person_id: UUID) -> Any:
    """Asks why an account is taken away."""
    return _act_form(DISABLE, person_id)


@bp.post("/people/<uuid:person_id>/disabling")
@guards.requires(Permission.PERSON_EDIT)
def disable(person_id: UUID) -> Any:
    """Takes an account away at once."""
    return _act(DISABLE, person_id)


@bp.get("/people/<uuid:person_id>/enabling")
@guards.requires(Permission.PERSON_EDIT)
def enable_form(person_id: UUID) -> Any:
    """Asks why an account is given back."""
    return _act_form(ENABLE, person_id)


@bp.post("/people/<uuid:person_id>/enabling")
@guards.requires(Permission.PERSON_EDIT)
def enable(person_id: UUID) -> Any:
    """Gives an account back."""
    return _act(ENABLE, person_id)


@bp.get("/people/<uuid:person_id>/move")
@guards.requires(Permission.PERSON_EDIT)
def move_form(person_id: UUID) -> Any:
    """Asks for the new unit."""
    return _act_form(MOVE, person_id)


@bp.post("/people/<uuid:person_id>/move")
@guards.requires(Permission.PERSON_EDIT)
def move(person_id: UUID) -> Any:
    """Moves a person to another unit."""
    return _act(MOVE, person_id)


@bp.get("/people/<uuid:person_id>/memberships/new")
@guards.requires(Permission.PERSON_EDIT)
def add_secondary_form(person_id: UUID) -> Any:
    """Asks for a unit beside the primary one."""
    return _act_form(ADD_SECOND, person_id)


@bp.post("/people/<uuid:person_id>/memberships/new")
@guards.requires(Permission.PERSON_EDIT)
def add_secondary(person_id: UUID) -> Any:
    """Adds a membership beside the primary one."""
    return _act(ADD_SECOND, person_id)


@bp.get("/people/<uuid:person_id>/memberships/<uuid:membership_id>/end")
@guards.requires(Permission.PERSON_EDIT)
def end_secondary_form(person_id: UUID, membership_id: UUID) -> Any:
    """Asks when and why a membership ends."""
    return _end_page(person_id, membership_id, EndForm(formdata=None))


@bp.post("/people/<uuid:person_id>/memberships/<uuid:membership_id>/end")
@guards.requires(Permission.PERSON_EDIT)
def end_secondary(person_id: UUID, membership_id: UUID) -> Any:
    """Ends a membership beside the primary one."""
    form = EndForm()
    if not form.validate_on_submit():
        return _end_page(person_id, membership_id, form, status=422)
    try:
        memberships.end_secondary(
            person_id,
            membership_id,
            until_on=form.until_on.data,
            by=shown.staff(),
            reason=form.reason.data,
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _end_page(person_id, membership_id, form, status=422)
    flash(_("兼职已结束。"), "success")
    return _to_person(person_id)


def _end_page(person_id: UUID, membership_id: UUID, form: EndForm, *, status: int = 200) -> Any:
    with reading() as session:
        found = shown.editable(session, person_id)
        belongs = queries.memberships_of(session, person_id)
    membership = next((one for one in belongs if one.id == membership_id and not one.is_primary), None)
    if membership is None or not shown.staff().reaches(membership.unit_path):
        raise NotFound
    return render.page(
        "accounts/staff/end_membership.html", person=found, membership=membership, form=form, status=status
    )


@bp.post("/people/<uuid:person_id>/sessions/end")
@guards.requires(Permission.PERSON_EDIT)
def end_sessions(person_id: UUID) -> Any:
    """Signs a person out everywhere."""
    ended = standing.end_sessions(person_id, by=shown.staff(), now=clock.now())
    flash(_("已退出 %(count)s 处登录。", count=ended), "success")
    return _to_person(person_id)
