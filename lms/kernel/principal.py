"""Who is acting: one person with the roles that hold at this moment."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True)
class Grant:
    """A role that holds over one subtree."""

    role: str
    path: str


class Duty(StrEnum):
    """What a person has to do before anything else."""

    PASSWORD = "password"
    SECOND_FACTOR = "second_factor"
    PRIVACY = "privacy"


NOTED_EVERY = timedelta(minutes=5)
"""The last act is written down at most so often, and at most six times in the idle time."""


@dataclass(frozen=True)
class Stay:
    """How long a sign-in lasts: `seen_at` is the last act that was noted, `noted_every` after the one before at the earliest.

    Acts in between are not known, so a stay may last that much longer than its idle time says, never shorter.
    """

    seen_at: datetime
    ends_at: datetime
    idle: timedelta

    @property
    def noted_every(self) -> timedelta:
        """How often an act is written down."""
        return min(NOTED_EVERY, self.idle / 6)

    def idled(self, now: datetime) -> bool:
        """Whether nothing was done for too long."""
        return now - self.seen_at > self.idle + self.noted_every

    def left(self, now: datetime) -> timedelta:
        """How long the sign-in lasts if nothing is done from now on; never negative."""
        return max(timedelta(0), min(self.seen_at + self.idle + self.noted_every, self.ends_at) - now)


@dataclass(frozen=True)
class Principal:
    """The signed-in person, as one query at the start of the request found them; `stay` is None without a browser."""

    person_id: UUID
    account_id: UUID
    username: str
    name: str
    unit_id: UUID
    unit_path: str
    grants: tuple[Grant, ...]
    session_id: UUID
    duty: Duty | None = None
    stay: Stay | None = None
    grant_ids: tuple[UUID, ...] = field(default=(), compare=False)
    unread: int = 0  # messages, counted no further than a mark in the header tells

    @property
    def roles(self) -> frozenset[str]:
        """The names of all roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)
