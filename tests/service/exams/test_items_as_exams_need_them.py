"""What an exam makes of an item as banks keep it: options, prompts, places and the key."""

from decimal import Decimal

import pytest

from lms.exams.domain.keys import Matches
from lms.exams.queries.examined import asked
from lms.questionbank.domain.exchange import Choice, ExchangeItem, Kind, Pair
from lms.questionbank.domain.items import Option


def test_a_matching_item_shows_each_answer_once_and_distractors_too() -> None:
    item = ExchangeItem(
        Kind.MATCHING, "配对", pairs=(Pair("甲", "一"), Pair("乙", "二"), Pair("丙", "一"), Pair("", "三"))
    )
    parts = asked("matching", (), (), item)
    assert [option.text for option in parts.options] == ["一", "二", "三"]
    assert (parts.prompts, parts.places, parts.key) == (("甲", "乙", "丙"), 3, Matches(("1", "2", "1")))


def test_equal_shares_are_no_weights_of_their_own_and_others_are() -> None:
    options, half = (Option("A", "x"), Option("B", "y"), Option("C", "z")), Decimal(50)
    usual = ExchangeItem(Kind.MULTIPLE, "?", choices=(Choice("x", half), Choice("y", half), Choice("z", Decimal(0))))
    own = ExchangeItem(Kind.MULTIPLE, "?", choices=(Choice("x", half), Choice("y", half), Choice("z", Decimal(-50))))
    assert not asked("multiple", options, ["A", "B"], usual).key.weights
    assert asked("multiple", options, ["A", "B"], own).key.weights["C"] == -50


def test_an_item_that_needs_its_content_and_lacks_it_is_an_error() -> None:
    with pytest.raises(ValueError, match="fill_in"):
        asked("fill_in", (), (), None)
