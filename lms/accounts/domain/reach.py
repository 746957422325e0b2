"""Who acts on people, and how far they reach."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from lms.kernel.scope import covers


@dataclass(frozen=True)
class Staff:
    """A person at work and the subtrees of unions in which they may act on others."""

    person_id: UUID
    scopes: tuple[str, ...]
    outranks: Callable[[UUID, UUID], bool] | None = field(default=None, compare=False)
    """(one, other): whether one could give every role of the other; asked where an act touches the other's account."""

    def reaches(self, path: str) -> bool:
        """Whether a unit lies in one of the subtrees."""
        return any(covers(scope, path) for scope in self.scopes)
