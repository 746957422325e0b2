"""How much more time an accommodation gives in an exam."""

import pytest

from lms.exams.domain.starting import extra_minutes


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
