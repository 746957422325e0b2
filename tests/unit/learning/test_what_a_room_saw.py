"""A room plays on one clock: no moment of it is used twice, and whoever sits in it sees what played while they were there."""

import pytest
from hypothesis import given, strategies as st

from lms.learning.domain.classroom import Clock, Play, code_of, code_steps, joined, mostly_in_rooms, place, seen
from lms.learning.domain.intervals import Span, length
from tests.factories.learning import NOW

S = 1000
HOUR = 3600 * S
ALL_DAY = HOUR


def clock(now: int, *, since: int = 0, taken: tuple[Play, ...] = (), held: tuple[Span, ...] = ()) -> Clock:
    return Clock(now, since, taken, held)


FIRST = Play(0, 15 * S, 0)
PLACES = {
    "FIRST_REPORT": ([(0, 15 * S)], clock(15_400), (Play(400, 15_400, 0),), 0),
    "GOES_ON": ([(15 * S, 30 * S)], clock(30 * S, taken=(FIRST,)), (Play(15 * S, 30 * S, 15 * S),), 0),
    "TWICE_AS_FAST": ([(0, 30 * S)], clock(15 * S), (Play(0, 15 * S, 0),), 15 * S),
    "AFTER_A_PAUSE_OF_TEN_MINUTES": ([(0, 15 * S)], clock(615 * S), (Play(600 * S, 615 * S, 0),), 0),
    "AFTER_AN_OUTAGE_OF_TEN_MINUTES": (
        [(15 * S, 615 * S)],
        clock(615 * S, taken=(FIRST,)),
        (Play(15 * S, 615 * S, 15 * S),),
        0,
    ),
    "BEFORE_THE_SCREEN_WAS_OPENED": ([(0, 60 * S)], clock(60 * S, since=50 * S), (Play(50 * S, 60 * S, 0),), 50 * S),
    "MORE_THAN_TWELVE_MINUTES_LATE": ([(0, 20 * 60 * S)], clock(HOUR), (Play(HOUR - 720 * S, HOUR, 0),), 480 * S),
    "NOBODY_ANSWERED": (
        [(0, 30 * S)],
        clock(30 * S, held=((10 * S, 20 * S),)),
        (Play(0, 10 * S, 0), Play(20 * S, 30 * S, 10 * S)),
        10 * S,
    ),
    "TWO_SPANS": (
        [(0, 5 * S), (20 * S, 25 * S)],
        clock(10 * S),
        (Play(0, 5 * S, 0), Play(5 * S, 10 * S, 20 * S)),
        0,
    ),
    "OUTSIDE_THE_MEDIA": ([(-5 * S, 5 * S), (2 * HOUR, 3 * HOUR)], clock(5 * S), (Play(0, 5 * S, 0),), 0),
    "NOTHING": ([], clock(15 * S), (), 0),
}


@pytest.mark.parametrize("name", PLACES)
def test_reported_time_is_put_on_the_clock(name: str) -> None:
    claimed, at, plays, unpaid = PLACES[name]
    assert place(claimed, ALL_DAY, at) == (plays, unpaid)


PLAYED = (Play(0, 60 * S, 0), Play(100 * S, 160 * S, 60 * S), Play(200 * S, 230 * S, 0))
SIGHT = {
    "WHO_WAS_THERE_ALL_THE_TIME": (0, 300 * S, ((0, 120 * S),)),
    "WHO_CAME_LATE": (30 * S, 300 * S, ((0, 120 * S),)),  # the first half minute was played again at 200
    "WHO_CAME_LATE_AND_LEFT_EARLY": (30 * S, 130 * S, ((30 * S, 90 * S),)),
    "WHO_SAT_THERE_IN_THE_PAUSE": (60 * S, 100 * S, ()),
    "WHO_WAS_NEVER_THERE": (50 * S, 50 * S, ()),
    "WHO_CAME_FOR_THE_REPEAT": (200 * S, 300 * S, ((0, 30 * S),)),
}


@pytest.mark.parametrize("name", SIGHT)
def test_a_person_saw_what_played_while_they_were_there(name: str) -> None:
    came, left, spans = SIGHT[name]
    assert seen(PLAYED, came, left) == spans


reports = st.lists(
    st.tuples(
        st.integers(0, 60 * S),  # real time since the report before
        st.lists(st.tuples(st.integers(-S, HOUR), st.integers(-S, HOUR)), max_size=4),
    ),
    max_size=12,
)


@given(reports, st.integers(0, 600 * S), st.integers(0, 600 * S))
def test_nobody_ever_sees_more_than_time_goes_by(history: list[tuple[int, list[Span]]], came: int, left: int) -> None:
    now, plays = 0, ()
    for wait, claimed in history:
        now += wait
        fresh, _ = place(claimed, HOUR, clock(now, taken=plays))
        plays = (*plays, *fresh)
    real = [(one.real_from, one.real_to) for one in plays]
    assert sum(end - start for start, end in real) == length(real), "a moment was used twice"
    assert length(real) <= now
    assert length(seen(plays, came, left)) <= max(0, left - came)
    assert seen(joined(plays), came, left) == seen(plays, came, left)


def test_a_code_has_six_digits_and_the_one_before_is_still_taken() -> None:
    assert code_of("0" * 64) == "000000" and code_of("f" * 64) == f"{(16**12 - 1) % 10**6:06}"
    step, before = code_steps(NOW, 60)
    assert step - before == 1 and step == int(NOW.timestamp()) // 60


KINDS = {
    "NEVER_IN_A_ROOM": (0, 100, False),
    "NOTHING_AT_ALL": (0, 0, False),
    "HALF_AND_HALF": (50, 100, True),
    "MOSTLY_AT_HOME": (49, 100, False),
    "ALL_IN_ROOMS": (100, 100, True),
}


@pytest.mark.parametrize("name", KINDS)
def test_hours_belong_where_most_was_learned(name: str) -> None:
    in_rooms, everywhere, concentrated = KINDS[name]
    assert mostly_in_rooms(in_rooms, everywhere) is concentrated
