"""On which terms an exam is held beside its blueprint: what the window limits, late entry, waiting, which attempt counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lms.exams.domain.blueprint import Blueprint
from lms.exams.domain.keys import Partial


class Limits(StrEnum):
    """What the window of an exam limits."""

    START = "start"
    END = "end"


class Counts(StrEnum):
    """Which of several attempts is the result."""

    BEST = "best"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one version of an exam's rules; without a value each is as exams were before it could be set.

    `opens_at` and `closes_at` narrow the days of the class, None leaves them as they are. `late_entry` is how long after
    `opens_at` one may still begin, `wait` how long after the end of an attempt the next may begin. `review_from`: keys wait for
    this moment even when everybody is done.
    """

    limits: Limits = Limits.START
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    late_entry: timedelta | None = None
    wait: timedelta = timedelta()
    counts: Counts = Counts.BEST
    partial: Partial = Partial.ALL_OR_NOTHING
    review_from: datetime | None = None

    def may_begin(self, now: datetime) -> bool:
        """Whether the exam's own window takes starts; the days of the class are asked besides."""
        opens, closes = self.opens_at, self.closes_at
        if (opens is not None and now < opens) or (closes is not None and now >= closes):
            return False
        return self.late_entry is None or opens is None or now <= opens + self.late_entry


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of an exam's rules; it never changes once it is stored. `grace` is for saves that are under way at the bell."""

    version: int
    blueprint: Blueprint
    grace: timedelta
    review: str
    terms: Terms = Terms()

    def deadline(
        self, started_at: datetime, *, extra_minutes: int = 0, sitting_until: datetime | None = None
    ) -> datetime:
        """The end of an attempt: the full time, and what an accommodation adds; a window that limits the end cuts the full time.

        What an accommodation adds is never cut. Who begins in a make-up sitting outside of the exam's window has the sitting's
        own, which ends at `sitting_until`.
        """
        full = started_at + timedelta(minutes=self.blueprint.minutes)
        closes_at = self.terms.closes_at if sitting_until is None else sitting_until
        if self.terms.limits is Limits.END and closes_at is not None:
            full = min(full, closes_at)
        return full + timedelta(minutes=extra_minutes)
