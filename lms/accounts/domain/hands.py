"""What takes two persons is not for one who holds both accounts: who made the other's way in is no second person to them."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

RAISED = timedelta(days=30)
"""So long whom somebody gave a role or a one-time code is no second person to them, nor whom those made in turn."""
SAME_DAY = timedelta(hours=24)
"""So long two whom one hand made, or of whom one made the other, are none to each other."""

MOBILE_CHANGED = "person.mobile_changed"
"""The record's name for staff giving somebody another number: who gets in by a code that went there was let in by them."""

Makers = Callable[[frozenset[UUID], datetime], frozenset[UUID]]
"""(people, since): who gave any of these people a role, a one-time code or the number that one went to after a moment."""


def hands_behind(person_id: UUID, makers: Makers, since: datetime) -> frozenset[UUID]:
    """The person, who made them after a moment, who made those, and so on."""
    found = fresh = frozenset({person_id})
    while fresh:
        fresh = makers(fresh, since) - found
        found |= fresh
    return found


def one_hand(first_ids: Iterable[UUID], second_id: UUID, makers: Makers, *, now: datetime) -> bool:
    """Whether the second person is likely to be in the hand of one of the first ones, or both in the hand of a third.

    That somebody is one of the first ones themselves is another question, and no answer to this one.
    """
    firsts = frozenset(first_ids) - {second_id}
    if not firsts:
        return False
    if firsts & hands_behind(second_id, makers, now - RAISED):
        return True
    today = hands_behind(second_id, makers, now - SAME_DAY)
    return any(today & hands_behind(one, makers, now - SAME_DAY) for one in firsts)
