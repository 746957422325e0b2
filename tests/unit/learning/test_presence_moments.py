"""When a course asks whether somebody is there, and what a late answer costs (requirement 24)."""

from datetime import UTC, datetime, timedelta
from random import Random, SystemRandom
from uuid import UUID

import pytest

from lms.learning.domain import presence
from lms.learning.domain.presence import Before, Terms

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
MINUTE = 60_000
NEVER_ASKED = Before(None, 0, 0, asking=False, open=False)


def before(due: int, credited: int = 0, payable: int = 0, *, asking: bool = True, is_open: bool = False) -> Before:
    return Before(due * MINUTE, credited * MINUTE, payable * MINUTE, asking=asking, open=is_open)


@pytest.mark.parametrize(
    ("minutes", "on", "asked"), [(10, True, False), (10.1, True, True), (60, True, True), (60, False, False)]
)
def test_short_media_ask_nobody(minutes: float, on: bool, asked: bool) -> None:
    assert Terms(on=on).asks(int(minutes * MINUTE)) is asked


@pytest.mark.parametrize("rng", [Random(1), SystemRandom()], ids=["seeded", "system"])
def test_moments_fall_anywhere_between_the_bounds(rng: Random) -> None:
    drawn = [Terms().draw(rng) for _ in range(2_000)]
    assert 10 * MINUTE <= min(drawn) < 10.2 * MINUTE
    assert 19.8 * MINUTE < max(drawn) <= 20 * MINUTE
    assert len(set(drawn)) > 1_900


@pytest.mark.parametrize(
    ("last", "left"),
    [
        (None, None),
        (NEVER_ASKED, None),
        (before(15), 15),
        (before(15, 9), 6),
        (before(15, 9, 4), 2),  # late beats of the old lease may still bring four minutes
        (before(15, 9, 12), 0),
        (before(15, 20), 0),
        (before(15, 2, is_open=True), 0),  # asked and never answered
        (before(15, 9, asking=False), 15),  # a short video in between carries the wait on as it is
    ],
    ids=str,
)
def test_the_wait_goes_on_in_the_next_lease(last: Before | None, left: int | None) -> None:
    assert presence.left(last) == (None if left is None else left * MINUTE)


@pytest.mark.parametrize(("carried", "due"), [(0, 0), (6, 6), (20, 20)])
def test_what_was_left_is_when_the_next_lease_asks(carried: int, due: int) -> None:
    assert presence.next_due(carried * MINUTE, Terms(), Random(1)) == due * MINUTE


@pytest.mark.parametrize("carried", [None, 21 * MINUTE])
def test_a_first_wait_and_one_longer_than_the_course_ever_waits_are_drawn(carried: int | None) -> None:
    assert 10 * MINUTE <= presence.next_due(carried, Terms(), Random(1)) <= 20 * MINUTE


@pytest.mark.parametrize(("after", "lost"), [(0, 0), (59, 0), (65, 0), (65.001, 65.001), (600, 600)])
def test_a_late_answer_costs_all_since_the_question(after: float, lost: float) -> None:
    assert presence.lost_ms(NOW, NOW + timedelta(seconds=after), 60) == round(lost * 1000)


@pytest.mark.parametrize(("percent", "seconds"), [(100, 60), (200, 120), (150, 90)])
def test_an_accommodation_stretches_the_window(percent: int, seconds: int) -> None:
    assert Terms().window(percent) == seconds


def test_the_button_changes_its_place() -> None:
    assert {presence.place(UUID(int=number)) for number in range(100)} == set(range(9))
