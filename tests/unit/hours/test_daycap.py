"""The worked table of docs/hours.md, and what holds for any day."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from lms.hours.domain.daycap import day_of_credit

TODAY = date(2026, 3, 1)
NEXT = TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("taken", "hours", "cap", "credited"),
    [
        ({}, 400, 400, TODAY),
        ({TODAY: 300}, 200, 400, NEXT),
        ({TODAY: 300, NEXT: 200}, 200, 400, NEXT),
        ({TODAY: 300, NEXT: 400}, 100, 400, TODAY),
        ({TODAY: 400, NEXT: 400}, 100, 400, NEXT + timedelta(days=1)),
        ({}, 600, 400, TODAY),
        ({TODAY: 100}, 600, 400, NEXT),
        ({TODAY: 9900}, 600, 0, TODAY),
    ],
)
def test_the_worked_table(taken: dict[date, int], hours: int, cap: int, credited: date) -> None:
    assert day_of_credit(taken, hours, cap, TODAY) == credited


@given(st.lists(st.integers(1, 900), max_size=40), st.integers(1, 800))
def test_no_day_goes_beyond_the_cap_and_none_stays_empty_before_another(earned: list[int], cap: int) -> None:
    taken: dict[date, int] = {}
    alone = set()
    for hours in earned:
        day = day_of_credit(taken, hours, cap, TODAY)
        if hours > cap:
            assert day not in taken
            alone.add(day)
        taken[day] = taken.get(day, 0) + hours
    assert all(sum_ <= cap for day, sum_ in taken.items() if day not in alone)
    days = sorted(taken)
    assert days == [TODAY + timedelta(days=n) for n in range(len(days))]
