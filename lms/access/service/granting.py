"""Gives roles and ends them: checked against the giver's own roles, locked, recorded with the reason."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms import settings
from lms.access import queries
from lms.access.domain import granting
from lms.access.domain.roles import permissions_of
from lms.access.models import RoleGrantRow
from lms.access.queries import GrantEntry
from lms.access.service.answers import may
from lms.accounts import queries as accounts
from lms.accounts.service import codes
from lms.accounts.service.holding import PersonGone
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.numbers import NO_NUMBERS, tells_a_number
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.kernel.scope import covers
from lms.kernel.verdict import Denied
from lms.organisations import queries as organisations

REASON_NEEDED = N_("请说明理由")
ENDS_TOO_EARLY = N_("截止时间须晚于开始时间，并且尚未过去")
NOT_TO_ONESELF = N_("不能给自己授予角色")
IDENTITY_NEEDED = N_("此人的身份还没有得到确认。全国范围的角色只授予身份已确认的人，请先由其单位管理员确认。")
OUTLASTS = N_("您自己的授权有截止日期，您授予的角色不能晚于那一天，请填写截止日期")
UNIT_CLOSED = N_("这个单位已撤销或合并，不能再授予角色")
WRONG_PLACE = N_("这个角色不能授予到这一级单位")
REASON_LENGTH = 200
UNIT_MERGED = "单位已并入其他单位"
UNIT_IS_NO_MORE = "单位已撤销"


class MayNotGive(Forbidden):
    """The giver's own roles do not hand this one on at this place."""

    code, title = "may_not_give", N_("您不能在这个单位授予或终止这个角色")


class RolesExclude(Conflict):
    """System, security and audit administrators hold no other role."""

    code, title = "roles_exclude", N_("系统、安全、审计管理员三员分立，不能与其他角色由同一人担任")


class AlreadyHeld(Conflict):
    """The person holds this role over this unit."""

    code, title = "already_held", N_("此人在这个单位已有这个角色，请先终止原来的授权")


class HolderDisabled(Conflict):
    """An account that was taken away is given back before it gets a role."""

    code, title = "account_disabled", N_("此人员的账号已停用，恢复账号后才能授予角色")


class RolesMoveAlong(Forbidden):
    """Who moves a unit moves the roles over it, and gives them a new reach."""

    code, title = (
        "roles_move_along",
        N_("这个单位或其下级有人担任角色，须由同时管辖原上级和新上级并有授权权限的管理员划转或并入"),
    )


class RolesEndAlong(Forbidden):
    """Who closes a unit ends the roles over it."""

    code, title = "roles_end_along", N_("这个单位还有人担任角色，撤销会终止这些角色，须由有授权权限的管理员撤销")


class LastAdministrator(Conflict):
    """Without this one nobody could give roles any more."""

    code, title = "last_administrator", N_("这是最后一名全国管理员，须先有另一人担任同一角色")


@dataclass(frozen=True)
class NewGrant:
    """A role for a person over a unit's subtree, from `from_at` until `until_at`; None: until it is ended."""

    person_id: UUID
    role: str
    unit_id: UUID
    from_at: datetime
    until_at: datetime | None
    reason: str


def grant(new: NewGrant, *, giver: Principal, now: datetime) -> UUID:
    """Gives a role. Returns the grant's id.

    Raises NotFound when unit or person lie outside the giver's reach, MayNotGive, PersonGone, HolderDisabled,
    RolesExclude, AlreadyHeld, Invalid.
    """
    with unit_of_work() as session:
        accounts.lock_person(session, giver.person_id, new.person_id)
        unit = organisations.held_unit(session, new.unit_id)  # before roles, as who changes the tree takes them
        queries.lock_givers(session, giver.person_id)
        acting = queries.principal_of_person(session, giver.person_id, now=now)
        if acting is None:
            raise MayNotGive
        person = accounts.person(session, new.person_id)
        scopes = [one.path for one in acting.grants if granting.GIVES.get(one.role)]
        if not all(any(covers(scope, path) for scope in scopes) for path in (unit.path, person.unit_path)):
            raise NotFound
        if problems := _problems(new, giver_id=giver.person_id, now=now):  # told only of who is in reach
            raise Invalid(fields=problems)
        if unit.state != "open":
            raise Invalid(fields={"unit_id": UNIT_CLOSED})
        match granting.may_give(acting.grants, new.role, unit.kind, unit.path):
            case Denied("place"):
                raise Invalid(fields={"unit_id": WRONG_PLACE})
            case Denied():
                raise MayNotGive
        if accounts.still_there(session, person.id) and queries.username_of(session, person.id) is None:
            raise HolderDisabled
        if unit.kind == "national" and not person.confirmed:
            raise Invalid(fields={"username": IDENTITY_NEEDED})
        lasts = queries.given_until(session, giver.person_id, new.role, unit.path, now=now)
        if lasts is not None and (new.from_at >= lasts or new.until_at is None or new.until_at > lasts):
            raise Invalid(fields={"until_on": OUTLASTS})
        return _write(session, new, granted_by=giver.person_id, now=now)


def appoint(person_id: UUID, role: str, unit_id: UUID, *, reason: str, now: datetime) -> UUID:
    """Gives a role with no giver: how the first administrators come, and the people of a demo.

    In production only where nobody holds the role over the unit. Raises AlreadyHeld, PersonGone, RolesExclude.
    """
    with unit_of_work() as session:
        if settings.current().mode == "production" and queries.held_by_anyone(session, role, unit_id, now=now):
            raise AlreadyHeld
        return _write(session, NewGrant(person_id, role, unit_id, now, None, reason), granted_by=None, now=now)


def end(grant_id: UUID, *, ender: Principal, reason: str, now: datetime) -> None:
    """Ends a role at once, also one that is still to begin.

    Raises NotFound outside the ender's reach, MayNotGive, Conflict when it is over, LastAdministrator, Invalid.
    """
    if not reason.strip() or len(reason) > REASON_LENGTH:
        raise Invalid(fields={"reason": REASON_NEEDED})
    if tells_a_number(reason):
        raise Invalid(fields={"reason": NO_NUMBERS})
    with unit_of_work() as session:
        ending = queries.grant_entry(session, grant_id)  # its holder and unit never change
        if not may(ender, Permission.ROLE_GRANT, ending.unit_path):  # before anybody there is locked
            raise NotFound
        both = (ender.person_id, ending.person_id)
        accounts.lock_person(session, *both)
        organisations.held_unit(session, ending.unit_id)  # before roles, as who changes the tree takes them
        queries.lock_givers(session, *both)
        acting = queries.principal_of_person(session, ender.person_id, now=now)
        entry = queries.grant_entry(session, grant_id, lock=True)
        if acting is None or not any(
            Permission.ROLE_GRANT in permissions_of(one.role) and covers(one.path, entry.unit_path)
            for one in acting.grants
        ):
            raise NotFound
        if not granting.may_give(acting.grants, entry.role, entry.unit_kind, entry.unit_path):
            raise MayNotGive
        if entry.ended_at is not None or (entry.until_at is not None and entry.until_at <= now):
            raise Conflict
        if entry.at_the_root and entry.role in queries.last_of(session, entry.person_id, now=now):
            raise LastAdministrator
        _end(session, entry, ender_id=ender.person_id, reason=reason.strip(), now=now)


def refuse_to_lose(person_id: UUID, *, now: datetime) -> None:
    """Called before an account stops being usable. Raises LastAdministrator when nobody else could give roles then."""
    with unit_of_work() as session:
        if queries.last_of(session, person_id, now=now):
            raise LastAdministrator


def _end(session: Session, entry: GrantEntry, *, ender_id: UUID | None, reason: str, now: datetime) -> None:
    session.execute(
        update(RoleGrantRow)
        .where(RoleGrantRow.id == entry.id)
        .values(ended_at=now, ended_by=ender_id, end_reason=reason)
    )
    audit.mark_again(session, RoleGrantRow, entry.id)
    codes.end_issued_by(entry.person_id, now=now)
    _record(session, "role.ended", entry.person_id, _facts(entry) | {"reason": reason}, ender_id, now)


def follow_merger(gone_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """Ends the roles over a unit that became part of another one: who gave them gives them again where they are wanted."""
    with unit_of_work() as session:
        unit = organisations.unit(session, gone_id)
        for entry in queries.lasting_within(session, unit.path, now=now):
            if entry.unit_id == gone_id:
                _end(session, entry, ender_id=actor_id, reason=UNIT_MERGED, now=now)


def follow_closing(path: str, *, actor_id: UUID | None, now: datetime) -> None:
    """Asked before the unit at `path` closes: the roles over it end, so that none comes back by itself when it is reopened.

    Only who gives roles there may do that; the platform itself (None) does. Raises RolesEndAlong.
    """
    with unit_of_work() as session:
        held = queries.lasting_within(session, path, now=now)
        if held and actor_id is not None and not _gives_at(session, actor_id, (path,), now=now):
            raise RolesEndAlong
        for entry in held:
            _end(session, entry, ender_id=actor_id, reason=UNIT_IS_NO_MORE, now=now)


def follow_move(path: str, to: str, *, actor_id: UUID | None, now: datetime) -> None:
    """Asked before the subtree at `path` goes below `to`: the roles in it reach another place then, which is on the record.

    Only who gives roles at both places may do that; the platform itself (None) does. Raises RolesMoveAlong.
    """
    with unit_of_work() as session:
        held = queries.lasting_within(session, path, now=now)
        if not held:
            return
        if actor_id is not None and not _gives_at(session, actor_id, (path, to), now=now):
            raise RolesMoveAlong
        for entry in held:
            details = _facts(entry) | {"path": entry.unit_path, "moved": path, "below": to}
            _record(session, "role.moved", entry.person_id, details, actor_id, now)


def _gives_at(session: Session, person_id: UUID, places: tuple[str, ...], *, now: datetime) -> bool:
    acting = queries.principal_of_person(session, person_id, now=now)
    return acting is not None and all(may(acting, Permission.ROLE_GRANT, place) for place in places)


def _problems(new: NewGrant, *, giver_id: UUID, now: datetime) -> dict[str, str]:
    problems = {}
    if not new.reason.strip() or len(new.reason) > REASON_LENGTH:
        problems["reason"] = REASON_NEEDED
    elif tells_a_number(new.reason):
        problems["reason"] = NO_NUMBERS
    if new.until_at is not None and (new.until_at <= new.from_at or new.until_at <= now):
        problems["until_on"] = ENDS_TOO_EARLY
    if new.person_id == giver_id:
        problems["username"] = NOT_TO_ONESELF
    return problems


def _write(session: Session, new: NewGrant, *, granted_by: UUID | None, now: datetime) -> UUID:
    if not accounts.still_there(session, new.person_id):
        raise PersonGone
    held = queries.held_between(session, new.person_id, new.from_at, new.until_at)
    if granting.clashes(new.role, {one.role for one in held}):
        raise RolesExclude
    _close_what_ran_out(session, new)
    grant_id = ids.new_id(now)
    session.add(
        RoleGrantRow(
            id=grant_id,
            person_id=new.person_id,
            role=new.role,
            unit_id=new.unit_id,
            from_at=new.from_at,
            until_at=new.until_at,
            granted_at=now,
            granted_by=granted_by,
            reason=new.reason.strip(),
        )
    )
    session.flush()
    entry = queries.grant_entry(session, grant_id)
    _record(session, "role.granted", new.person_id, _facts(entry) | {"reason": entry.reason}, granted_by, now)
    return grant_id


def _close_what_ran_out(session: Session, new: NewGrant) -> None:
    """A grant that ended by its last day makes room for the next one. Raises AlreadyHeld when it still goes on."""
    before = queries.open_grant(session, new.person_id, new.role, new.unit_id)
    if before is None:
        return
    grant_id, until_at = before
    if until_at is None or until_at > new.from_at:
        raise AlreadyHeld
    session.execute(update(RoleGrantRow).where(RoleGrantRow.id == grant_id).values(ended_at=until_at))
    audit.mark_again(session, RoleGrantRow, grant_id)


def _facts(entry: GrantEntry) -> dict[str, str]:
    """What the record keeps of a grant: nothing personal."""
    return {
        "grant": str(entry.id),
        "role": entry.role,
        "unit": str(entry.unit_id),
        "from": entry.from_at.isoformat(),
        "until": entry.until_at.isoformat() if entry.until_at else "",
    }


def _record(
    session: Session, action: str, person_id: UUID, details: dict[str, str], actor_id: UUID | None, now: datetime
) -> None:
    audit.record(
        session, action=action, object_type="person", object_id=person_id, actor_id=actor_id, details=details, now=now
    )
