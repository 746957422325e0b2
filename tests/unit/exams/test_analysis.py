"""Figures of items against tables worked by hand."""

import math
import statistics

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.analysis import (
    SCALE,
    Chosen,
    Flag,
    Sums,
    better_distractors,
    bin_of,
    difficulty,
    discrimination,
    flags,
    one,
    total,
)

# Five candidates: the item (of 4 points) and the rest of the paper (of 100). By hand: p = 3/5; those who were right have a mean of 70, the
# others of 45, the standard deviation of all is the root of 200: (70 - 45) / 14.142 × root(0.6 × 0.4) = 0.866.
FIVE = [(4, 80), (4, 60), (4, 70), (0, 50), (0, 40)]


def sums(pairs: list[tuple[int, int]], times: int = 1) -> Sums:
    return total(one(earned, 4, rest, 100) for earned, rest in pairs * times)


def test_difficulty_and_point_biserial_by_hand() -> None:
    assert difficulty(sums(FIVE)) == pytest.approx(0.6)
    assert discrimination(sums(FIVE)) == pytest.approx(0.8660, abs=1e-4)


def test_a_share_of_the_points_counts_as_a_share() -> None:
    assert difficulty(sums([(1, 50), (3, 50)])) == pytest.approx(0.5)


def test_where_all_did_the_same_nothing_can_be_said() -> None:
    assert discrimination(sums([(4, 80), (4, 60)])) is None
    assert discrimination(sums([(4, 60), (0, 60)])) is None
    assert difficulty(Sums()) is None
    assert discrimination(Sums()) is None


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 100)), min_size=2, max_size=60))
def test_discrimination_is_the_correlation_of_the_textbook(pairs: list[tuple[int, int]]) -> None:
    xs, ys = [earned * SCALE // 4 for earned, _ in pairs], [rest * SCALE // 100 for _, rest in pairs]
    found = discrimination(sums(pairs))
    if len(set(xs)) == 1 or len(set(ys)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(statistics.correlation(xs, ys), abs=1e-6)
        assert -1.000001 <= found <= 1.000001


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 100)), max_size=30), st.integers(0, 30))
def test_sums_of_two_exams_add_up(pairs: list[tuple[int, int]], cut: int) -> None:
    assert sums(pairs[:cut]) + sums(pairs[cut:]) == sums(pairs)


# share of right answers among 100, r by construction, flags
@pytest.mark.parametrize(
    ("right", "expected"),
    [(29, (Flag.HARD,)), (30, ()), (60, ()), (90, ()), (91, (Flag.EASY,))],
)
def test_flags_of_difficulty(right: int, expected: tuple[Flag, ...]) -> None:
    pairs = [(4, 50 + number % 50) for number in range(right)] + [(0, number % 50) for number in range(100 - right)]
    assert flags(sums(pairs)) == expected


def test_an_item_that_does_not_discriminate_is_flagged() -> None:
    pairs = [(4, 40), (0, 60), (4, 60), (0, 40)]
    assert discrimination(sums(pairs)) == 0
    assert flags(sums(pairs, 8)) == (Flag.WEAK,)


def test_few_answers_say_nothing() -> None:
    assert flags(sums([(0, 50)], 29)) == ()
    assert flags(sums([(0, 50)], 30)) == (Flag.HARD,)


# option: (chosen by, mean rest in per cent)
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"A": (10, 80), "B": (30, 60)}, ("A",)),
        ({"A": (10, 50), "B": (30, 60)}, ()),
        ({"A": (3, 90), "B": (37, 60)}, ()),  # chosen by less than a tenth
        ({"A": (5, 80), "B": (20, 60)}, ()),  # too few answers
        ({"A": (40, 80)}, ()),  # nobody chose the right one
    ],
)
def test_wrong_options_that_the_better_choose(options: dict[str, tuple[int, int]], expected: tuple[str, ...]) -> None:
    chosen = {key: Chosen(count, count * mean * SCALE // 100) for key, (count, mean) in options.items()}
    assert better_distractors(chosen, ["B"]) == expected


@pytest.mark.parametrize(("score", "bar"), [(0, 0), (999, 0), (1000, 1), (5950, 5), (9999, 9), (10000, 9)])
def test_bars_of_the_distribution(score: int, bar: int) -> None:
    assert bin_of(score, 10000) == bar
    assert math.isclose(bin_of(0, 0), 0)
