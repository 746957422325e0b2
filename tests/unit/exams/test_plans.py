"""Plans of exams: what keeps one from being published is named by its field. Requirements 30, 35."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lms.exams.domain.blueprint import Blueprint, Section
from lms.exams.domain.plans import Days, Plan, Settings, settings_data, settings_from, settings_of
from lms.exams.domain.terms import Rules
from lms.kernel.clock import SHANGHAI

DAYS = Days(date(2026, 12, 1), date(2026, 12, 31))
SECTIONS = (Section("single", 10, 6, ("C1",)), Section("true_false", 10, 4, ("C1",)))
SETTINGS = Settings(total=100, minutes=60, pass_mark=60, max_attempts=3)


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=SHANGHAI)


def faults(**changes: object) -> set[str]:
    return set(Plan("结业考试", SECTIONS, replace(SETTINGS, **changes)).faults(DAYS))


def test_a_whole_plan_has_no_fault() -> None:
    plan = Plan("结业考试", SECTIONS, SETTINGS)
    assert (plan.points, plan.questions, plan.faults(DAYS)) == (100, 20, {})


def test_a_blueprint_without_rules_cannot_be_published() -> None:
    assert set(Plan("结业考试", SECTIONS).faults(DAYS)) == {"settings"}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        pytest.param({"total": 120}, {"sections"}, id="ANOTHER_TOTAL"),
        pytest.param({"minutes": 0}, {"minutes"}, id="NO_TIME"),
        pytest.param({"minutes": 481}, {"minutes"}, id="LONGER_THAN_A_DAY_OF_WORK"),
        pytest.param({"max_attempts": 21}, {"max_attempts"}, id="TOO_MANY_ATTEMPTS"),
        pytest.param({"pass_mark": 101}, {"pass_mark"}, id="NOBODY_PASSES"),
        pytest.param({"opens_at": at(2, 9), "closes_at": at(2, 9)}, {"closes_at"}, id="ENDS_AS_IT_BEGINS"),
        pytest.param(
            {"opens_at": datetime(2026, 11, 30, 23, 59, tzinfo=SHANGHAI)}, {"opens_at"}, id="BEFORE_THE_CLASS"
        ),
        pytest.param({"closes_at": datetime(2027, 1, 1, 0, 1, tzinfo=SHANGHAI)}, {"closes_at"}, id="AFTER_THE_CLASS"),
        pytest.param({"late_entry_minutes": 15}, {"opens_at"}, id="LATE_FOR_WHAT"),
        pytest.param({"limits": "end"}, {"closes_at"}, id="WHICH_END"),
        pytest.param(
            {"limits": "end", "opens_at": at(2, 9), "closes_at": at(2, 9, 59)}, {"closes_at"}, id="NOBODY_HAS_FULL_TIME"
        ),
        pytest.param({"review": "score", "review_from": at(3)}, {"review_from"}, id="NOTHING_TO_SHOW_THEN"),
    ],
)
def test_a_fault_names_its_field(changes: dict, fields: set[str]) -> None:
    assert faults(**changes) == fields


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"opens_at": at(1, 0), "closes_at": datetime(2027, 1, 1, tzinfo=SHANGHAI)}, id="ALL_DAYS"),
        pytest.param({"limits": "end", "opens_at": at(2, 9), "closes_at": at(2, 10)}, id="EXACTLY_THE_FULL_TIME"),
        pytest.param({"opens_at": at(2, 9), "late_entry_minutes": 15, "wait_minutes": 60}, id="LATE_ENTRY_AND_WAIT"),
    ],
)
def test_what_is_sound_passes(changes: dict) -> None:
    assert faults(**changes) == set()


def test_settings_come_back_from_their_data() -> None:
    whole = replace(
        SETTINGS, opens_at=at(2), closes_at=at(3), late_entry_minutes=15, review_from=at(9), shuffle_items=False
    )
    assert settings_from(settings_data(whole)) == whole


def test_a_draft_begins_with_the_rules_that_hold() -> None:
    whole = replace(
        SETTINGS, closes_at=at(3), wait_minutes=90, counts="last", partial="minus_wrong", shuffle_options=False
    )
    blueprint = Blueprint(SECTIONS, minutes=60, pass_mark=60, max_attempts=3, shuffle_options=False)
    assert settings_of(Rules(4, blueprint, timedelta(seconds=3), "full", whole.terms)) == whole
