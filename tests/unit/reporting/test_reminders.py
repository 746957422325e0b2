"""Reminders before the year's end: which one is due, and in which words."""

from datetime import date

import pytest

from lms.reporting.domain.reminders import (
    BOTH,
    CENTRAL_ONLY,
    SELF_ONLY,
    as_hours,
    days_left,
    stage_of,
    stages_of,
    text_for,
    week_of,
)

STAGES = (90, 60, 30, 7)


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (date(2026, 10, 1), None),
        (date(2026, 10, 2), 90),
        (date(2026, 10, 31), 90),
        (date(2026, 11, 1), 60),
        (date(2026, 11, 30), 60),
        (date(2026, 12, 1), 30),
        (date(2026, 12, 23), 30),
        (date(2026, 12, 24), 7),
        (date(2026, 12, 31), 7),
        (date(2027, 1, 1), None),
    ],
)
def test_which_stage_is_due(day: date, stage: int | None) -> None:
    assert stage_of(day, STAGES) == stage


def test_days_are_counted_to_the_last_of_the_year() -> None:
    assert (days_left(date(2026, 10, 2)), days_left(date(2026, 12, 31))) == (90, 0)


@pytest.mark.parametrize(("text", "stages"), [("90,60,30,7", STAGES), (" 7, 30 ", (30, 7)), ("", ()), ("7,7", (7,))])
def test_stages_of_a_setting(text: str, stages: tuple[int, ...]) -> None:
    assert stages_of(text) == stages


@pytest.mark.parametrize("text", ["soon", "-1", "400", "7.5"])
def test_a_setting_that_names_no_days_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        stages_of(text)


@pytest.mark.parametrize(("self_study", "central", "text"), [(1, 0, SELF_ONLY), (0, 1, CENTRAL_ONLY), (1, 1, BOTH)])
def test_words_for_what_is_missing(self_study: int, central: int, text: str) -> None:
    assert text_for(self_study, central) == text


def test_weeks_of_two_years_differ() -> None:
    assert week_of(date(2026, 12, 31)) == week_of(date(2027, 1, 1)) == 202653
    assert week_of(date(2027, 1, 4)) == 202701


@pytest.mark.parametrize(("hundredths", "text"), [(400, "4"), (50, "0.5"), (1225, "12.25"), (0, "0")])
def test_hours_as_people_write_them(hundredths: int, text: str) -> None:
    assert as_hours(hundredths) == text
