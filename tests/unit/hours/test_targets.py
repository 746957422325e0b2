"""The year in which hours count, and what a year asks. Requirement 12, promise W9."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from lms.hours.domain.rules import count_year
from lms.hours.domain.targets import SELF_STUDY_YEAR, Ledger, Summary, Target, summary

BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Entry:
    hours: int
    ledger: str = "self_study"
    count_year: int = 2026


@pytest.mark.parametrize(
    ("instant", "year"),
    [
        pytest.param(datetime(2026, 12, 31, 23, 50, tzinfo=BEIJING), 2026, id="W9_TEN_MINUTES_BEFORE_MIDNIGHT"),
        pytest.param(datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=BEIJING), 2026, id="LAST_INSTANT"),
        pytest.param(datetime(2027, 1, 1, 0, 0, tzinfo=BEIJING), 2027, id="FIRST_INSTANT"),
        pytest.param(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), 2026, id="OLD_YEAR_IN_UTC"),
        pytest.param(datetime(2026, 12, 31, 16, 0, tzinfo=UTC), 2027, id="NEW_YEAR_IN_CHINA_OLD_IN_UTC"),
    ],
)
def test_the_year_is_that_of_chinas_calendar(instant: datetime, year: int) -> None:
    assert count_year(instant) == year


def test_a_time_without_zone_has_no_year() -> None:
    with pytest.raises(ValueError, match="aware"):
        count_year(datetime(2026, 12, 31, 23, 50))


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param([], Summary(0, 5000, 5000, False), id="NOTHING_YET"),
        pytest.param([400] * 8, Summary(3200, 5000, 1800, False), id="EIGHT_COURSES"),
        pytest.param([4999], Summary(4999, 5000, 1, False), id="A_HUNDREDTH_SHORT"),
        pytest.param([5000], Summary(5000, 5000, 0, True), id="EXACT"),
        pytest.param([5600], Summary(5600, 5000, 0, True), id="MORE_THAN_ASKED"),
        pytest.param([5000, -400], Summary(4600, 5000, 400, False), id="AFTER_A_REVERSAL"),
    ],
)
def test_standing_against_fifty_hours_of_self_study(hours: list[int], expected: Summary) -> None:
    assert summary([Entry(value) for value in hours], 2026, SELF_STUDY_YEAR) == expected


def test_other_years_and_the_other_ledger_do_not_count() -> None:
    entries = [Entry(100), Entry(200, count_year=2025), Entry(300, ledger="centralized")]
    assert summary(entries, 2026, SELF_STUDY_YEAR).earned == 100
    assert summary(entries, 2026, Target(Ledger.CENTRALIZED, 9000)).earned == 300


@given(st.lists(st.integers(-500, 500)), st.integers(0, 10_000))
def test_remaining_and_reached_agree(hours: list[int], required: int) -> None:
    standing = summary([Entry(value) for value in hours], 2026, Target(Ledger.SELF_STUDY, required))
    assert standing.earned == sum(hours)
    assert standing.remaining >= 0
    assert standing.reached is (standing.remaining == 0) is (standing.earned >= required)
