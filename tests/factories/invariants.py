"""What always holds of units, people, accounts, roles and the audit record: each rule is one query for what breaks it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lms.access.models import RoleGrantRow, role_delegation
from lms.accounts.models import AccountRow, AuthSessionRow, JoinProposalRow, MembershipRow, PersonRow, SignInCodeRow
from lms.audit.models import AuditEntryRow
from lms.audit.service.recording import entry_mac
from lms.infra.db import reading
from lms.infra.types import Instant
from lms.kernel.clock import SHANGHAI
from lms.organisations.models import UnitRow

SEPARATED = ("system_admin", "security_admin", "audit_admin")
LASTING = ("unit_admin", "security_admin")
EVER = datetime(1970, 1, 2, tzinfo=UTC)

Rule = Callable[[Session, datetime, datetime], Iterable[object]]
"""(session, now, since) -> what breaks the rule; `since` limits rules about acts to those from that moment on."""

# Built once: a machine asks all of them after each step.
_unit, _person, _membership = UnitRow.__table__, PersonRow.__table__, MembershipRow.__table__
_account, _stay, _code = AccountRow.__table__, AuthSessionRow.__table__, SignInCodeRow.__table__
_proposal = JoinProposalRow.__table__
_grant, _entry = RoleGrantRow.__table__, AuditEntryRow.__table__
_above, _over, _kept = _unit.alias("above"), _unit.alias("over_unit"), _person.alias("kept")
_one, _other, _theirs = _grant.alias("one"), _grant.alias("other"), _grant.alias("theirs")
_today, _now, _since = bindparam("today"), bindparam("now", type_=Instant), bindparam("since", type_=Instant)
_standing = and_(_person.c.merged_into.is_(None), _person.c.closed_at.is_(None))

_PATHS = select(_unit.c.id, _unit.c.path, _above.c.path.label("above")).outerjoin(
    _above, _above.c.id == _unit.c.parent_id
)
_SPANS = (
    select(_membership.c.person_id, _membership.c.from_on, _membership.c.until_on)
    .where(
        _membership.c.is_primary,
        or_(_membership.c.until_on.is_(None), _membership.c.until_on > _membership.c.from_on),
    )
    .order_by(_membership.c.from_on)
)
_STANDING = select(_person.c.id).where(_standing)
_LISTED = (
    select(_person.c.id, _person.c.unit_id, _person.c.unit_path, _unit.c.path, _membership.c.unit_id.label("today"))
    .join(_unit, _unit.c.id == _person.c.unit_id)
    .outerjoin(
        _membership,
        and_(
            _membership.c.person_id == _person.c.id,
            _membership.c.is_primary,
            _membership.c.from_on <= _today,
            or_(_membership.c.until_on.is_(None), _membership.c.until_on > _today),
            _standing,
        ),
    )
)
_MERGED = select(_unit.c.id, _unit.c.merged_into).where(_unit.c.state == "merged")
_LISTED_NOWHERE = (
    select(_person.c.id).join(_unit, _unit.c.id == _person.c.unit_id).where(_standing, _unit.c.state != "open")
)
_GOING_NOWHERE = (
    select(_membership.c.person_id)
    .join(_unit, _unit.c.id == _membership.c.unit_id)
    .where(_membership.c.until_on.is_(None), _unit.c.state != "open")
)
_ALONE = (
    select(_person.c.id)
    .outerjoin(_proposal, and_(_proposal.c.gone_id == _person.c.id, _proposal.c.state == "confirmed"))
    .where(
        _person.c.merged_into.is_not(None),
        or_(_proposal.c.id.is_(None), _proposal.c.decided_by == _proposal.c.proposed_by),
    )
)
_STAYS = (
    select(_stay.c.id)
    .join(_account, _account.c.id == _stay.c.account_id)
    .where(_stay.c.ended_at.is_(None), _account.c.state != "active")
)
_GONE = (
    select(_person.c.id)
    .join(_account, _account.c.person_id == _person.c.id)
    .outerjoin(_kept, _kept.c.id == _person.c.merged_into)
    .where(
        or_(
            _person.c.merged_into.is_not(None) != (_account.c.state == "merged"),
            and_(_person.c.merged_into.is_(None), _person.c.closed_at.is_not(None) != (_account.c.state == "closed")),
            _kept.c.merged_into.is_not(None),
            and_(_kept.c.id.is_not(None), _person.c.closed_at.is_not(None) != _kept.c.closed_at.is_not(None)),
        )
    )
)
_SEPARATED = select(_one.c.person_id).join(
    _other,
    and_(
        _other.c.person_id == _one.c.person_id,
        _other.c.role != _one.c.role,
        _one.c.role.in_(SEPARATED),
        _one.c.ended_at.is_(None),
        _other.c.ended_at.is_(None),
        or_(_one.c.until_at.is_(None), _one.c.until_at > _other.c.from_at),
        or_(_other.c.until_at.is_(None), _other.c.until_at > _one.c.from_at),
    ),
)
_RIGHT = (
    select(_theirs.c.id)
    .join(_over, _over.c.id == _theirs.c.unit_id)
    .join(role_delegation, role_delegation.c.giver == _theirs.c.role)
    .where(
        _theirs.c.person_id == _grant.c.granted_by,
        role_delegation.c.given == _grant.c.role,
        _theirs.c.from_at <= _grant.c.granted_at,
        or_(_theirs.c.until_at.is_(None), _theirs.c.until_at > _grant.c.granted_at),
        or_(_theirs.c.ended_at.is_(None), _theirs.c.ended_at >= _grant.c.granted_at),
        func.substr(_unit.c.path, 1, func.length(_over.c.path)) == _over.c.path,
    )
    .correlate(_grant, _unit)
    .exists()
)
_GIVEN = (
    select(_grant.c.id)
    .join(_unit, _unit.c.id == _grant.c.unit_id)
    .where(
        _grant.c.granted_by.is_not(None),
        or_(~_RIGHT, _grant.c.granted_by == _grant.c.person_id),
        _grant.c.granted_at >= _since,
    )
)
_CODES = (
    select(_code.c.account_id)
    .join(_account, _account.c.id == _code.c.account_id)
    .where(_code.c.ended_at.is_(None))
    .group_by(_code.c.account_id, _code.c.way, _account.c.state)
    .having(or_(func.count() > 1, _account.c.state != "active"))
)
_ENTRIES = select(*_entry.c).where(_entry.c.at >= _since)
_LASTING = (
    select(_grant.c.role)
    .join(_unit, and_(_unit.c.id == _grant.c.unit_id, _unit.c.parent_id.is_(None)))
    .join(_account, and_(_account.c.person_id == _grant.c.person_id, _account.c.state == "active"))
    .where(
        _grant.c.role.in_(LASTING), _grant.c.from_at <= _now, _grant.c.ended_at.is_(None), _grant.c.until_at.is_(None)
    )
)


def violations(*, now: datetime, since: datetime = EVER) -> dict[str, list[object]]:
    """What is broken at the moment `now`, by rule; empty when all is well.

    Givers' rights are judged in today's tree: name a `since` from which on no unit moved.
    """
    with reading() as session:
        found = {name: list(rule(session, now, since)) for name, rule in RULES.items()}
    return {name: broken for name, broken in found.items() if broken}


def lasting_roles(session: Session, now: datetime) -> frozenset[str]:
    """The roles of national administrators that somebody with a usable account holds for good."""
    return frozenset(session.execute(_LASTING, {"now": now}).scalars())


def _paths(session: Session, _now: datetime, _since: datetime) -> Iterable[object]:
    """A unit's path is its parent's path and its own part."""
    rows = session.execute(_PATHS)
    return (row.id for row in rows if row.path != f"{row.above or '/'}{row.id.hex[-10:]}/")


def _primaries(session: Session, now: datetime, _since: datetime) -> Iterable[object]:
    """Primary memberships follow each other without gap or overlap; that of a person who is still there has no end."""
    today = now.astimezone(SHANGHAI).date()
    spans: dict[Any, list[Any]] = {}
    for row in session.execute(_SPANS):
        spans.setdefault(row.person_id, []).append((row.from_on, row.until_on))
    standing = frozenset(session.execute(_STANDING).scalars())
    for person_id, held in spans.items():
        if any(ended != begun for (_, ended), (begun, _) in pairwise(held)):
            yield person_id, "gap or overlap", held
        if person_id in standing and (held[-1][1] is not None or held[0][0] > today):
            yield person_id, "no primary membership", held
        if person_id not in standing and held[-1][1] is None:
            yield person_id, "belongs on", held
    yield from standing - spans.keys()


def _listed(session: Session, now: datetime, _since: datetime) -> Iterable[object]:
    """A person is listed under today's primary unit, or the one that it became part of, and under that unit's path."""
    rows = session.execute(_LISTED, {"today": now.astimezone(SHANGHAI).date()}).all()
    into = {row.id: row.merged_into for row in session.execute(_MERGED)}
    for row in rows:
        present = row.today
        while present in into:
            present = into[present]
        if row.unit_path != row.path or (present is not None and present != row.unit_id):
            yield row.id, row.unit_id, row.unit_path, present


def _in_open_units(session: Session, _now: datetime, _since: datetime) -> Iterable[object]:
    """Nobody who is still there is listed under, or will belong to, a unit that is no more."""
    return [*session.execute(_LISTED_NOWHERE).scalars(), *session.execute(_GOING_NOWHERE).scalars()]


def _stays(session: Session, _now: datetime, _since: datetime) -> Iterable[object]:
    """Nobody is signed in with an account that is not active."""
    return session.execute(_STAYS).scalars()


def _gone(session: Session, _now: datetime, _since: datetime) -> Iterable[object]:
    """Merged people have merged accounts, closed ones closed accounts, and who they became is nobody's alias."""
    return session.execute(_GONE).scalars()


def _joined(session: Session, _now: datetime, _since: datetime) -> Iterable[object]:
    """Whoever was joined with another was so by two members of staff."""
    return session.execute(_ALONE).scalars()


def _separated(session: Session, _now: datetime, _since: datetime) -> Iterable[object]:
    """System, security and audit administrators hold no other role at the same time."""
    return session.execute(_SEPARATED).scalars()


def _given(session: Session, _now: datetime, since: datetime) -> Iterable[object]:
    """Whoever gave a role held one that hands it on, over the unit or above it, at that moment."""
    return session.execute(_GIVEN, {"since": since}).scalars()


def _codes(session: Session, _now: datetime, _since: datetime) -> Iterable[object]:
    """An active account has one open one-time code of a way at most, any other none."""
    return session.execute(_CODES).scalars()


def _audit(session: Session, _now: datetime, since: datetime) -> Iterable[object]:
    """Every entry of the audit record fits its HMAC."""
    rows = session.execute(_ENTRIES, {"since": since})
    return (row.id for row in rows if entry_mac(row._asdict()) != row.mac)


RULES: dict[str, Rule] = {
    "the path of a unit is its parent's and its own part": _paths,
    "one primary membership a day": _primaries,
    "listed under today's primary unit and its path": _listed,
    "nobody in a unit that is no more": _in_open_units,
    "no open sign-in of an account that is not active": _stays,
    "accounts of merged and closed people": _gone,
    "joined by two": _joined,
    "separated administrators": _separated,
    "givers had the right": _given,
    "one open one-time code of a way": _codes,
    "the audit record is sound": _audit,
}
