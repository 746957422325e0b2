"""Four ways to put a wrong key right, held against tables worked by hand."""

from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.keys import Accepted, Blank, Blanks, ByHand, Choices, Matches, Partial
from lms.exams.domain.regrade import KeyChange, Turn, Way, key_data, key_from, rescored, turn, ways_for
from lms.exams.domain.scoring import Line, ScoreSheet

ITEM, OTHER = UUID(int=1), UUID(int=2)
# given, key before, key now; hundredths of 4 points by full_credit, either, new_only, none
TABLE = {
    "WAS_RIGHT": ("B", "B", "C", 400, 400, 0, 400),
    "IS_RIGHT_NOW": ("C", "B", "C", 400, 400, 400, 0),
    "NEVER_RIGHT": ("A", "B", "C", 400, 0, 0, 0),
    "BLANK": ("", "B", "C", 400, 0, 0, 0),
    "NOTHING_CHANGED": ("B", "B", "B", 400, 400, 400, 400),
    "MORE_IS_RIGHT_NOW": ("AB", "A", "AB", 400, 400, 400, 0),
}


def line(given: str, key: str, *, item: UUID = ITEM) -> Line:
    right = bool(given) and set(given) == set(key)
    return Line(1, item, tuple(given), tuple(key), 400 if right else 0, 4)


def change(way: Way, key: str = "C") -> KeyChange:
    return KeyChange(ITEM, way, Choices(tuple(key)) if way.needs_key else None)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("way", list(Way))
def test_each_way_earns_what_the_table_says(name: str, way: Way) -> None:
    given, before, now, *expected = TABLE[name]
    sheet = rescored(ScoreSheet((line(given, before),)), [change(way, now)], Partial.ALL_OR_NOTHING)
    assert sheet.total == dict(zip(Way, expected, strict=True))[way]


@given(st.text("ABCD", max_size=4), st.text("ABCD", min_size=1, max_size=3), st.sampled_from(list(Partial)))
def test_nobody_loses_a_point_unless_only_the_new_key_counts(given: str, now: str, partial: Partial) -> None:
    before = ScoreSheet((line(given, "B"),))
    for way in (Way.FULL, Way.EITHER, Way.NONE):
        assert rescored(before, [change(way, now)], partial).total >= before.total


def test_other_items_stay_as_they_are() -> None:
    sheet = ScoreSheet((line("B", "B", item=OTHER),))
    assert rescored(sheet, [change(Way.NEW)], Partial.ALL_OR_NOTHING) == sheet


def test_decisions_follow_each_other_in_their_order() -> None:
    sheet = ScoreSheet((line("D", "B"),))
    first, second = change(Way.NEW, "C"), change(Way.EITHER, "D")
    assert rescored(sheet, [first, second], Partial.ALL_OR_NOTHING).total == 400
    assert rescored(sheet, [second, first], Partial.ALL_OR_NOTHING).total == 0


def test_a_corrected_multiple_choice_follows_the_rule_of_the_exam() -> None:
    sheet = ScoreSheet((line("AB", "AC"),))
    new = [change(Way.NEW, "ABD")]
    assert [rescored(sheet, new, one).total for one in Partial] == [0, 267, 267]


def test_full_credit_needs_no_marker() -> None:
    waiting = ScoreSheet((Line(1, ITEM, ("一段话",), (), None, 10),))
    done = rescored(waiting, [KeyChange(ITEM, Way.FULL)], Partial.ALL_OR_NOTHING)
    assert done.complete
    assert done.total == 1000


def test_what_has_no_key_to_exchange_offers_two_ways() -> None:
    assert ways_for(Choices(("A",))) == tuple(Way)
    for key in (ByHand(), Matches(("1",))):
        assert ways_for(key) == (Way.FULL, Way.NONE)


@pytest.mark.parametrize(
    "key", [Choices(("A", "C")), Blanks((Blank((Accepted("甲"), Accepted("乙"))), Blank((Accepted("丙"),))))]
)
def test_a_key_comes_back_as_it_was_stored(key: Choices | Blanks) -> None:
    assert key_from(key_data(key)) == key


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(True, True, Turn.STAYS), (False, False, Turn.STAYS), (False, True, Turn.PASSES), (True, False, Turn.FAILS)],
)
def test_what_a_persons_standing_does(before: bool, after: bool, expected: Turn) -> None:
    assert turn(before, after) is expected
