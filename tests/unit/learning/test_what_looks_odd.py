"""What looks odd about watching, case by case; an honest viewer's day never does."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from lms.learning.domain import suspicion
from lms.learning.domain.suspicion import NAMES, SHANGHAI, TOLD, Ground, Rhythm

DAY = date(2026, 11, 20)
MORNING = datetime(2026, 11, 20, 8, 0, tzinfo=SHANGHAI)


def rhythm_of(*gaps: int) -> Rhythm:
    rhythm = Rhythm(0, 0, 0)
    for gap in gaps:
        rhythm = rhythm.after(gap)
    return rhythm


RHYTHMS = {
    "A_SCRIPT_TO_THE_MILLISECOND": ([15_000] * 120, True),
    "A_SCRIPT_WITHIN_FIVE": ([15_000, 15_005] * 60, True),
    "A_BROWSER": ([15_004, 15_031, 14_998] * 40, False),
    "SIX_MILLISECONDS": ([15_000, 15_006] * 60, False),
    "TOO_FEW_TO_TELL": ([15_000] * 119, False),
    "PAUSES_DO_NOT_HIDE_IT": ([15_000] * 60 + [400_000, 300] + [15_000] * 60, True),
}


@pytest.mark.parametrize("name", RHYTHMS)
def test_beats_alike_to_the_millisecond(name: str) -> None:
    gaps, odd = RHYTHMS[name]
    assert (suspicion.regular_beats(rhythm_of(*gaps)) is not None) is odd


def stay(from_hour: float, to_hour: float) -> tuple[datetime, datetime]:
    midnight = datetime(2026, 11, 20, tzinfo=SHANGHAI)
    return midnight + timedelta(hours=from_hour), midnight + timedelta(hours=to_hour)


DAYS = {
    "A_WORKING_DAY": ([stay(8, 12), stay(14, 18)], None),
    "SIXTEEN_HOURS": ([stay(6, 22)], None),
    "A_MINUTE_MORE": ([stay(6, 22.02)], {"hours": 16.0}),
    "ALL_NIGHT_BUT_MOSTLY_THE_DAY_BEFORE": ([stay(-10, 8)], None),
    "ROUND_THE_CLOCK": ([stay(-4, 30)], {"hours": 24.0}),
}


@pytest.mark.parametrize("name", DAYS)
def test_more_hours_than_a_day_has_for_a_human(name: str) -> None:
    stays, evidence = DAYS[name]
    assert suspicion.long_day(stays, DAY) == evidence


NETWORKS = {
    "HOME_OFFICE_PHONE": ([(0, "a"), (30, "b"), (50, "c")], None),
    "SIX_IN_AN_HOUR": ([(n * 10, str(n)) for n in range(6)], {"networks": 6}),
    "SIX_IN_TWO_HOURS": ([(n * 20, str(n)) for n in range(6)], None),
    "ONE_NETWORK_MANY_TIMES": ([(n, "a") for n in range(60)], None),
    "NOTHING": ([], None),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_many_networks_in_a_short_time(name: str) -> None:
    minutes, evidence = NETWORKS[name]
    openings = [(MORNING + timedelta(minutes=at), mark) for at, mark in minutes]
    assert suspicion.many_networks(openings) == evidence


COUNTS: dict[str, tuple[Any, Any, Any]] = {
    "ALL_ANSWERS_UNDER_A_SECOND": (suspicion.quick_presence, [300, 300, 999, 10], {"answers": 4, "slowest_ms": 999}),
    "ONE_ANSWER_OF_A_SECOND": (suspicion.quick_presence, [300, 300, 1000, 10], None),
    "TOO_FEW_ANSWERS": (suspicion.quick_presence, [300, 300, 300], None),
    "FIVE_PEOPLE_ONE_BROWSER": (suspicion.shared_device, 5, {"people": 5}),
    "AN_OFFICE_COMPUTER": (suspicion.shared_device, 4, None),
    "THREE_OVERCLAIMS": (suspicion.overclaiming, 3, {"times": 3}),
    "TWO_OVERCLAIMS": (suspicion.overclaiming, 2, None),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_that_speak(name: str) -> None:
    detector, seen, evidence = COUNTS[name]
    assert detector(seen) == evidence


def test_every_ground_can_be_told_in_plain_words() -> None:
    assert set(NAMES) == set(TOLD) == set(Ground)
