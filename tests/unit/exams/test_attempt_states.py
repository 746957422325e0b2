"""The states of an attempt and its end by the server's clock. Requirement 32, T7."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.attempts import GRACE, Action, AttemptRefused, State, advance, deadline, in_time

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ALLOWED = {
    ("open", "submit"): "submitted",
    ("submitted", "grade"): "graded",
    ("open", "void"): "voided",
    ("submitted", "void"): "voided",
    ("graded", "void"): "voided",
}


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_every_state_and_action_is_decided(state: State, action: Action) -> None:
    if (state, action) in ALLOWED:
        assert advance(state, action) == ALLOWED[state, action]
        return
    with pytest.raises(AttemptRefused) as refusal:
        advance(state, action)
    assert (refusal.value.state, refusal.value.action, refusal.value.status) == (state, action, 409)
    assert refusal.value.extra == {"state": state.value, "action": action.value}


def test_an_attempt_gets_its_full_time_and_what_an_allowance_adds() -> None:
    assert deadline(START, 60) == START + timedelta(hours=1)
    assert deadline(START, 60, extra_minutes=15) == START + timedelta(minutes=75)


@pytest.mark.parametrize(
    ("after", "counts"),
    [
        pytest.param(timedelta(seconds=-1), True, id="A_SECOND_BEFORE"),
        pytest.param(timedelta(0), True, id="AT_THE_BELL"),
        pytest.param(GRACE, True, id="AT_THE_END_OF_GRACE"),
        pytest.param(GRACE + timedelta(milliseconds=1), False, id="A_MILLISECOND_LATER"),
    ],
)
def test_a_save_counts_until_the_deadline_and_its_grace(after: timedelta, counts: bool) -> None:
    assert in_time(START + after, START) is counts


@given(st.integers(-2_000, 5_000))
def test_around_the_bell_a_save_is_either_in_time_or_not(offset: int) -> None:
    assert in_time(START + timedelta(milliseconds=offset), START) is (offset <= GRACE / timedelta(milliseconds=1))
