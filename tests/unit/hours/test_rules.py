"""Minutes become 学时 by rule, in whole hundredths. Requirements 9 and 16; table of docs/hours.md."""

import pytest
from hypothesis import given, strategies as st

from lms.hours.domain.rules import Rule, RuleKind, Step, hours_for

LADDER = Rule(RuleKind.STEP, 1, steps=(Step(0, 25), Step(900_001, 50), Step(1_800_000, 100)))
LESSON = Rule(RuleKind.PER_MINUTES, 1, hours=100, minutes=45)
WHOLE_LESSON = Rule(RuleKind.PER_MINUTES, 2, hours=100, minutes=45, unit=100)
HALF_LESSON = Rule(RuleKind.PER_MINUTES, 3, hours=100, minutes=45, unit=50)
FIXED = Rule(RuleKind.FIXED, 1, hours=400)


def clock(text: str) -> int:
    minutes, seconds = text.split(":")
    return int(minutes) * 60_000 + round(float(seconds) * 1000)


@pytest.mark.parametrize(
    ("length", "ladder", "lesson", "half", "whole"),
    [
        ("0:00", 0, 0, 0, 0),
        ("0:10", 25, 0, 0, 0),
        ("14:59.999", 25, 33, 0, 0),
        ("15:00", 25, 33, 0, 0),
        ("15:00.001", 50, 33, 0, 0),
        ("22:30", 50, 50, 50, 0),
        ("29:59.999", 50, 66, 50, 0),
        ("30:00", 100, 66, 50, 0),
        ("44:59", 100, 99, 50, 0),
        ("45:00", 100, 100, 100, 100),
        ("89:59", 100, 199, 150, 100),
        ("90:00", 100, 200, 200, 200),
    ],
)
def test_the_worth_of_a_length(length: str, ladder: int, lesson: int, half: int, whole: int) -> None:
    rules = (LADDER, LESSON, HALF_LESSON, WHOLE_LESSON)
    assert [hours_for(clock(length), rule) for rule in rules] == [ladder, lesson, half, whole]


@pytest.mark.parametrize("duration", [0, 1, 75_000, 7_200_000])
def test_a_fixed_rule_does_not_look_at_the_length(duration: int) -> None:
    assert hours_for(duration, FIXED) == 400


def test_a_length_below_the_first_step_is_worth_nothing() -> None:
    assert hours_for(59_999, Rule(RuleKind.STEP, 1, steps=(Step(60_000, 25),))) == 0


@given(st.integers(-1_000, 36_000_000), st.integers(0, 36_000_000))
def test_longer_is_never_worth_less_and_no_rule_gives_fractions(duration: int, more: int) -> None:
    for rule in (LADDER, LESSON, HALF_LESSON, WHOLE_LESSON, FIXED):
        less = hours_for(duration, rule)
        assert type(less) is int
        assert 0 <= less <= hours_for(duration + more, rule)


@given(st.integers(0, 36_000_000))
def test_a_unit_only_rounds_down(duration: int) -> None:
    exact = hours_for(duration, LESSON)
    assert exact - 50 < hours_for(duration, HALF_LESSON) <= exact
    assert hours_for(duration, HALF_LESSON) % 50 == 0


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"kind": RuleKind.FIXED, "hours": 0}, id="FIXED_WORTH_NOTHING"),
        pytest.param({"kind": RuleKind.FIXED, "hours": 400, "version": 0}, id="VERSION_ZERO"),
        pytest.param({"kind": RuleKind.STEP}, id="NO_STEPS"),
        pytest.param({"kind": RuleKind.STEP, "steps": (Step(10, 50), Step(10, 100))}, id="STEPS_NOT_RISING"),
        pytest.param({"kind": RuleKind.STEP, "steps": (Step(0, -1),)}, id="NEGATIVE_STEP"),
        pytest.param({"kind": RuleKind.PER_MINUTES, "hours": 100}, id="NO_MINUTES"),
        pytest.param({"kind": RuleKind.PER_MINUTES, "hours": 100, "minutes": 45, "unit": 0}, id="NO_UNIT"),
        pytest.param({"kind": RuleKind.PER_MINUTES, "minutes": 45}, id="PER_MINUTES_WORTH_NOTHING"),
    ],
)
def test_a_rule_without_sense_is_refused(facts: dict) -> None:
    with pytest.raises(ValueError):
        Rule(**{"version": 1, **facts})
