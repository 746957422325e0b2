"""What the staff pages of the tree show of a unit: where it stands, what this person may do, its history in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.kernel.errors import Forbidden
from lms.kernel.permissions import Permission
from lms.kernel.scope import covers
from lms.organisations import queries, service
from lms.organisations.domain.ranks import has_units_below
from lms.web import login, ports

PER_PAGE = 50
LONGEST_SEARCH = 120


@dataclass(frozen=True)
class May:
    """What this person may do to a unit: `edit` it where it stands, `place` it (its parent is in their hands too), `found` below it."""

    edit: bool
    place: bool
    found: bool


@dataclass(frozen=True)
class Told:
    """One change of a unit in words."""

    on: date
    text: str
    reason: str
    actor: str
    at: Any


def scopes(permission: Permission = Permission.UNIT_READ) -> tuple[str, ...]:
    """The subtrees over which this person has a permission."""
    return ports.scopes_for(login.current(), permission)


def readable(session: Session, unit_id: UUID) -> queries.Unit:
    """A unit that this person may read. Raises NotFound."""
    return queries.scoped_unit(session, unit_id, scopes())


def editable(session: Session, unit_id: UUID, *, place: bool = False) -> queries.Unit:
    """A unit that this person may edit; `place`: whose parent is in their hands too. Raises NotFound, Forbidden."""
    found = queries.scoped_unit(session, unit_id, scopes(Permission.UNIT_EDIT))
    if place and not may(found).place:
        raise Forbidden
    return found


def may(unit: queries.Unit) -> May:
    """What this person may do to a unit as it is now."""
    held = scopes(Permission.UNIT_EDIT)
    edit = any(covers(scope, unit.path) for scope in held)
    return May(
        edit=edit and unit.state == "open",
        place=service.placed_by(unit, held),
        found=edit and unit.state == "open" and has_units_below(unit.kind),
    )


def crumbs(session: Session, unit: queries.Unit, *last: str) -> list[tuple[str, str | None]]:
    """The way from the nation to a unit; what this person may not read is named without a link."""
    reach = scopes()
    way = [*queries.breadcrumbs(session, unit.path), unit]
    shown: list[tuple[str, str | None]] = [(_("组织机构"), url_for("organisations_staff.units"))]
    for one in way:
        inside = any(covers(scope, one.path) for scope in reach)
        shown.append((one.name, url_for("organisations_staff.unit_page", unit_id=one.id) if inside else None))
    return [*shown, *((text, None) for text in last)]


def history(session: Session, unit_id: UUID) -> tuple[Told, ...]:
    """A unit's history, the last change first; who changed it is named to those who reach them. Three statements."""
    changes = queries.changes(session, unit_id)
    names = _unit_names(session, changes)
    reader, actors = login.current(), [one.actor_id for one in changes if one.actor_id]
    people = ports.names_within(session, actors, scopes()) | {reader.person_id: reader.name}
    return tuple(
        Told(
            one.effective_on,
            str(_sentence(one, names)),
            one.reason,
            people.get(one.actor_id, _("其他工会的管理员")) if one.actor_id else "",
            one.at,
        )
        for one in changes
    )


def _unit_names(session: Session, changes: Sequence[queries.Change]) -> dict[str, str]:
    named = {
        side[key]
        for one in changes
        for side in (one.before, one.after)
        for key in ("parent", "into", "took_in")
        if side.get(key)
    }
    return {str(key): one.name for key, one in queries.units(session, [UUID(one) for one in named]).items()}


def _sentence(one: queries.Change, names: dict[str, str]) -> Any:
    before, after = one.before, one.after
    if one.action == "created":
        return _("建立")
    if one.action == "renamed":
        return _("改名：%(before)s → %(after)s", before=before["name"], after=after["name"])
    if one.action == "moved":
        return _(
            "划转：%(before)s → %(after)s", before=names.get(before["parent"], ""), after=names.get(after["parent"], "")
        )
    if one.action == "merged" and "into" in after:
        return _("并入：%(into)s", into=names.get(after["into"], ""))
    if one.action == "merged":
        return _("接收并入的单位：%(gone)s", gone=names.get(after["took_in"], ""))
    if one.action == "recoded":
        return _("统一社会信用代码：%(before)s → %(after)s", before=before["uscc"] or "—", after=after["uscc"] or "—")
    return _("撤销") if one.action == "closed" else _("恢复")
