"""Which hours a cadre is asked for, by category and period, and where they stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from lms.kernel.clock import SHANGHAI


class Ledger(StrEnum):
    """The two kinds of training, kept apart."""

    SELF_STUDY = "self_study"
    CENTRALIZED = "centralized"


class Span(StrEnum):
    """The time over which a requirement counts."""

    YEAR = "year"
    PERIOD = "period"
    AFTER_APPOINTMENT = "after_appointment"


class Entry(Protocol):
    """A line of the ledger; a reversal carries negative hours, and the year and ledger of what it reverses."""

    @property
    def ledger(self) -> str: ...
    @property
    def hours(self) -> int: ...
    @property
    def count_year(self) -> int: ...


class Dated(Entry, Protocol):
    """A line whose day matters; a reversal names the line that it takes back."""

    @property
    def id(self) -> UUID: ...
    @property
    def earned_at(self) -> datetime: ...
    @property
    def reversal_of(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Requirement:
    """So many hundredths of an hour in one ledger over one span; no categories means every cadre."""

    ledger: Ledger
    span: Span
    hours: int
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TargetSet:
    """What one plan asks for from `first_year` to `last_year`; `pro_rata` asks who joins later for the months that are left."""

    version: int
    title: str
    first_year: int
    last_year: int
    requirements: tuple[Requirement, ...]
    pro_rata: bool = True

    def __post_init__(self) -> None:
        if self.version < 1 or self.last_year < self.first_year or any(one.hours <= 0 for one in self.requirements):
            raise ValueError(f"no sound set of targets: {self}")


PLAN = TargetSet(
    1,
    "总工发〔2024〕13号",
    2024,
    2028,
    (
        Requirement(Ledger.SELF_STUDY, Span.YEAR, 50_00),
        Requirement(Ledger.CENTRALIZED, Span.PERIOD, 550_00, frozenset({"division"})),
        Requirement(Ledger.CENTRALIZED, Span.YEAR, 90_00, frozenset({"section"})),
        Requirement(Ledger.CENTRALIZED, Span.YEAR, 50_00, frozenset({"socialised"})),
        Requirement(
            Ledger.CENTRALIZED, Span.AFTER_APPOINTMENT, 16_00, frozenset({"division", "section", "enterprise"})
        ),
    ),
)
"""The national plan for 2024 to 2028, which the platform brings; later sets are decided and stored."""


@dataclass(frozen=True, slots=True)
class Cadre:
    """Who is asked: `appointed_on` is the day of the present post, `joined_on` that on which they became a cadre, as far as known."""

    category: str
    appointed_on: date | None = None
    joined_on: date | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """What one cadre is asked for between two days (`until` is the first day after); `full` is it without pro rata."""

    ledger: Ledger
    span: Span
    since: date
    until: date
    required: int
    full: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Where a person stands, in hundredths of an hour."""

    earned: int
    required: int
    remaining: int
    reached: bool


def in_force(sets: Iterable[TargetSet], year: int) -> TargetSet | None:
    """The set that holds for a year: the newest that has begun by then. After its last year it holds until another is decided.

    None before the first plan: nothing is asked.
    """
    begun = [one for one in sets if one.first_year <= year]
    covering = [one for one in begun if year <= one.last_year]
    if covering:
        return max(covering, key=lambda one: one.version)
    return max(begun, key=lambda one: (one.last_year, one.version), default=None)


def demands(targets: TargetSet | None, cadre: Cadre, year: int) -> tuple[Demand, ...]:
    """What a cadre is asked for in a calendar year, in the set's order; what does not touch the year is left out."""
    if targets is None:
        return ()
    found = (_demand(targets, one, cadre, year) for one in targets.requirements if _concerns(one, cadre))
    return tuple(one for one in found if one is not None)


def standing(demand: Demand, entries: Iterable[Dated]) -> Summary:
    """Where somebody stands with one demand.

    Years count by the year of the line; the time after an appointment by the day it was earned, a reversal on the day of what
    it takes back.
    """
    listed = [one for one in entries if one.ledger == demand.ledger]
    if demand.span is Span.AFTER_APPOINTMENT:
        days = {one.id: one.earned_at for one in listed}
        earned = sum(
            one.hours
            for one in listed
            if demand.since
            <= _day(days.get(one.reversal_of, one.earned_at) if one.reversal_of else one.earned_at)
            < demand.until
        )
    else:
        earned = sum(one.hours for one in listed if demand.since.year <= one.count_year < demand.until.year)
    return summarised(earned, demand.required)


def summarised(earned: int, required: int) -> Summary:
    """What is left to earn, never negative; nothing asked is reached."""
    remaining = max(0, required - earned)
    return Summary(earned, required, remaining, reached=remaining == 0)


def earned_in(entries: Iterable[Entry], ledger: Ledger, year: int) -> int:
    """What stands in one ledger and year."""
    return sum(one.hours for one in entries if one.count_year == year and one.ledger == ledger)


def required_in_year(asked: Iterable[Demand], ledger: Ledger) -> int:
    """What the calendar year itself asks for in one ledger; 0 when the ledger counts over another span or not at all."""
    return sum(one.required for one in asked if one.ledger is ledger and one.span is Span.YEAR)


def _concerns(one: Requirement, cadre: Cadre) -> bool:
    return not one.categories or cadre.category in one.categories


def _demand(targets: TargetSet, one: Requirement, cadre: Cadre, year: int) -> Demand | None:
    if one.span is Span.AFTER_APPOINTMENT:
        appointed = cadre.appointed_on
        if appointed is None or appointed.year < targets.first_year:
            return None
        until = _a_year_after(appointed)
        if until <= date(year, 1, 1) or appointed >= date(year + 1, 1, 1):
            return None
        return Demand(one.ledger, one.span, appointed, until, one.hours, one.hours)
    first, last = (year, year) if one.span is Span.YEAR else period_of(targets, year)
    since, until = date(first, 1, 1), date(last + 1, 1, 1)
    required = one.hours
    if targets.pro_rata and cadre.joined_on is not None:
        required = pro_rata(one.hours, cadre.joined_on, since, until)
    return Demand(one.ledger, one.span, since, until, required, one.hours)


def period_of(targets: TargetSet, year: int) -> tuple[int, int]:
    """The first and last year of the plan's period that a year lies in; after the plan's end periods of the same length follow."""
    length = targets.last_year - targets.first_year + 1
    first = targets.first_year + (year - targets.first_year) // length * length
    return first, first + length - 1


def pro_rata(hours: int, joined_on: date, since: date, until: date) -> int:
    """What is asked of who joined on a day: the months from that one on, of all; rounded down to the hundredth.

    Who joined before is asked for everything, who joins later for nothing.
    """
    whole = _months(since, until)
    left = min(whole, max(0, _months(joined_on.replace(day=1), until)))
    return hours * left // whole


def _months(since: date, until: date) -> int:
    return (until.year - since.year) * 12 + until.month - since.month


def _a_year_after(day: date) -> date:
    return date(day.year + 1, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
