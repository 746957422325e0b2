"""Who is acting: one person with the roles that hold at this moment."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Grant:
    """A role that holds over one subtree."""

    role: str
    path: str


@dataclass(frozen=True)
class Principal:
    """The signed-in person, as one query at the start of the request found them."""

    person_id: UUID
    account_id: UUID
    username: str
    name: str
    unit_id: UUID
    unit_path: str
    grants: tuple[Grant, ...]
    session_id: UUID

    @property
    def roles(self) -> frozenset[str]:
        """The names of all roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)
