"""Five wrong tries within a quarter of an hour lock a user name for a quarter of an hour."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from lms.accounts.domain.lockout import Guard, after_failure, locked

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LIMIT, MINUTES = 5, 15


def tries(*minutes: float) -> Guard | None:
    """The guard after wrong tries at these minutes."""
    guard: Guard | None = None
    for minute in minutes:
        guard = after_failure(guard, NOW + timedelta(minutes=minute), limit=LIMIT, minutes=MINUTES)
    return guard


@pytest.mark.parametrize(
    ("at", "asked", "expected"),
    [
        ((), 0, False),
        ((0,), 0, False),
        ((0, 0, 0, 0), 0, False),
        ((0, 0, 0, 0, 0), 0, True),
        ((0, 1, 2, 3, 4), 4, True),
        ((0, 1, 2, 3, 4), 18.9, True),
        ((0, 1, 2, 3, 4), 19, False),
        ((0, 1, 2, 3, 15), 15, True),
        ((0, 1, 2, 3, 15.1), 15.1, False),
        ((0, 4, 8, 12, 16, 20), 20, False),
        ((0, 0, 0, 0, 0, 16), 16, False),
        ((0, 0, 0, 0, 0, 16, 16, 16, 16), 16, False),
        ((0, 0, 0, 0, 0, 16, 16, 16, 16, 16), 16, True),
    ],
)
def test_a_name_is_locked_when_it_should_be(at: tuple[float, ...], asked: float, expected: bool) -> None:
    assert locked(tries(*at), NOW + timedelta(minutes=asked)) is expected


@given(gaps=st.lists(st.floats(0, 60), max_size=40))
def test_it_is_never_locked_with_fewer_tries_than_the_limit_in_any_window(gaps: list[float]) -> None:
    moment, guard, moments = NOW, None, []
    for gap in gaps:
        moment += timedelta(minutes=gap)
        if locked(guard, moment):
            continue
        moments.append(moment)
        guard = after_failure(guard, moment, limit=LIMIT, minutes=MINUTES)
        if locked(guard, moment):
            recent = [one for one in moments if moment - one <= timedelta(minutes=MINUTES)]
            assert len(recent) >= LIMIT


@given(seconds=st.lists(st.integers(0, 3), min_size=LIMIT, max_size=40))
def test_guessing_fast_is_always_locked(seconds: list[int]) -> None:
    moment, guard = NOW, None
    for gap in seconds:
        moment += timedelta(seconds=gap)
        guard = after_failure(guard, moment, limit=LIMIT, minutes=MINUTES)
    assert locked(guard, moment)
