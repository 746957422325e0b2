"""The months of a year add up to the year, whatever was corrected and whenever."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from uuid import UUID, uuid4

from lms.hours.domain.months import by_month

BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Entry:
    hours: int
    earned_at: datetime
    reversal_of: UUID | None = None
    id: UUID = field(default_factory=uuid4)


def at(year: int, month: int, day: int = 1, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BEIJING)


def months(**sums: int) -> tuple[int, ...]:
    names = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
    return tuple(sums.get(name, 0) for name in names)


def test_a_year_without_entries_is_twelve_zeros() -> None:
    assert by_month([]) == months()


def test_hours_stand_in_the_month_of_china() -> None:
    last, first = at(2026, 1, 31, 23), at(2026, 2, 1, 0)
    assert by_month([Entry(400, last), Entry(50, first), Entry(1, first)]) == months(jan=400, feb=51)


def test_a_reversal_of_the_next_year_empties_the_month_that_it_takes_back() -> None:
    december, other = Entry(400, at(2026, 12, 31)), Entry(400, at(2026, 3))
    taken_back = Entry(-400, at(2027, 3), reversal_of=december.id)
    assert by_month([taken_back, december, other]) == months(mar=400)


def test_what_is_credited_again_stands_where_it_was_earned() -> None:
    first = Entry(400, at(2026, 12))
    again = Entry(300, first.earned_at)
    assert by_month([first, Entry(-400, at(2027, 1), reversal_of=first.id), again]) == months(dec=300)
