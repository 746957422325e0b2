"""The daily cap on self-study hours: what goes beyond it is credited on the next day with room, never lost."""

from collections.abc import Mapping
from datetime import date, timedelta


def day_of_credit(taken: Mapping[date, int], hours: int, cap: int, today: date) -> date:
    """The first day from `today` on whose hours stay within `cap`; all in hundredths, `taken` by day.

    A course that is worth more than the cap comes on a day of its own. A cap of 0 means none.

    >>> day_of_credit({date(2026, 3, 1): 300}, 200, 400, date(2026, 3, 1))
    datetime.date(2026, 3, 2)
    """
    day = today
    while cap and taken.get(day, 0) and taken[day] + hours > cap:
        day += timedelta(days=1)
    return day
