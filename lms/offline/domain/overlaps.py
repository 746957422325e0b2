"""Finds what would count twice: the same training again is refused, days that overlap are told to whoever decides."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

LIKE_NOTHING = frozenset("的和与及第届期班")
"""Characters that two ways to write one title differ by."""


@dataclass(frozen=True)
class Held:
    """A training of a unit at `unit_path` that a person has in the ledger or waiting for approval."""

    person_id: UUID
    training_id: UUID
    title: str
    ledger: str
    from_on: date
    until_on: date
    unit_path: str = ""


@dataclass(frozen=True)
class Clash:
    """A person, and another training of theirs on the same days; `same` when it is the same training."""

    person_id: UUID
    other: Held
    same: bool


def clashes(training_id: UUID, title: str, from_on: date, until_on: date, held: Iterable[Held]) -> tuple[Clash, ...]:
    """What stands against a training, the same ones first.

    It is the same when title and days agree, in whichever ledger: one activity counts in one kind only (requirement 10).
    """
    name = plain(title)
    found = [
        Clash(one.person_id, one, (plain(one.title), one.from_on, one.until_on) == (name, from_on, until_on))
        for one in held
        if one.training_id != training_id and one.from_on <= until_on and one.until_on >= from_on
    ]
    return tuple(sorted(found, key=lambda one: (not one.same, one.other.from_on, str(one.person_id))))


def plain(title: str) -> str:
    """A title without what two people write differently: width, case, spaces, punctuation and small words."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    kept = "".join(c for c in folded if unicodedata.category(c)[0] in "LN" and c not in LIKE_NOTHING)
    return kept or folded
