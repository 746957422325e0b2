"""Spreads the hours of a year over its months, so that the months always add up to the year."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lms.kernel.clock import SHANGHAI


class Entry(Protocol):
    """A line of the ledger; a reversal carries negative hours and names the line that it takes back."""

    @property
    def id(self) -> UUID: ...
    @property
    def hours(self) -> int: ...
    @property
    def earned_at(self) -> datetime: ...
    @property
    def reversal_of(self) -> UUID | None: ...


def by_month(entries: Iterable[Entry]) -> tuple[int, ...]:
    """Twelve sums in hundredths, by the month in China in which hours were earned.

    A reversal counts in the month of what it takes back, whenever it was made: else a correction in March would draw
    hours of December into a month of another year.
    """
    listed = list(entries)
    earned = {entry.id: entry.earned_at for entry in listed}
    months = [0] * 12
    for entry in listed:
        at = earned.get(entry.reversal_of, entry.earned_at) if entry.reversal_of else entry.earned_at
        months[at.astimezone(SHANGHAI).month - 1] += entry.hours
    return tuple(months)
