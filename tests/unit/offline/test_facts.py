"""What is entered of a training is held against its days; its hours count in the year of its last day."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from lms.hours.domain.rules import count_year
from lms.offline.domain.facts import Facts, earned_at, problems

TODAY = date(2026, 11, 20)
SOUND = Facts("offline", "centralized", "工会干部培训班", "浙江省总工会", date(2026, 11, 2), date(2026, 11, 4), 2400)


def wrong(**changes: object) -> dict[str, str]:
    return problems(replace(SOUND, **changes), today=TODAY, days_back=366, hours_a_day=8)  # type: ignore[arg-type]


def test_a_sound_training_is_taken() -> None:
    assert not wrong()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": "rumour"}, "source"),
        ({"ledger": "both"}, "ledger"),
        ({"ledger": "self_study"}, "ledger"),
        ({"title": "  "}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"organiser": ""}, "organiser"),
        ({"from_on": date(2026, 11, 5)}, "until_on"),
        ({"until_on": date(2026, 11, 21)}, "until_on"),
        ({"from_on": date(2025, 10, 1)}, "from_on"),
        ({"from_on": date(2025, 11, 18), "until_on": date(2025, 11, 18), "hours": 400}, "until_on"),
        ({"hours": 0}, "hours"),
        ({"hours": -400}, "hours"),
        ({"hours": 410}, "hours"),
        ({"hours": 2425}, "hours"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changes: dict[str, object], field: str) -> None:
    assert list(wrong(**changes)) == [field]


def test_self_study_elsewhere_is_taken() -> None:
    assert not wrong(source="elsewhere", ledger="self_study")


@pytest.mark.parametrize(
    ("until_on", "now", "year"),
    [
        (date(2026, 12, 31), datetime(2027, 1, 20, tzinfo=UTC), 2026),
        (date(2027, 1, 1), datetime(2027, 1, 20, tzinfo=UTC), 2027),
        (date(2026, 12, 31), datetime(2026, 12, 31, 15, 59, tzinfo=UTC), 2026),
    ],
)
def test_hours_count_in_the_year_of_the_last_day(until_on: date, now: datetime, year: int) -> None:
    at = earned_at(until_on, now)
    assert at <= now
    assert count_year(at) == year
