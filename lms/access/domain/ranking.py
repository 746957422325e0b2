"""Who may help whom into their account: nobody gets at an account that can do more than they could give."""

from collections.abc import Iterable

from lms.access.domain.granting import GIVES
from lms.kernel.principal import Grant
from lms.kernel.scope import covers


def outranks(one: Iterable[Grant], other: Iterable[Grant]) -> bool:
    """Whether the holder of the grants `one` could give each grant of `other`; a learner, with none, is outranked by all."""
    held = tuple(one)
    return all(
        any(theirs.role in GIVES.get(mine.role, frozenset()) and covers(mine.path, theirs.path) for mine in held)
        for theirs in other
    )
