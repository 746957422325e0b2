"""When a lecture is complete: the table of docs/watch-time.md. Requirement 23."""

import pytest
from hypothesis import given, strategies as st

from lms.learning.domain.completion import Completion, Policy, State, state
from lms.learning.domain.intervals import Span, length

TEN_MINUTES = 600_000


@pytest.mark.parametrize(
    ("watched", "duration", "expected"),
    [
        pytest.param([], TEN_MINUTES, Completion(State.NOT_STARTED, 0.0), id="NOTHING"),
        pytest.param([(0, TEN_MINUTES)], TEN_MINUTES, Completion(State.COMPLETED, 1.0), id="ALL"),
        pytest.param([(0, 300_000)], TEN_MINUTES, Completion(State.IN_PROGRESS, 0.5), id="HALF"),
        pytest.param([(0, 570_000)], TEN_MINUTES, Completion(State.COMPLETED, 0.95), id="NINETY_FIVE_PERCENT"),
        pytest.param(
            [(0, 569_999)], TEN_MINUTES, Completion(State.IN_PROGRESS, 569_999 / 600_000), id="A_MILLISECOND_SHORT"
        ),
        pytest.param(
            [(0, 597_000)], TEN_MINUTES, Completion(State.COMPLETED, 1.0), id="TAIL_OF_THREE_SECONDS_FORGIVEN"
        ),
        pytest.param(
            [(0, 596_999)],
            TEN_MINUTES,
            Completion(State.COMPLETED, 596_999 / 600_000),
            id="LONGER_TAIL_COUNTS_AS_MISSING",
        ),
        pytest.param(
            [(33_000, 597_000)],
            TEN_MINUTES,
            Completion(State.IN_PROGRESS, 0.945),
            id="TAIL_DOES_NOT_HEAL_A_MISSING_START",
        ),
        pytest.param(
            [(30_000, 597_000)], TEN_MINUTES, Completion(State.COMPLETED, 0.95), id="TAIL_COUNTS_TOWARDS_THE_THRESHOLD"
        ),
        pytest.param(
            [(0, 200_000), (201_000, TEN_MINUTES)], TEN_MINUTES, Completion(State.COMPLETED, 1.0), id="GAP_OF_A_SECOND"
        ),
        pytest.param(
            [(599_000, TEN_MINUTES)], TEN_MINUTES, Completion(State.IN_PROGRESS, 1 / 600), id="DRAGGED_TO_THE_END"
        ),
        pytest.param([(0, 5_700)], 6_000, Completion(State.COMPLETED, 0.95), id="SIX_SECONDS"),
        pytest.param([(0, 5_880)], 6_000, Completion(State.COMPLETED, 1.0), id="SIX_SECONDS_TAIL_IS_TWO_PERCENT"),
        pytest.param([(0, 5_699)], 6_000, Completion(State.IN_PROGRESS, 5_699 / 6_000), id="SIX_SECONDS_TOO_SHORT"),
        pytest.param([(0, 5_000)], 0, Completion(State.NOT_STARTED, 0.0), id="NO_LENGTH"),
        pytest.param([(-9, 20), (5, 99)], 10, Completion(State.COMPLETED, 1.0), id="BEYOND_THE_MEDIA_IS_IGNORED"),
    ],
)
def test_completion_by_the_default_policy(watched: list[Span], duration: int, expected: Completion) -> None:
    assert state(watched, duration, Policy()) == expected


@pytest.mark.parametrize(
    ("threshold", "expected"), [(100, State.IN_PROGRESS), (80, State.COMPLETED), (60, State.COMPLETED)]
)
def test_a_course_sets_its_own_threshold(threshold: int, expected: State) -> None:
    assert state([(0, 480_000)], TEN_MINUTES, Policy(threshold_percent=threshold)).state is expected


@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 100_000)), max_size=8), st.integers(1, 100_000))
def test_coverage_lies_between_what_was_watched_and_all(watched: list[Span], duration: int) -> None:
    seen = state(watched, duration, Policy())
    raw = length((start, min(end, duration)) for start, end in watched) / duration
    assert raw <= seen.coverage <= 1.0
    assert (seen.state is State.NOT_STARTED) == (raw == 0)


@given(
    st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 9_000)), max_size=8),
    st.tuples(st.integers(0, 9_000), st.integers(0, 9_000)),
)
def test_watching_more_never_lowers_completion(watched: list[Span], more: Span) -> None:
    before, after = state(watched, 9_000, Policy()), state([*watched, more], 9_000, Policy())
    assert before.coverage <= after.coverage
    assert before.state is not State.COMPLETED or after.state is State.COMPLETED
