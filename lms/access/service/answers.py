"""Answers "may this person do this to that?": the one place that all others ask."""

from datetime import datetime
from uuid import UUID

from lms.access import queries
from lms.access.domain import ranking, roles
from lms.accounts import queries as accounts
from lms.infra.db import reading
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.kernel.scope import covers
from lms.kernel.verdict import Allowed, Denied, Verdict


def may(principal: Principal, permission: Permission, path: str | None = None) -> Verdict:
    """Allowed when a grant brings `permission` over the object whose unit is at `path` (anywhere, when none is asked)."""
    for grant in principal.grants:
        if permission in roles.permissions_of(grant.role) and (path is None or covers(grant.path, path)):
            return Allowed()
    return Denied(str(permission))


def permissions_of(names: frozenset[str]) -> frozenset[Permission]:
    """What some roles allow, over whatever unit they are held."""
    return frozenset().union(*(roles.permissions_of(name) for name in names))


def scopes_for(principal: Principal, permission: Permission) -> tuple[str, ...]:
    """The subtrees over which the person has `permission`; every list of theirs is limited to them."""
    return tuple(g.path for g in principal.grants if permission in roles.permissions_of(g.role))


def outranks(one_id: UUID, other_id: UUID, now: datetime) -> bool:
    """Whether one person, as they stand now, stands above every role that the other holds or will hold."""
    with reading() as session:
        one = queries.principal_of_person(session, one_id, now=now)
        other = queries.held_or_coming(session, other_id, now=now)
    return one is not None and ranking.outranks(one.grants, other)


def could(person_id: UUID, permission: Permission, path: str, now: datetime) -> bool:
    """Whether somebody who is not the one that acts has a permission, as they stand now, over the unit at a path."""
    with reading() as session:
        found = queries.principal_of_person(session, person_id, now=now)
    return found is not None and bool(may(found, permission, path))


def could_issue(issuer_id: UUID, person_id: UUID, now: datetime) -> bool:
    """Whether somebody, as they stand now, may give a one-time code to somebody who works where that person works now."""
    with reading() as session:
        path = accounts.person(session, person_id).unit_path
        issuer = queries.principal_of_person(session, issuer_id, now=now)
        held = queries.held_or_coming(session, person_id, now=now)
    return (
        issuer is not None and bool(may(issuer, Permission.CODE_ISSUE, path)) and ranking.outranks(issuer.grants, held)
    )
