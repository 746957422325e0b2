"""How a year will end at the present pace, and which courses would close the gap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lms.hours.domain.targets import Demand, Summary

FEWEST_DAYS = 30
"""Before so many days a pace says nothing."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Hours in hundredths. `at_end` is None while there is too little to go by; `monthly` is what each month left has to bring."""

    at_end: int | None
    reaches: bool
    monthly: int
    days_left: int


def forecast(demand: Demand, stands: Summary, today: date, *, counted_from: date | None = None) -> Forecast:
    """The pace so far, kept to the end: earned ÷ days gone × all days, rounded down.

    Days count from the span's first one or from `counted_from` (when the cadre joined), if that is later. There is no pace before
    30 days have gone or before anything was earned.
    """
    since = max(demand.since, counted_from or demand.since)
    gone = (min(today, demand.until) - since).days
    left = max(0, (demand.until - max(today, since)).days)
    at_end = None
    if gone >= FEWEST_DAYS and stands.earned > 0:
        at_end = stands.earned if left == 0 else stands.earned * (gone + left) // gone
    months = max(1, -(-left // 30))
    monthly = -(-stands.remaining // months)
    return Forecast(at_end, stands.reached or (at_end is not None and at_end >= stands.required), monthly, left)


@dataclass(frozen=True, slots=True)
class Offer:
    """A course that somebody may still complete; `coverage` from 0 to 1 is what they have watched of it."""

    course_id: UUID
    title: str
    hours: int
    coverage: float


def closing(remaining: int, offers: Iterable[Offer], *, most: int = 6) -> tuple[Offer, ...]:
    """Courses that close a gap, at most so many: those that were begun first, the furthest ahead, then in the order given.

    Nothing is suggested when nothing is missing, and no more than the gap needs.
    """
    chosen: list[Offer] = []
    for one in sorted((one for one in offers if one.hours > 0), key=lambda one: -one.coverage):
        if remaining <= 0 or len(chosen) == most:
            break
        chosen.append(one)
        remaining -= one.hours
    return tuple(chosen)


def brought(offers: Sequence[Offer]) -> int:
    """What courses bring together, in hundredths."""
    return sum(one.hours for one in offers)
