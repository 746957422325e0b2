"""What always holds of units, people, accounts, roles and the audit record: each rule is one query for what breaks it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.access.models import RoleGrantRow, role_delegation
from lms.accounts.models import AccountRow, AuthSessionRow, MembershipRow, PersonRow, SignInCodeRow
from lms.audit.models import AuditEntryRow
from lms.audit.service.recording import entry_mac
from lms.infra.db import reading
from lms.kernel.clock import SHANGHAI
from lms.organisations.models import UnitRow

SEPARATED = ("system_admin", "security_admin", "audit_admin")
LASTING = ("unit_admin", "security_admin")

Rule = Callable[[Session, datetime, datetime | None], Iterable[object]]
"""(session, now, since) -> what breaks the rule; `since` limits rules about acts to those that came after that moment."""
_standing = and_(PersonRow.merged_into.is_(None), PersonRow.closed_at.is_(None))


def violations(*, now: datetime, since: datetime | None = None) -> dict[str, list[object]]:
    """What is broken at the moment `now`, by rule; empty when all is well.

    Givers' rights are judged in today's tree: name a `since` from which on no unit moved.
    """
    with reading() as session:
        found = {name: list(rule(session, now, since)) for name, rule in RULES.items()}
    return {name: broken for name, broken in found.items() if broken}


def lasting_roles(session: Session, now: datetime) -> frozenset[str]:
    """The roles of national administrators that somebody with a usable account holds for good."""
    return frozenset(
        session.execute(
            select(RoleGrantRow.role)
            .join(UnitRow, and_(UnitRow.id == RoleGrantRow.unit_id, UnitRow.parent_id.is_(None)))
            .join(AccountRow, and_(AccountRow.person_id == RoleGrantRow.person_id, AccountRow.state == "active"))
            .where(
                RoleGrantRow.role.in_(LASTING),
                RoleGrantRow.from_at <= now,
                RoleGrantRow.ended_at.is_(None),
                RoleGrantRow.until_at.is_(None),
            )
        ).scalars()
    )


def _paths(session: Session, _now: datetime, _since: datetime | None) -> Iterable[object]:
    """A unit's path is its parent's path and its own part."""
    above = aliased(UnitRow)
    rows = session.execute(
        select(UnitRow.id, UnitRow.path, above.path.label("above")).outerjoin(above, above.id == UnitRow.parent_id)
    )
    return (row.id for row in rows if row.path != f"{row.above or '/'}{row.id.hex[-10:]}/")


def _primaries(session: Session, now: datetime, _since: datetime | None) -> Iterable[object]:
    """Primary memberships follow each other without gap or overlap; that of a person who is still there has no end."""
    today = now.astimezone(SHANGHAI).date()
    spans: dict[Any, list[Any]] = {}
    for row in session.execute(
        select(MembershipRow.person_id, MembershipRow.from_on, MembershipRow.until_on)
        .where(
            MembershipRow.is_primary, or_(MembershipRow.until_on.is_(None), MembershipRow.until_on > MembershipRow.from_on)
        )
        .order_by(MembershipRow.from_on)
    ):
        spans.setdefault(row.person_id, []).append((row.from_on, row.until_on))
    standing = frozenset(session.execute(select(PersonRow.id).where(_standing)).scalars())
    for person_id, held in spans.items():
        if any(ended != begun for (_, ended), (begun, _) in pairwise(held)):
            yield person_id, "gap or overlap", held
        if person_id in standing and (held[-1][1] is not None or held[0][0] > today):
            yield person_id, "no primary membership", held
        if person_id not in standing and held[-1][1] is None:
            yield person_id, "belongs on", held
    yield from standing - spans.keys()


def _listed(session: Session, now: datetime, _since: datetime | None) -> Iterable[object]:
    """A person is listed under today's primary unit, or the one that it became part of, and under that unit's path."""
    today = now.astimezone(SHANGHAI).date()
    rows = session.execute(
        select(PersonRow.id, PersonRow.unit_id, PersonRow.unit_path, UnitRow.path, MembershipRow.unit_id.label("today"))
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .outerjoin(
            MembershipRow,
            and_(
                MembershipRow.person_id == PersonRow.id,
                MembershipRow.is_primary,
                MembershipRow.from_on <= today,
                or_(MembershipRow.until_on.is_(None), MembershipRow.until_on > today),
                _standing,
            ),
        )
    ).all()
    into = dict(session.execute(select(UnitRow.id, UnitRow.merged_into).where(UnitRow.state == "merged")).tuples())
    for row in rows:
        present = row.today
        while present in into:
            present = into[present]
        if row.unit_path != row.path or (present is not None and present != row.unit_id):
            yield row.id, row.unit_id, row.unit_path, present


def _in_open_units(session: Session, _now: datetime, _since: datetime | None) -> Iterable[object]:
    """Nobody who is still there is listed under, or will belong to, a unit that is no more."""
    listed = select(PersonRow.id).join(UnitRow, UnitRow.id == PersonRow.unit_id).where(_standing, UnitRow.state != "open")
    coming = (
        select(MembershipRow.person_id)
        .join(UnitRow, UnitRow.id == MembershipRow.unit_id)
        .where(MembershipRow.until_on.is_(None), UnitRow.state != "open")
    )
    return [*session.execute(listed).scalars(), *session.execute(coming).scalars()]


def _sessions(session: Session, _now: datetime, _since: datetime | None) -> Iterable[object]:
    """Nobody is signed in with an account that is not active."""
    return session.execute(
        select(AuthSessionRow.id)
        .join(AccountRow, AccountRow.id == AuthSessionRow.account_id)
        .where(AuthSessionRow.ended_at.is_(None), AccountRow.state != "active")
    ).scalars()


def _gone(session: Session, _now: datetime, _since: datetime | None) -> Iterable[object]:
    """Merged people have merged accounts, closed ones closed accounts, and who they became is nobody's alias."""
    kept = aliased(PersonRow)
    merged, closed = PersonRow.merged_into.is_not(None), PersonRow.closed_at.is_not(None)
    return session.execute(
        select(PersonRow.id)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .outerjoin(kept, kept.id == PersonRow.merged_into)
        .where(
            or_(
                merged != (AccountRow.state == "merged"),
                closed != (AccountRow.state == "closed"),
                kept.merged_into.is_not(None),
            )
        )
    ).scalars()


def _separated(session: Session, _now: datetime, _since: datetime | None) -> Iterable[object]:
    """System, security and audit administrators hold no other role at the same time."""
    one, other = aliased(RoleGrantRow), aliased(RoleGrantRow)
    return session.execute(
        select(one.person_id).join(
            other,
            and_(
                other.person_id == one.person_id,
                other.role != one.role,
                one.role.in_(SEPARATED),
                one.ended_at.is_(None),
                other.ended_at.is_(None),
                or_(one.until_at.is_(None), one.until_at > other.from_at),
                or_(other.until_at.is_(None), other.until_at > one.from_at),
            ),
        )
    ).scalars()


def _given(session: Session, _now: datetime, since: datetime | None) -> Iterable[object]:
    """Whoever gave a role held one that hands it on, over the unit or above it, at that moment."""
    theirs, over, target = aliased(RoleGrantRow), aliased(UnitRow), aliased(UnitRow)
    right = (
        select(theirs.id)
        .join(over, over.id == theirs.unit_id)
        .join(role_delegation, role_delegation.c.giver == theirs.role)
        .where(
            theirs.person_id == RoleGrantRow.granted_by,
            role_delegation.c.given == RoleGrantRow.role,
            theirs.from_at <= RoleGrantRow.granted_at,
            or_(theirs.until_at.is_(None), theirs.until_at > RoleGrantRow.granted_at),
            or_(theirs.ended_at.is_(None), theirs.ended_at >= RoleGrantRow.granted_at),
            func.substr(target.path, 1, func.length(over.path)) == over.path,
        )
        .exists()
    )
    statement = (
        select(RoleGrantRow.id)
        .join(target, target.id == RoleGrantRow.unit_id)
        .where(RoleGrantRow.granted_by.is_not(None), or_(~right, RoleGrantRow.granted_by == RoleGrantRow.person_id))
    )
    if since is not None:
        statement = statement.where(RoleGrantRow.granted_at >= since)
    return session.execute(statement).scalars()


def _codes(session: Session, _now: datetime, _since: datetime | None) -> Iterable[object]:
    """An account has one open one-time code at most."""
    return session.execute(
        select(SignInCodeRow.account_id)
        .where(SignInCodeRow.ended_at.is_(None))
        .group_by(SignInCodeRow.account_id)
        .having(func.count() > 1)
    ).scalars()


def _audit(session: Session, _now: datetime, since: datetime | None) -> Iterable[object]:
    """Every entry of the audit record fits its HMAC."""
    statement = select(*AuditEntryRow.__table__.c)
    if since is not None:
        statement = statement.where(AuditEntryRow.at >= since)
    return (row.id for row in session.execute(statement) if entry_mac(row._asdict()) != row.mac)


RULES: dict[str, Rule] = {
    "the path of a unit is its parent's and its own part": _paths,
    "one primary membership a day": _primaries,
    "listed under today's primary unit and its path": _listed,
    "nobody in a unit that is no more": _in_open_units,
    "no open sign-in of an account that is not active": _sessions,
    "accounts of merged and closed people": _gone,
    "separated administrators": _separated,
    "givers had the right": _given,
    "one open one-time code": _codes,
    "the audit record is sound": _audit,
}
