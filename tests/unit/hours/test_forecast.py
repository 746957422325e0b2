"""How a year ends at the present pace, and what closes the gap. Requirement 12."""

from datetime import date
from uuid import UUID

import pytest

from lms.hours.domain.forecast import Forecast, Offer, brought, closing, forecast
from lms.hours.domain.targets import Demand, Ledger, Span, summarised

YEAR = Demand(Ledger.SELF_STUDY, Span.YEAR, date(2026, 1, 1), date(2027, 1, 1), 5000, 5000)


@pytest.mark.parametrize(
    ("earned", "today", "expected"),
    [
        pytest.param(0, date(2026, 7, 1), Forecast(None, False, 715, 184), id="NOTHING_EARNED_NO_PACE"),
        pytest.param(400, date(2026, 1, 20), Forecast(None, False, 384, 346), id="TOO_EARLY_TO_SAY"),
        pytest.param(400, date(2026, 1, 31), Forecast(4866, False, 384, 335), id="THIRTY_DAYS_GONE"),
        pytest.param(2500, date(2026, 7, 2), Forecast(5013, True, 358, 183), id="HALF_WAY"),
        pytest.param(1200, date(2026, 11, 27), Forecast(1327, False, 1900, 35), id="BEHIND_IN_NOVEMBER"),
        pytest.param(5000, date(2026, 3, 1), Forecast(30932, True, 0, 306), id="REACHED"),
        pytest.param(4999, date(2026, 12, 31), Forecast(5012, True, 1, 1), id="LAST_DAY"),
        pytest.param(4000, date(2027, 1, 1), Forecast(4000, False, 1000, 0), id="OVER"),
    ],
)
def test_the_pace_so_far_is_kept_to_the_end(earned: int, today: date, expected: Forecast) -> None:
    assert forecast(YEAR, summarised(earned, 5000), today) == expected


def test_who_joined_later_has_a_pace_from_then_on() -> None:
    found = forecast(YEAR, summarised(800, 2500), date(2026, 8, 30), counted_from=date(2026, 7, 1))
    assert found.at_end == 800 * 184 // 60


def offer(number: int, hours: int, coverage: float = 0.0) -> Offer:
    return Offer(UUID(int=number), f"课程{number}", hours, coverage)


A, B, C = offer(1, 400), offer(2, 400, 0.9), offer(3, 200, 0.1)


@pytest.mark.parametrize(
    ("remaining", "offers", "expected"),
    [
        pytest.param(0, [A, B, C], (), id="NOTHING_MISSING"),
        pytest.param(100, [A, B, C], (B,), id="THE_FURTHEST_AHEAD_IS_ENOUGH"),
        pytest.param(500, [A, B, C], (B, C), id="THEN_THE_NEXT_BEGUN"),
        pytest.param(5000, [A, B, C], (B, C, A), id="ALL_THERE_IS"),
        pytest.param(5000, [offer(9, 0, 1.0)], (), id="WITHOUT_HOURS_NO_HELP"),
        pytest.param(9000, [offer(n, 100) for n in range(9)], tuple(offer(n, 100) for n in range(6)), id="SIX_AT_MOST"),
    ],
)
def test_courses_that_close_the_gap(remaining: int, offers: list[Offer], expected: tuple[Offer, ...]) -> None:
    assert closing(remaining, offers) == expected


def test_what_they_bring_together() -> None:
    assert brought([A, C]) == 600
