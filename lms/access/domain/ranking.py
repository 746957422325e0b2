"""Who may help whom into their account: nobody gets at an account that can do as much as their own, or more."""

from collections.abc import Iterable

from lms.access.domain.granting import GIVES
from lms.kernel.principal import Grant
from lms.kernel.scope import covers


def outranks(one: Iterable[Grant], other: Iterable[Grant]) -> bool:
    """Whether the holder of the grants `one` could give each grant of `other` and stands above it; a learner, with none, is
    outranked by all."""
    held = tuple(one)
    return all(any(_above(mine, theirs) for mine in held) for theirs in other)


def _above(mine: Grant, theirs: Grant) -> bool:
    """Equals over one place, who could give each other's role, do not stand above each other."""
    gives = theirs.role in GIVES.get(mine.role, frozenset()) and covers(mine.path, theirs.path)
    given_back = mine.path == theirs.path and mine.role in GIVES.get(theirs.role, frozenset())
    return gives and not given_back
