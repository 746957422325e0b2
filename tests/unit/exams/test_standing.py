"""What an exam is to a person, and whether another attempt is offered. Requirements 31, 35."""

from dataclasses import replace
from itertools import product
from uuid import UUID

import pytest

from lms.exams.domain.standing import Standing, StandingState

FRESH = Standing(
    exam_id=UUID(int=1),
    questions=30,
    minutes=60,
    pass_mark=60,
    max_score=100,
    max_attempts=3,
    attempts_used=0,
    best_score=None,
    passed=False,
    open_attempt_id=None,
    running=True,
)
TRIED = replace(FRESH, attempts_used=1, best_score=40)
AT_WORK = replace(TRIED, attempts_used=2, open_attempt_id=UUID(int=2))
PASSED = replace(TRIED, best_score=80, passed=True)
USED_UP = replace(TRIED, attempts_used=3)


@pytest.mark.parametrize(
    ("standing", "all_done", "state", "offered"),
    [
        pytest.param(FRESH, True, "open", True, id="FIRST_ATTEMPT"),
        pytest.param(FRESH, False, "locked", False, id="COURSES_MISSING"),
        pytest.param(replace(FRESH, running=False), True, "closed", False, id="NOT_RUNNING"),
        pytest.param(replace(FRESH, running=False), False, "closed", False, id="NOT_RUNNING_COURSES_MISSING"),
        pytest.param(TRIED, True, "failed", True, id="MAY_TRY_AGAIN"),
        pytest.param(TRIED, False, "locked", False, id="FAILED_AND_A_COURSE_WAS_ADDED"),
        pytest.param(replace(TRIED, running=False), True, "closed", False, id="FAILED_AND_CLASS_IS_OVER"),
        pytest.param(USED_UP, True, "exhausted", False, id="USED_UP"),
        pytest.param(replace(USED_UP, running=False), True, "exhausted", False, id="USED_UP_AND_OVER"),
        pytest.param(AT_WORK, True, "in_progress", False, id="AT_WORK"),
        pytest.param(replace(AT_WORK, running=False), True, "in_progress", False, id="AT_WORK_AFTER_THE_LAST_DAY"),
        pytest.param(PASSED, True, "passed", True, id="PASSED_MAY_TRY_FOR_MORE"),
        pytest.param(replace(PASSED, running=False), True, "passed", False, id="PASSED_AND_OVER"),
    ],
)
def test_state_and_offer(standing: Standing, all_done: bool, state: str, offered: bool) -> None:
    assert standing.state(all_done) == state
    assert standing.may_begin(all_done) is offered


@pytest.mark.parametrize("all_done", [True, False])
def test_a_state_that_invites_is_never_refused(all_done: bool) -> None:
    for base, running in product((FRESH, TRIED, AT_WORK, PASSED, USED_UP), (True, False)):
        standing = replace(base, running=running)
        if standing.state(all_done) in (StandingState.OPEN, StandingState.FAILED):
            assert standing.may_begin(all_done)


def test_attempts_left_never_fall_below_zero() -> None:
    assert (FRESH.attempts_left, USED_UP.attempts_left, replace(USED_UP, max_attempts=2).attempts_left) == (3, 0, 0)
