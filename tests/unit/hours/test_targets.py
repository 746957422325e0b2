"""The year in which hours count, and what a year asks. Requirement 12, promise W9."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lms.hours.domain.rules import count_year
from lms.hours.domain.targets import (
    PLAN,
    Cadre,
    Ledger,
    Requirement,
    Span,
    Summary,
    demands,
    earned_in,
    in_force,
    period_of,
    required_in_year,
    standing,
    summarised,
)
from lms.kernel.ids import new_id

BEIJING = timezone(timedelta(hours=8))
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Entry:
    hours: int
    ledger: str = "self_study"
    count_year: int = 2026
    earned_at: datetime = datetime(2026, 5, 1, tzinfo=BEIJING)
    id: UUID = NOBODY
    reversal_of: UUID | None = None


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
def test_w9_the_year_is_that_of_chinas_calendar(instant: datetime, year: int) -> None:
    assert count_year(instant) == year


def test_a_time_without_zone_has_no_year() -> None:
    with pytest.raises(ValueError, match="aware"):
        count_year(datetime(2026, 12, 31, 23, 50))


def by(category: str, appointed_on: date | None = None, joined_on: date | None = None) -> Cadre:
    return Cadre(category, appointed_on, joined_on)


@pytest.mark.parametrize(
    ("category", "asked"),
    [
        ("division", [("self_study", "year", 5000), ("centralized", "period", 55000)]),
        ("section", [("self_study", "year", 5000), ("centralized", "year", 9000)]),
        ("socialised", [("self_study", "year", 5000), ("centralized", "year", 5000)]),
        ("enterprise", [("self_study", "year", 5000)]),
        ("other", [("self_study", "year", 5000)]),
    ],
)
def test_each_category_is_asked_for_its_own(category: str, asked: list[tuple[str, str, int]]) -> None:
    assert [(one.ledger, one.span, one.required) for one in demands(PLAN, by(category), 2026)] == asked


@pytest.mark.parametrize(
    ("appointed", "year", "span"),
    [
        pytest.param(date(2026, 9, 1), 2026, (date(2026, 9, 1), date(2027, 9, 1)), id="THE_YEAR_OF_THE_APPOINTMENT"),
        pytest.param(date(2026, 9, 1), 2027, (date(2026, 9, 1), date(2027, 9, 1)), id="THE_YEAR_AFTER"),
        pytest.param(date(2026, 9, 1), 2028, None, id="LONG_AGO"),
        pytest.param(date(2026, 1, 1), 2027, None, id="ENDED_WITH_THE_YEAR"),
        pytest.param(date(2027, 1, 1), 2026, None, id="NOT_YET_APPOINTED"),
        pytest.param(date(2028, 2, 29), 2029, (date(2028, 2, 29), date(2029, 3, 1)), id="LEAP_DAY"),
        pytest.param(date(2023, 12, 31), 2024, None, id="BEFORE_THE_PLAN"),
        pytest.param(None, 2026, None, id="NOT_KNOWN"),
    ],
)
def test_the_newly_appointed_have_a_year_for_sixteen_hours(
    appointed: date | None, year: int, span: tuple[date, date] | None
) -> None:
    found = [one for one in demands(PLAN, by("section", appointed), year) if one.span is Span.AFTER_APPOINTMENT]
    assert [(one.since, one.until, one.required) for one in found] == ([(*span, 1600)] if span else [])


@pytest.mark.parametrize(
    ("joined", "required"),
    [
        pytest.param(None, 5000, id="NOT_KNOWN"),
        pytest.param(date(2020, 5, 1), 5000, id="LONG_AGO"),
        pytest.param(date(2026, 1, 31), 5000, id="IN_JANUARY"),
        pytest.param(date(2026, 7, 1), 2500, id="HALF_A_YEAR_LEFT"),
        pytest.param(date(2026, 7, 31), 2500, id="THE_MONTH_OF_JOINING_COUNTS"),
        pytest.param(date(2026, 9, 15), 1666, id="ROUNDED_DOWN"),
        pytest.param(date(2026, 12, 31), 416, id="LAST_DAY"),
        pytest.param(date(2027, 1, 1), 0, id="NEXT_YEAR"),
    ],
)
def test_who_joins_later_is_asked_for_the_months_that_are_left(joined: date | None, required: int) -> None:
    (asked,) = demands(PLAN, by("other", joined, joined), 2026)
    assert (asked.required, asked.full) == (required, 5000)
    whole = replace(PLAN, pro_rata=False)
    assert demands(whole, by("other", joined, joined), 2026)[0].required == 5000


def test_five_years_are_a_fixed_period_and_are_shared_by_months_too() -> None:
    period = demands(PLAN, by("division", None, date(2026, 7, 1)), 2026)[1]
    assert (period.since, period.until) == (date(2024, 1, 1), date(2029, 1, 1))
    assert (period.required, period.full) == (27500, 55000)


@pytest.mark.parametrize(
    ("year", "version"),
    [(2023, None), (2024, 1), (2026, 3), (2027, 3), (2028, 1), (2029, 2), (2033, 2), (2040, 2)],
)
def test_the_newest_set_that_covers_a_year_holds_and_after_it_until_another_is_decided(
    year: int, version: int | None
) -> None:
    sets = [
        PLAN,
        replace(PLAN, version=2, first_year=2029, last_year=2033),
        replace(PLAN, version=3, first_year=2026, last_year=2027),
    ]
    found = in_force(sets, year)
    assert (found.version if found else None) == version


def test_after_the_plan_periods_of_the_same_length_follow() -> None:
    assert [period_of(PLAN, year) for year in (2024, 2028, 2029, 2034)] == [
        (2024, 2028),
        (2024, 2028),
        (2029, 2033),
        (2034, 2038),
    ]


def test_before_the_first_plan_nothing_is_asked() -> None:
    assert demands(None, by("section"), 2020) == ()
    assert required_in_year([], Ledger.SELF_STUDY) == 0


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
    (asked,) = demands(PLAN, by("other"), 2026)
    assert standing(asked, [Entry(value) for value in hours]) == expected


def test_other_years_and_the_other_ledger_do_not_count() -> None:
    entries = [Entry(100), Entry(200, count_year=2025), Entry(300, ledger="centralized")]
    study, training = demands(PLAN, by("section"), 2026)
    assert (standing(study, entries).earned, standing(training, entries).earned) == (100, 300)
    assert earned_in(entries, Ledger.SELF_STUDY, 2025) == 200


def test_the_years_of_a_period_are_added_up() -> None:
    _, period = demands(PLAN, by("division"), 2026)
    entries = [Entry(100, "centralized", year) for year in range(2022, 2031)]
    assert standing(period, entries).earned == 500


def test_after_an_appointment_the_day_counts_and_a_reversal_on_the_day_of_what_it_takes_back() -> None:
    asked = demands(PLAN, by("section", date(2026, 9, 1)), 2026)[-1]
    first, late = new_id(), new_id()
    entries = [
        Entry(800, "centralized", id=first, earned_at=datetime(2026, 9, 1, 0, 0, tzinfo=BEIJING)),
        Entry(400, "centralized", earned_at=datetime(2026, 8, 31, 23, 59, tzinfo=BEIJING)),
        Entry(200, "centralized", 2027, id=late, earned_at=datetime(2027, 8, 31, 23, 59, tzinfo=BEIJING)),
        Entry(100, "centralized", 2027, earned_at=datetime(2027, 9, 1, 0, 0, tzinfo=BEIJING)),
    ]
    assert standing(asked, entries).earned == 1000
    taken = Entry(-200, "centralized", 2027, earned_at=datetime(2027, 10, 1, tzinfo=BEIJING), reversal_of=late)
    assert standing(asked, [*entries, taken]).earned == 800


@given(st.lists(st.integers(-500, 500)), st.integers(0, 10_000))
def test_remaining_and_reached_agree(hours: list[int], required: int) -> None:
    found = summarised(sum(hours), required)
    assert found.remaining >= 0
    assert found.reached is (found.remaining == 0) is (found.earned >= required)


def test_a_set_without_sense_is_refused() -> None:
    for wrong in (
        {"version": 0},
        {"last_year": 2023},
        {"requirements": (Requirement(Ledger.SELF_STUDY, Span.YEAR, 0),)},
    ):
        with pytest.raises(ValueError, match="sound"):
            replace(PLAN, **wrong)
