"""Asks whoever holds a classroom, at moments they can't foresee, whether they are still there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from lms.learning.domain.intervals import Span

FROM, TO = timedelta(minutes=10), timedelta(minutes=20)
ANSWER_WITHIN = timedelta(seconds=120)
"""Longer than for a single viewer: a host may stand at the other end of the room."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A check that waits: since when, and until when answering costs nothing."""

    at: datetime
    answer_by: datetime


def next_check(now: datetime, rng: Random) -> datetime:
    """When to ask next."""
    return now + timedelta(seconds=rng.uniform(FROM.total_seconds(), TO.total_seconds()))


def held(opened_at: datetime, asked_at: datetime, now: datetime) -> Span | None:
    """The real time, in milliseconds from the opening, that pays nothing because nobody has answered in time."""
    begun, end = (round((moment - opened_at) / timedelta(milliseconds=1)) for moment in (asked_at + ANSWER_WITHIN, now))
    return (begun, end) if begun < end else None
