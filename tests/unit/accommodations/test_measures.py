"""How much more time an accommodation gives, and what may not be proposed."""

from datetime import date

import pytest

from lms.accommodations.domain.measures import Measure, extra_minutes, problems

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("minutes", "percent", "extra"),
    [
        (60, 100, 0),
        (60, 150, 30),
        (60, 125, 15),
        (60, 300, 120),
        (50, 133, 17),  # 16.5: a part of a minute counts as a whole one
        (1, 101, 1),
    ],
)
def test_a_part_of_a_minute_counts_as_a_whole_one(minutes: int, percent: int, extra: int) -> None:
    assert extra_minutes(minutes, percent) == extra


@pytest.mark.parametrize(
    ("measure", "from_on", "until_on", "wrong"),
    [
        (Measure(150, 100), TODAY, None, set()),
        (Measure(100, 200), TODAY, TODAY, set()),
        (Measure(150, 100), date(2026, 1, 1), date(2026, 12, 31), set()),
        (Measure(100, 100), TODAY, None, {"exam_factor"}),
        (Measure(99, 200), TODAY, None, {"exam_factor"}),
        (Measure(301, 100), TODAY, None, {"exam_factor"}),
        (Measure(150, 100), date(2026, 12, 2), date(2026, 12, 1), {"until_on"}),
        (Measure(150, 100), date(2026, 1, 1), date(2026, 11, 26), {"until_on"}),
    ],
)
def test_what_may_be_proposed(measure: Measure, from_on: date, until_on: date | None, wrong: set[str]) -> None:
    assert set(problems(measure, from_on=from_on, until_on=until_on, today=TODAY)) == wrong
