"""Staff pages of roles: who holds which over what, giving one, ending one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms import SelectChoice

from lms.access import queries, service
from lms.access.domain import granting, roles
from lms.access.forms import ROLE_NAMES, EndForm, GrantForm
from lms.access.queries import GrantEntry, GrantFilter
from lms.access.staff_views.blueprint import bp
from lms.accounts import queries as accounts
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import Conflict, DomainError, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.kernel.scope import covers
from lms.organisations import queries as organisations
from lms.organisations.queries import Unit
from lms.web import addresses, guards, login, render

PAGE = 50
UNITS_SHOWN = 20
STATES = ("open", "soon", "ended", "all")


@dataclass(frozen=True)
class ShownGrant:
    """A grant with what its role and its state are called."""

    entry: GrantEntry
    role_name: str
    state: str


@bp.get("/roles")
@guards.requires(Permission.ROLE_READ)
def role_list() -> Any:
    """Roles over the units in my scope, narrowed by role, unit and state, the newest first."""
    now, scopes = clock.now(), _scopes()
    state = request.args.get("state", "open")
    role = request.args.get("role", "")
    unit_name = request.args.get("unit_name", "").strip()[:60]
    after = request.args.get("after", None, type=UUID)
    if state not in STATES or (role and role not in granting.PLACES):
        raise NotFound
    with reading() as session:
        unit = _unit_asked(session, scopes)
        narrowed = GrantFilter(role, unit.path if unit else "", "" if state == "all" else state)
        found = queries.grants_within(session, scopes, narrowed, now=now, before=after, limit=PAGE + 1)
        units = organisations.search(session, unit_name, scopes, limit=UNITS_SHOWN) if unit_name else None
    kept: dict[str, Any] = {"state": state, "role": role or None, "unit": unit.id if unit else None}
    return render.page(
        "access/role_list.html",
        grants=_shown(found[:PAGE], now),
        roles=_role_choices(granting.PLACES),
        states=_state_choices(),
        state=state,
        role=role,
        unit=unit,
        unit_name=unit_name,
        units=units,
        kept=kept,
        next_url=url_for(".role_list", after=found[PAGE - 1].id, **kept) if len(found) > PAGE else None,
        first_url=url_for(".role_list", **kept) if after else None,
        gives=_may_give(),
    )


@bp.get("/people/<uuid:person_id>/roles")
@guards.requires(Permission.ROLE_READ)
def person_roles(person_id: UUID) -> Any:
    """All roles that a person in my scope has or had over units in my scope."""
    scopes = _scopes()
    with reading() as session:
        person = accounts.person(session, person_id)
        if not any(covers(scope, person.unit_path) for scope in scopes):
            raise NotFound
        found = queries.grants_of_person(session, person_id, scopes)
        active = queries.username_of(session, person_id) is not None
    return render.page(
        "access/person_roles.html",
        person=person,
        grants=_shown(found, clock.now()),
        give_url=url_for(".grant_form", person=person_id) if active and _may_give() else None,
    )


@bp.get("/roles/<uuid:grant_id>")
@guards.requires(Permission.ROLE_READ)
def grant_page(grant_id: UUID) -> Any:
    """One grant, and the form that ends it for who may."""
    return _grant_page(grant_id, EndForm(formdata=None))


@bp.post("/roles/<uuid:grant_id>/end")
@guards.requires(Permission.ROLE_GRANT)
def end_grant(grant_id: UUID) -> Any:
    """Ends a role at once."""
    form = EndForm()
    if not form.validate():
        return _grant_page(grant_id, form, status=422)
    service.end(grant_id, ender=login.current(), reason=form.reason.data, now=clock.now())
    flash(_("角色已终止，从对方的下一次操作起生效。"), "success")
    return redirect(url_for(".grant_page", grant_id=grant_id), 303)


@bp.get("/roles/new")
@guards.requires(Permission.ROLE_GRANT)
def grant_form() -> Any:
    """Asks for whom, then shows what may be given to the person of ?person=: a user name stands in no address."""
    username = _username_asked()
    form = GrantForm(formdata=None, data={"username": username, "from_on": _today()})
    return _form_page(form, username, request.args.get("unit_name", "").strip()[:60])


@bp.post("/roles")
@guards.requires(Permission.ROLE_GRANT)
def grant() -> Any:
    """Finds the person by user name, or gives them a role."""
    if request.form.get("find"):
        return _find()
    form, giver = GrantForm(), login.current()
    form.role.choices = _role_choices(granting.roles_to_give(giver.grants))
    username = (form.username.data or "").strip()[:40]
    if not form.validate():
        return _form_page(form, username, "", status=422)
    now = clock.now()
    with reading() as session:
        person = accounts.person_of_username(session, username)
    try:
        new = service.NewGrant(
            person_id=person.id,
            role=form.role.data,
            unit_id=_uuid(form.unit_id.data),
            from_at=now if form.from_on.data <= _today() else _midnight(form.from_on.data),
            until_at=_midnight(form.until_on.data + timedelta(days=1)) if form.until_on.data else None,
            reason=form.reason.data,
        )
        service.grant(new, giver=giver, now=now)
    except Invalid as error:
        form.take(error)
        return _form_page(form, username, "", status=422)
    except Conflict as error:
        form.show({"": error.title})
        return _form_page(form, username, "", status=error.status)
    flash(_("已授权，从对方的下一次操作起生效。"), "success")
    return redirect(url_for(".person_roles", person_id=person.id), 303)


def _find() -> Any:
    username = request.form.get("username", "").strip()[:40]
    unit_name = request.form.get("unit_name", "").strip()[:60]
    with reading() as session:
        person = _person_in_reach(session, username, _scopes())
    if person is None or addresses.tell_a_number(unit_name):
        form = GrantForm(formdata=None, data={"username": username, "from_on": _today()})
        return _form_page(form, username, unit_name)
    return redirect(url_for(".grant_form", person=person.id, unit_name=unit_name or None), 303)


def _username_asked() -> str:
    """The user name of the person of ?person=, "" when none is asked for. Raises NotFound alike for out of reach and absent."""
    text = request.args.get("person", "")
    if not text:
        return ""
    with reading() as session:
        person = accounts.person(session, _uuid(text))
        username = queries.username_of(session, person.id)
    if username is None or not any(covers(scope, person.unit_path) for scope in _scopes()):
        raise NotFound
    return username


def _form_page(form: GrantForm, username: str, unit_name: str, *, status: int = 200) -> Any:
    giver = login.current()
    scopes = _scopes()
    chosen = form.unit_id.data or ""
    with reading() as session:
        person = _person_in_reach(session, username, scopes) if username else None
        units = _units_for(session, person, unit_name, chosen, scopes) if person else ()
    form.role.choices = _role_choices(granting.roles_to_give(giver.grants))
    form.unit_id.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
    return render.page(
        "access/grant_form.html", form=form, username=username, person=person, unit_name=unit_name, status=status
    )


def _person_in_reach(session: Session, username: str, scopes: tuple[str, ...]) -> accounts.Person | None:
    """The person of a user name; None alike for a name that does not exist and for somebody outside the scopes."""
    try:
        person = accounts.person_of_username(session, username)
    except NotFound:
        return None
    return person if any(covers(scope, person.unit_path) for scope in scopes) else None


def _units_for(
    session: Session, person: accounts.Person, unit_name: str, chosen: str, scopes: tuple[str, ...]
) -> tuple[Unit, ...]:
    """The units to choose from: where the person belongs and what stands above it, what was searched for, what was chosen."""
    if unit_name:
        found = organisations.search(session, unit_name, scopes, limit=UNITS_SHOWN)
        return tuple(unit for unit in found if unit.state == "open")
    parts = person.unit_path.strip("/").split("/")
    chain = ["/" + "/".join(parts[:length]) + "/" for length in range(len(parts), 0, -1)]
    above = organisations.at_paths(session, [path for path in chain if any(covers(scope, path) for scope in scopes)])
    units = {unit.id: unit for unit in sorted(above, key=lambda unit: -len(unit.path))}
    try:
        asked = organisations.scoped_unit(session, _uuid(chosen), scopes)
        units.setdefault(asked.id, asked)
    except DomainError:
        pass
    return tuple(unit for unit in units.values() if unit.state == "open")


def _grant_page(grant_id: UUID, form: EndForm, *, status: int = 200) -> Any:
    now, who = clock.now(), login.current()
    with reading() as session:
        entry = queries.grant_entry(session, grant_id)
        if not service.may(who, Permission.ROLE_READ, entry.unit_path):
            raise NotFound
        hands = [one for one in (entry.granted_by, entry.ended_by) if one is not None]
        names = accounts.names_within(session, hands, _scopes()) | {who.person_id: who.name}
    (shown,) = _shown([entry], now)
    ends = shown.state != "ended" and granting.may_give(who.grants, entry.role, entry.unit_kind, entry.unit_path)
    return render.page(
        "access/grant.html",
        shown=shown,
        giver=_named(entry.granted_by, names) or _("平台初始设置"),
        ender=_named(entry.ended_by, names),
        form=form if ends else None,
        status=status,
    )


def _named(person_id: UUID | None, names: dict[UUID, str]) -> str:
    """Who gave or ended a role, as the reader may know them."""
    return "" if person_id is None else names.get(person_id, _("其他工会的管理员"))


def _scopes() -> tuple[str, ...]:
    return service.scopes_for(login.current(), Permission.ROLE_READ)


def _may_give() -> bool:
    return bool(service.may(login.current(), Permission.ROLE_GRANT))


def _unit_asked(session: Session, scopes: tuple[str, ...]) -> Unit | None:
    text = request.args.get("unit", "")
    return organisations.scoped_unit(session, _uuid(text), scopes) if text else None


def _shown(entries: Iterable[GrantEntry], now: datetime) -> list[ShownGrant]:
    return [ShownGrant(one, str(ROLE_NAMES.get(one.role, one.role)), one.state(now)) for one in entries]


def _role_choices(names: Iterable[str]) -> list[SelectChoice]:
    ordered = [role for role in roles.PERMISSIONS if role in set(names)]
    return [SelectChoice(role, ROLE_NAMES[role]) for role in ordered]


def _state_choices() -> list[tuple[str, str]]:
    return [("open", _("有效")), ("soon", _("30 天内到期")), ("ended", _("已结束")), ("all", _("全部"))]


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError as error:
        raise NotFound from error


def _today() -> date:
    return clock.now().astimezone(SHANGHAI).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
