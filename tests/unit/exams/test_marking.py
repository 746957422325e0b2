"""Points in steps, and what two or three marks make of an answer."""

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.marking import STEP, allowed, ceilings, rank, settled

# first, second, third mark in points; wanted markers; per cent; settled hundredths of an item of 10 points
CASES = {
    "ONE_DECIDES_ALONE": ([7.5], 1, 20, 750),
    "TWO_ARE_AWAITED": ([7.5], 2, 20, None),
    "TWO_AGREE": ([6, 6], 2, 20, 600),
    "TWO_APART_BY_JUST_THE_THRESHOLD": ([6, 8], 2, 20, 700),
    "TWO_HALVES_APART": ([6, 6.5], 2, 20, 625),
    "TWO_TOO_FAR_APART": ([6, 8.5], 2, 20, None),
    "A_THIRD_DECIDES": ([6, 8.5, 7], 2, 20, 700),
    "A_THIRD_DECIDES_OUTSIDE_OF_BOTH": ([0, 10, 3], 2, 20, 300),
    "NO_DIFFERENCE_IS_ALLOWED": ([6, 6.5], 2, 0, None),
    "ANY_DIFFERENCE_IS_ALLOWED": ([0, 10], 2, 100, 500),
}


@pytest.mark.parametrize("name", CASES)
def test_marks_settle_an_answer(name: str) -> None:
    marks, wanted, threshold, expected = CASES[name]
    hundredths = [int(one * 100) for one in marks]
    assert settled(hundredths, points=10, wanted=wanted, threshold=threshold) == expected


@pytest.mark.parametrize(
    ("points", "parts", "most"),
    [
        (10, 1, (1000,)),
        (10, 3, (350, 350, 300)),
        (10, 4, (250, 250, 250, 250)),
        (1, 3, (50, 50, 0)),
        (9, 2, (450, 450)),
    ],
)
def test_points_are_spread_over_questions_in_steps(points: int, parts: int, most: tuple[int, ...]) -> None:
    assert ceilings(points, parts) == most


@given(st.integers(1, 100), st.integers(1, 20))
def test_no_point_is_lost_by_spreading(points: int, parts: int) -> None:
    spread = ceilings(points, parts)
    assert sum(spread) == points * 100
    assert max(spread) - min(spread) <= STEP


@pytest.mark.parametrize(
    ("earned", "fits"), [(0, True), (50, True), (350, True), (25, False), (400, False), (-50, False)]
)
def test_a_mark_lies_on_a_step(earned: int, fits: bool) -> None:
    assert allowed(earned, 350) is fits


def test_the_queue_tells_nothing_of_the_order_of_hand_in() -> None:
    first = [UUID(int=(7 << 76) + number) for number in range(200)]
    ranks = [rank(one, 1) for one in first]
    assert len(set(ranks)) == 200
    ups = sum(a < b for a, b in pairwise(ranks))
    assert 70 < ups < 130, "as often up as down"
    assert rank(first[0], 1) != rank(first[0], 2)
