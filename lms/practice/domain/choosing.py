"""Which items a round of practice asks: what was never tried, then what went wrong last, then what lies longest back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

ROUND = 10
"""Items of a round: some five minutes, which fit into a break."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A published item, and how its last answer was; `last_at` is None when it was never tried."""

    version_id: UUID
    last_at: datetime | None = None
    last_right: bool = False


def choose(candidates: Iterable[Candidate], rng: Random, *, count: int = ROUND) -> tuple[UUID, ...]:
    """At most `count` of the candidates, each once. The same candidates and state of `rng` give the same round."""
    ordered = sorted(candidates, key=lambda one: one.version_id)
    rng.shuffle(ordered)  # what ranks alike comes in an order that nobody knows
    ordered.sort(key=_rank)
    return tuple(dict.fromkeys(one.version_id for one in ordered))[:count]


def _rank(one: Candidate) -> tuple[int, float]:
    if one.last_at is None:
        return 0, 0.0
    return (2 if one.last_right else 1), one.last_at.timestamp()
