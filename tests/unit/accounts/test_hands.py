"""Who made the other's way in is no second person to them: directly, through others, and with a third behind both."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from lms.accounts.domain.hands import RAISED, SAME_DAY, hands_behind, one_hand

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
FIRST, SECOND, THIRD, FOURTH, CHIEF = (UUID(int=number) for number in range(1, 6))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Acts = list[tuple[UUID, UUID, timedelta]]
"""(who, whom, how long ago)."""


class Book:
    """Who made whom when, and how often it was asked."""

    def __init__(self, acts: Acts) -> None:
        self.acts = [(who, whom, NOW - ago) for who, whom, ago in acts]
        self.asked = 0

    def __call__(self, people: frozenset[UUID], since: datetime) -> frozenset[UUID]:
        self.asked += 1
        return frozenset(who for who, whom, at in self.acts if whom in people and at > since)


@pytest.mark.parametrize(
    ("acts", "refused"),
    [
        pytest.param([], False, id="NOBODY_MADE_ANYBODY"),
        pytest.param([(FIRST, SECOND, HOUR)], True, id="THE_FIRST_MADE_THE_SECOND"),
        pytest.param([(FIRST, SECOND, 29 * DAY)], True, id="A_MONTH_LONG"),
        pytest.param([(FIRST, SECOND, RAISED)], False, id="NO_LONGER"),
        pytest.param([(FIRST, THIRD, 20 * DAY), (THIRD, SECOND, 10 * DAY)], True, id="THROUGH_ANOTHER"),
        pytest.param([(FIRST, THIRD, 9 * DAY), (THIRD, FOURTH, 8 * DAY), (FOURTH, SECOND, 7 * DAY)], True, id="OR_TWO"),
        pytest.param([(SECOND, FIRST, HOUR)], True, id="THE_SECOND_MADE_THE_FIRST_TODAY"),
        pytest.param([(SECOND, FIRST, SAME_DAY)], False, id="A_CHIEF_CONFIRMS_WHAT_THEIR_STAFF_PROPOSES"),
        pytest.param([(CHIEF, FIRST, HOUR), (CHIEF, SECOND, HOUR)], True, id="ONE_HAND_BEHIND_BOTH_TODAY"),
        pytest.param([(CHIEF, FIRST, 2 * DAY), (CHIEF, SECOND, 2 * DAY)], False, id="COLLEAGUES_OF_ONE_CHIEF"),
        pytest.param([(CHIEF, FIRST, HOUR), (THIRD, SECOND, HOUR)], False, id="TWO_HANDS"),
        pytest.param([(FIRST, THIRD, HOUR)], False, id="SOMEBODY_ELSE"),
        pytest.param([(SECOND, THIRD, HOUR), (THIRD, SECOND, HOUR)], False, id="A_CIRCLE_ENDS"),
    ],
)
def test_who_is_in_one_hand(acts: Acts, refused: bool) -> None:
    assert one_hand([FIRST], SECOND, Book(acts), now=NOW) is refused


def test_who_is_the_first_one_is_another_question() -> None:
    assert not one_hand([FIRST], FIRST, Book([(CHIEF, FIRST, HOUR)]), now=NOW)


def test_one_of_several_first_ones_is_enough() -> None:
    book = Book([(THIRD, SECOND, DAY)])
    assert one_hand([FIRST, THIRD], SECOND, book, now=NOW)
    assert not one_hand([], SECOND, book, now=NOW)


def test_whoever_was_made_by_nobody_is_asked_about_once() -> None:
    book = Book([])
    assert hands_behind(SECOND, book, NOW - RAISED) == {SECOND} and book.asked == 1
