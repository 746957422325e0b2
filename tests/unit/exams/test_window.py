"""When attempts may begin and keys may show, as in the table of docs/drawing-and-scoring.md. Requirement 35."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.attempts import GRACE, State, deadline
from lms.exams.domain.window import Window, keys_may_show
from lms.kernel.clock import SHANGHAI

MINUTES = 60
DECEMBER = Window("implement", date(2026, 12, 1), date(2026, 12, 31), timedelta(minutes=MINUTES) + GRACE)
MIDNIGHT = datetime(2027, 1, 1, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("phase", "moment", "begin", "show"),
    [
        pytest.param("design", datetime(2026, 12, 10, 9), False, False, id="IN_DESIGN"),
        pytest.param("implement", datetime(2026, 11, 30, 23, 59), False, False, id="DAY_BEFORE_THE_FIRST"),
        pytest.param("implement", datetime(2026, 12, 1, 0, 0), True, False, id="FIRST_MIDNIGHT"),
        pytest.param("implement", datetime(2026, 12, 31, 23, 50), True, False, id="TEN_MINUTES_BEFORE_THE_END"),
        pytest.param("implement", datetime(2027, 1, 1, 0, 0), False, False, id="LAST_MIDNIGHT"),
        pytest.param("implement", datetime(2027, 1, 1, 0, 50, 4), False, False, id="WHO_BEGAN_AT_2350_IS_DONE"),
        pytest.param("implement", datetime(2027, 1, 1, 1, 0, 2), False, False, id="GRACE_OF_THE_LAST_ATTEMPT"),
        pytest.param("implement", datetime(2027, 1, 1, 1, 0, 3), False, True, id="LAST_ATTEMPT_RAN_OUT"),
        pytest.param("summarise", datetime(2026, 12, 10, 9), False, False, id="SUMMED_UP_EARLY"),
        pytest.param("summarise", datetime(2027, 1, 1, 1, 0, 3), False, True, id="SUMMED_UP_AND_OVER"),
    ],
)
def test_beginning_and_keys_by_phase_and_moment(phase: str, moment: datetime, begin: bool, show: bool) -> None:
    window = replace(DECEMBER, phase=phase)
    now = moment.replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert window.may_begin(now) is begin
    assert keys_may_show(State.GRADED, "full", window, now) is show


@pytest.mark.parametrize(
    ("state", "review", "show"),
    [
        pytest.param(State.GRADED, "full", True, id="GRADED"),
        pytest.param(State.GRADED, "score", False, id="SCORE_ONLY"),
        pytest.param(State.OPEN, "full", False, id="OPEN"),
        pytest.param(State.SUBMITTED, "full", False, id="NOT_YET_GRADED"),
        pytest.param(State.VOIDED, "full", False, id="VOIDED"),
    ],
)
def test_keys_by_state_and_policy_once_all_is_over(state: State, review: str, show: bool) -> None:
    assert keys_may_show(state, review, DECEMBER, MIDNIGHT + timedelta(days=1)) is show


@given(
    st.sampled_from(["design", "implement", "summarise"]),
    st.datetimes(datetime(2026, 12, 30), datetime(2027, 1, 2), timezones=st.just(UTC)),
    st.datetimes(datetime(2026, 12, 30), datetime(2027, 1, 2), timezones=st.just(UTC)),
)
def test_no_attempt_is_under_way_when_keys_show(phase: str, began: datetime, shown: datetime) -> None:
    if not DECEMBER.may_begin(began) or not keys_may_show(State.GRADED, "full", replace(DECEMBER, phase=phase), shown):
        return
    assert not replace(DECEMBER, phase=phase).may_begin(shown)
    assert deadline(began, MINUTES) + GRACE < shown
