"""The tests of chance agree with the printed tables and with exact counting."""

import math

import pytest
from hypothesis import given, strategies as st

from lms.questionbank.domain.statistics import at_least, chi_square, chi_square_p

# Upper 5 % points of the chi-square distribution (NIST/SEMATECH e-Handbook, 1.3.6.7.4).
CRITICAL_VALUES = {1: 3.841, 2: 5.991, 3: 7.815, 4: 9.488, 5: 11.070, 10: 18.307, 30: 43.773}


@pytest.mark.parametrize("degrees", CRITICAL_VALUES)
def test_critical_values_are_those_of_the_tables(degrees: int) -> None:
    assert chi_square_p(CRITICAL_VALUES[degrees], degrees) == pytest.approx(0.05, abs=2e-5)


@given(st.floats(0, 500), st.integers(1, 20))
def test_a_probability_is_one_between_nought_and_one(statistic: float, degrees: int) -> None:
    assert 0 <= chi_square_p(statistic, degrees) <= 1


@given(st.floats(0.001, 200))
def test_two_degrees_are_the_exponential_distribution(statistic: float) -> None:
    assert chi_square_p(statistic, 2) == pytest.approx(math.exp(-statistic / 2), rel=1e-6, abs=1e-12)


def test_no_degree_of_freedom_proves_nothing() -> None:
    assert chi_square_p(100, 0) == 1


def test_the_statistic_is_pearsons() -> None:
    assert chi_square([8, 2, 5, 1], [4, 4, 4, 4]) == pytest.approx((16 + 4 + 1 + 9) / 4)
    assert chi_square([0, 3], [0, 3]) == 0


@given(st.integers(0, 20), st.integers(0, 20), st.floats(0, 1))
def test_equal_chances_are_the_binomial_distribution(count: int, events: int, chance: float) -> None:
    exact = math.fsum(math.comb(events, k) * chance**k * (1 - chance) ** (events - k) for k in range(count, events + 1))

    assert at_least(count, [chance] * events) == pytest.approx(exact, abs=1e-9)


def test_unequal_chances_are_counted_each() -> None:
    assert at_least(2, [0.5, 0.25]) == pytest.approx(0.125)
    assert at_least(1, [0.5, 0.25]) == pytest.approx(0.625)
