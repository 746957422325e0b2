"""Four eyes: who has nobody above them is helped into their account by two equals, one who asks and one who confirms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from lms.access.domain import ranking, roles
from lms.access.domain.granting import GIVES
from lms.kernel.permissions import Permission
from lms.kernel.principal import Grant
from lms.kernel.scope import covers
from lms.kernel.verdict import Allowed, Denied, Verdict


class Help(StrEnum):
    """What is done for somebody who can't get into their account."""

    SIGN_IN_CODE = "sign_in_code"
    SECOND_FACTOR = "second_factor"


ASKS = {Help.SIGN_IN_CODE: Permission.CODE_ISSUE, Help.SECOND_FACTOR: Permission.ROLE_GRANT}
"""The permission by which one person alone gives each help to whom they stand above."""
WINDOW = timedelta(hours=24)
"""How long a request waits for its second person."""
SETTLED = timedelta(hours=24)
"""How long a role has to be held before it counts here: nobody makes the second person they need on the same day."""


@dataclass(frozen=True)
class Seat:
    """A role that holds over a subtree since a moment."""

    role: str
    path: str
    from_at: datetime


@dataclass(frozen=True)
class Asked:
    """A request for help: for whom, by whom, when; `open` while nobody decided it."""

    person_id: UUID
    asked_by: UUID
    asked_at: datetime
    open: bool


def needs_two(help_: Help, theirs: Iterable[Grant], root: str) -> bool:
    """Whether nobody could give this help alone to the holder of `theirs`, whatever roles over the nation at `root` they held.

    Who holds nothing is below everybody, so the answer for them is no.
    """
    held = tuple(theirs)
    return not any(
        any(ASKS[help_] in roles.permissions_of(one.role) for one in hands) and ranking.outranks(hands, held)
        for hands in _hands(root)
    )


def _hands(root: str) -> Iterable[tuple[Grant, ...]]:
    """The fullest sets of roles that one account may hold over the nation."""
    yield tuple(Grant(role, root) for role in sorted(roles.PERMISSIONS.keys() - roles.SEPARATED))
    for role in sorted(roles.SEPARATED):
        yield (Grant(role, root),)


def fits(seats: Iterable[Seat], theirs: Iterable[Grant], *, now: datetime) -> bool:
    """Whether the holder of `seats` could give each of `theirs` by roles held long enough: an equal, or somebody above."""
    settled = [one for one in seats if one.from_at <= now - SETTLED]
    return all(
        any(other.role in GIVES.get(one.role, frozenset()) and covers(one.path, other.path) for one in settled)
        for other in theirs
    )


def may_confirm(asked: Asked, confirmer: UUID, *, now: datetime) -> Verdict:
    """Whether somebody may be the second person: Denied("settled"), ("late"), ("helped") or ("asker")."""
    if not asked.open:
        return Denied("settled")
    if now >= asked.asked_at + WINDOW:
        return Denied("late")
    if confirmer == asked.person_id:
        return Denied("helped")
    if confirmer == asked.asked_by:
        return Denied("asker")
    return Allowed()
