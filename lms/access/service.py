"""Answers "may this person do this to that?" and grants roles."""

from datetime import datetime
from uuid import UUID

from lms.access import queries
from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.audit import service as audit
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.kernel.scope import covers
from lms.kernel.verdict import Allowed, Denied, Verdict


def may(principal: Principal, permission: Permission, path: str | None = None) -> Verdict:
    """Allowed when a grant brings `permission` over `path` (anywhere, when no path is asked)."""
    for grant in principal.grants:
        if permission in roles.permissions_of(grant.role) and (path is None or covers(grant.path, path)):
            return Allowed()
    return Denied(str(permission))


def scopes_for(principal: Principal, permission: Permission) -> tuple[str, ...]:
    """The subtrees over which the person has `permission`; every list of theirs is limited to them."""
    return tuple(g.path for g in principal.grants if permission in roles.permissions_of(g.role))


def needs_second_factor(person_id: UUID, *, now: datetime) -> bool:
    """Whether a role of the person asks for a second factor at sign-in."""
    with reading() as session:
        return roles.needs_second_factor(queries.roles_of(session, person_id, now=now))


def grant(person_id: UUID, role: str, unit_id: UUID, *, granted_by: UUID | None, reason: str, now: datetime) -> None:
    """Gives a role over a unit's subtree."""
    with unit_of_work() as session:
        session.add(
            RoleGrantRow(
                id=ids.new_id(now),
                person_id=person_id,
                role=role,
                unit_id=unit_id,
                from_at=now,
                granted_by=granted_by,
                reason=reason,
            )
        )
        audit.record(
            session,
            action="role.granted",
            object_type="person",
            object_id=person_id,
            actor_id=granted_by,
            details={"role": role, "unit": str(unit_id), "reason": reason},
            now=now,
        )
