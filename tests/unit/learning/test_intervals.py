"""Spans of media time obey the laws of sets. Requirement 20."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from lms.learning.domain.intervals import Span, close_gaps, length, subtract, union

spans = st.lists(st.tuples(st.integers(-50, 250), st.integers(-50, 250)), max_size=12)


def points(some: list[Span] | tuple[Span, ...]) -> set[int]:
    return {point for start, end in some for point in range(start, end)}


@pytest.mark.parametrize(
    ("given_spans", "expected"),
    [
        pytest.param([], (), id="NOTHING"),
        pytest.param([(5, 5), (9, 3)], (), id="EMPTY_AND_REVERSED"),
        pytest.param([(0, 10), (10, 20)], ((0, 20),), id="TOUCHING"),
        pytest.param([(0, 10), (11, 20)], ((0, 10), (11, 20)), id="ONE_MILLISECOND_APART"),
        pytest.param([(30, 40), (0, 35)], ((0, 40),), id="OVERLAPPING_UNSORTED"),
        pytest.param([(0, 100), (20, 30)], ((0, 100),), id="ONE_INSIDE_THE_OTHER"),
    ],
)
def test_union_joins_what_touches(given_spans: list[Span], expected: tuple[Span, ...]) -> None:
    assert union(given_spans) == expected


@pytest.mark.parametrize(
    ("gap", "joined"),
    [
        pytest.param(999, True, id="SHORTER"),
        pytest.param(1000, True, id="EXACT"),
        pytest.param(1001, False, id="LONGER"),
    ],
)
def test_gaps_of_at_most_a_second_are_closed(gap: int, joined: bool) -> None:
    assert (len(close_gaps([(0, 5000), (5000 + gap, 9000)])) == 1) is joined


@given(spans)
def test_union_covers_the_same_points_in_order_and_apart(some: list[Span]) -> None:
    joined = union(some)
    assert points(joined) == points(some)
    assert all(before[1] < after[0] for before, after in pairwise(joined))


@given(spans, spans, spans)
def test_union_is_idempotent_commutative_and_associative(a: list[Span], b: list[Span], c: list[Span]) -> None:
    assert union(union(a)) == union(a)
    assert union([*a, *b]) == union([*b, *a])
    assert union([*union([*a, *b]), *c]) == union([*a, *union([*b, *c])])


@given(spans, spans)
def test_subtract_takes_away_exactly_the_other_points(a: list[Span], b: list[Span]) -> None:
    assert points(subtract(a, b)) == points(a) - points(b)
    assert subtract(a, b) == union(subtract(a, b))


@given(spans, spans)
def test_length_counts_each_point_once(a: list[Span], b: list[Span]) -> None:
    assert length(a) == len(points(a))
    assert length([*a, *b]) == length(a) + length(subtract(b, a))


@given(spans, st.integers(0, 40))
def test_closing_gaps_only_adds(some: list[Span], ms: int) -> None:
    closed = close_gaps(some, ms)
    assert points(some) <= points(closed)
    assert all(after[0] - before[1] > ms for before, after in pairwise(closed))
