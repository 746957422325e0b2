"""What may be proposed as an accommodation."""

from datetime import date

import pytest

from lms.accommodations.domain.measures import Measure, problems

TODAY = date(2026, 11, 27)


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
