"""Who may give which role where: nobody gives what their own role does not hand on, and nobody holds two keys at once."""

from collections.abc import Iterable
from datetime import datetime

from lms.access.domain import roles
from lms.kernel.principal import Grant
from lms.kernel.scope import covers
from lms.kernel.verdict import Allowed, Denied, Verdict

GIVES: dict[str, frozenset[str]] = {
    roles.UNIT_ADMIN: frozenset(
        {
            roles.UNIT_ADMIN,
            roles.UPLOADER,
            roles.PROVINCE_REVIEWER,
            roles.NATIONAL_REVIEWER,
            roles.CLASS_MANAGER,
            roles.CLASS_TUTOR,
            roles.TEACHER_POOL_EDITOR,
        }
    ),
    roles.SECURITY_ADMIN: roles.SEPARATED | {roles.UNIT_ADMIN},
}
"""Which roles the holder of a role gives, and takes away again, within the subtree of their own grant."""

_EVERYWHERE = frozenset({"national", "province", "industry", "city", "county", "township", "unit"})
PLACES: dict[str, frozenset[str]] = {
    roles.UPLOADER: _EVERYWHERE,
    roles.PROVINCE_REVIEWER: frozenset({"province", "industry"}),
    roles.NATIONAL_REVIEWER: frozenset({"national"}),
    roles.CLASS_MANAGER: _EVERYWHERE,
    roles.CLASS_TUTOR: _EVERYWHERE,
    roles.UNIT_ADMIN: _EVERYWHERE,
    roles.TEACHER_POOL_EDITOR: _EVERYWHERE,
    roles.SYSTEM_ADMIN: frozenset({"national"}),
    roles.SECURITY_ADMIN: frozenset({"national"}),
    roles.AUDIT_ADMIN: frozenset({"national"}),
}
"""Over which kinds of unit a role can be held; every person is a learner without a grant."""

LASTING = frozenset({roles.UNIT_ADMIN, roles.SECURITY_ADMIN})
"""Over the national root somebody always holds these without an end: nobody else could ever give them again."""


def may_give(giver: Iterable[Grant], role: str, unit_kind: str, path: str) -> Verdict:
    """Whether somebody with the grants `giver`, all in force, may give (or end) `role` over the unit at `path`.

    Denied("place"): the role is held over no such unit. Denied("reach"): none of the giver's roles hands it on there.
    """
    if unit_kind not in PLACES.get(role, frozenset()):
        return Denied("place")
    return Allowed() if any(hands_on(grant, role, path) for grant in giver) else Denied("reach")


def hands_on(grant: Grant, role: str, path: str) -> bool:
    """Whether this grant lets its holder give `role` at `path`."""
    return role in GIVES.get(grant.role, frozenset()) and covers(grant.path, path)


def roles_to_give(giver: Iterable[Grant]) -> frozenset[str]:
    """The roles that somebody may give somewhere."""
    return frozenset().union(*(GIVES.get(grant.role, frozenset()) for grant in giver))


def clashes(role: str, held: Iterable[str]) -> bool:
    """Whether `role` can't be held beside the roles `held` at one time.

    System, security and audit administrators check each other: who is one of them holds no other role at all.
    """
    others = set(held) - {role}
    return bool(others) and (role in roles.SEPARATED or bool(others & roles.SEPARATED))


def overlap(from_a: datetime, until_a: datetime | None, from_b: datetime, until_b: datetime | None) -> bool:
    """Whether two spans share a moment; a span without an end goes on."""
    return (until_a is None or until_a > from_b) and (until_b is None or until_b > from_a)
