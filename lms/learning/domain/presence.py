"""Decides when somebody who watches is asked whether they are there, and what an answer that comes late costs.

The moments are counted in credited media time, so that a pause brings no question, and what was left of the wait goes on
in the next lease: opening a new one is no way round the question. docs/watch-time.md works examples.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from uuid import UUID

_MILLISECOND = timedelta(milliseconds=1)
_MINUTE_MS = 60_000
PLACES = 9
TRANSIT_SECONDS = 5
"""How much longer than its window an answer may be under way."""


class Kind(StrEnum):
    """What a check asks for: a press on a button at a changing place, or one item of the course's practice bank."""

    BUTTON = "button"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Terms:
    """How often a course asks, and how long it waits for an answer; a person's accommodation stretches the window."""

    on: bool = True
    from_minutes: int = 10
    to_minutes: int = 20
    seconds: int = 60

    def window(self, percent: int) -> int:
        """The seconds to answer in, for somebody who is granted so many per cent of the usual."""
        return self.seconds * percent // 100

    def asks(self, duration_ms: int) -> bool:
        """Whether media of this length are long enough to be asked in."""
        return self.on and duration_ms > self.from_minutes * _MINUTE_MS

    def draw(self, rng: Random) -> int:
        """The media time until the next question, in milliseconds; anywhere between the bounds, to the millisecond."""
        return rng.randint(self.from_minutes * _MINUTE_MS, self.to_minutes * _MINUTE_MS)


@dataclass(frozen=True, slots=True)
class Before:
    """The person's lease before this one: `payable_ms` is what late beats may still bring to it.

    `asking` says whether it asked at all; `open` whether a question of it was never answered.
    """

    due_ms: int | None
    credited_ms: int
    payable_ms: int
    asking: bool
    open: bool


def left(before: Before | None) -> int | None:
    """The media time that was left until the next question, 0 when it is overdue; None for who was never asked."""
    if before is None or before.due_ms is None:
        return None
    if before.open:
        return 0
    if not before.asking:
        return before.due_ms
    return max(0, before.due_ms - before.credited_ms - before.payable_ms)


def next_due(carried: int | None, terms: Terms, rng: Random) -> int:
    """The media time of a fresh lease at which it asks: what was left, unless this course never waits so long."""
    if carried is None or carried > terms.to_minutes * _MINUTE_MS:
        return terms.draw(rng)
    return carried


def lost_ms(asked_at: datetime, answered_at: datetime, seconds: int) -> int:
    """The real time that a late answer costs: all since the question. An answer in time costs nothing."""
    waited = answered_at - asked_at
    if waited <= timedelta(seconds=seconds + TRANSIT_SECONDS):
        return 0
    return waited // _MILLISECOND


def place(check_id: UUID) -> int:
    """Which of the nine places of the page the button stands at; as random as the id."""
    return check_id.int % PLACES
