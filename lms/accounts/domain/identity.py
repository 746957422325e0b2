"""How well it is known who somebody is, and what weakens it: what is proved holds for one name and one number."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lms.kernel.verdict import Allowed, Denied, Verdict

DECLARED, BY_UNIT, BY_NUMBER = LEVELS = ("declared", "unit", "id_number")
"""The weakest first."""
NAME_SETTLES = timedelta(days=30)
"""So long after a change of name nothing that was earned under another account passes to the new name, or from it."""


@dataclass(frozen=True)
class Known:
    """What two accounts are compared by; `named_at` is None for a name that was never changed."""

    name: str
    named_at: datetime | None
    has_id_number: bool


def without_number(level: str) -> str:
    """The level that remains when the number that proved it is gone or another one: the unit looked at the person's file."""
    return BY_UNIT if level == BY_NUMBER else level


def judge_join(one: Known, other: Known, *, now: datetime) -> Verdict:
    """Whether two accounts may be of one person.

    Denied with "two_people" (each has an ID number), "other_name", or "renamed" (a name was changed within NAME_SETTLES).
    """
    if one.has_id_number and other.has_id_number:
        return Denied("two_people")
    if one.name != other.name:
        return Denied("other_name")
    if any(each.named_at is not None and each.named_at > now - NAME_SETTLES for each in (one, other)):
        return Denied("renamed")
    return Allowed()
