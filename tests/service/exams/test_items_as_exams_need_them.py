"""What an exam makes of an item as banks keep it: options, prompts, places and the key."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest

from lms.exams.domain.keys import Matches
from lms.exams.queries.examined import asked, exam_item
from lms.questionbank.domain.exchange import Choice, ExchangeItem, Kind, Pair, Picture
from lms.questionbank.domain.items import Option
from lms.questionbank.queries import ItemVersion


def test_a_matching_item_shows_each_answer_once_and_distractors_too() -> None:
    item = ExchangeItem(
        Kind.MATCHING, "配对", pairs=(Pair("甲", "一"), Pair("乙", "二"), Pair("丙", "一"), Pair("", "三"))
    )
    parts = asked("matching", (), (), item)
    assert parts.options == (Option("1", "一"), Option("3", "三"), Option("2", "二")), "by their texts, not as written"
    assert (parts.prompts, parts.places, parts.key) == (("甲", "乙", "丙"), 3, Matches(("1", "2", "1")))


def version(item: ExchangeItem | None, type_: str, options: tuple[Option, ...] = ()) -> ItemVersion:
    return ItemVersion(UUID(int=1), "C1", type_, "?", options, ("A",), "", (), True, True, item)


TWO = (Option("A", "x"), Option("B", "y"))
CHOICES = (Choice("x", Decimal(100)), Choice("y", Decimal(0)))
PAIRS = (Pair("甲", "寅"), Pair("乙", "子"), Pair("丙", "丑"))


@pytest.mark.parametrize(
    ("known", "keys", "may"),
    [
        pytest.param(version(None, "single", TWO), ("A", "B"), True, id="WITHOUT_A_WORD"),
        pytest.param(
            version(ExchangeItem(Kind.SINGLE, "?", choices=CHOICES), "single", TWO), ("A", "B"), True, id="ALLOWED"
        ),
        pytest.param(
            version(ExchangeItem(Kind.SINGLE, "?", choices=CHOICES, shuffle=False), "single", TWO),
            ("A", "B"), False, id="FORBIDDEN",
        ),
        pytest.param(
            version(None, "true_false", (Option("T", "正确"), Option("F", "错误"))), ("T", "F"), False, id="TRUE_FALSE"
        ),
        pytest.param(
            version(ExchangeItem(Kind.MATCHING, "?", pairs=PAIRS), "matching"), ("3", "2", "1"), True, id="MATCHING"
        ),
        pytest.param(
            version(ExchangeItem(Kind.MATCHING, "?", pairs=PAIRS, shuffle=False), "matching"),
            ("3", "2", "1"), False, id="MATCHING_FORBIDDEN",
        ),
    ],
)  # fmt: skip
def test_options_stand_unshuffled_as_written_or_by_their_texts(
    known: ItemVersion, keys: tuple[str, ...], may: bool
) -> None:
    item = exam_item(known)
    assert (item.option_keys, item.may_shuffle) == (keys, may)


def test_pictures_change_neither_the_order_nor_whether_it_may_change() -> None:
    picture = Picture("a.png", digest="0" * 64)
    for shuffle in (True, False):
        told = ExchangeItem(Kind.MATCHING, "![图](a.png)", pairs=PAIRS, shuffle=shuffle, pictures=(picture,))
        item = exam_item(replace(version(told, "matching"), stem=told.stem))
        assert (item.option_keys, item.may_shuffle, item.pictures) == (("3", "2", "1"), shuffle, (picture,))


def test_numbers_of_pictures_do_not_follow_the_author_s_order_of_options() -> None:
    pictures = tuple(Picture(f"{name}.png", digest=sign * 64) for name, sign in zip("abcd", "3102", strict=True))
    options = tuple(Option(key, f"![图]({one.name})") for key, one in zip("ABCD", pictures, strict=True))
    told = ExchangeItem(Kind.SINGLE, "?", pictures=pictures)
    item = exam_item(replace(version(told, "single"), stem="?", options=options))
    assert [option.text for option in item.options] == [f"![图]({number})" for number in (4, 2, 1, 3)]
    assert [one.digest[0] for one in item.pictures] == ["0", "1", "2", "3"]


def test_equal_shares_are_no_weights_of_their_own_and_others_are() -> None:
    options, half = (Option("A", "x"), Option("B", "y"), Option("C", "z")), Decimal(50)
    usual = ExchangeItem(Kind.MULTIPLE, "?", choices=(Choice("x", half), Choice("y", half), Choice("z", Decimal(0))))
    own = ExchangeItem(Kind.MULTIPLE, "?", choices=(Choice("x", half), Choice("y", half), Choice("z", Decimal(-50))))
    assert not asked("multiple", options, ["A", "B"], usual).key.weights
    assert asked("multiple", options, ["A", "B"], own).key.weights["C"] == -50


def test_an_item_that_needs_its_content_and_lacks_it_is_an_error() -> None:
    with pytest.raises(ValueError, match="fill_in"):
        asked("fill_in", (), (), None)
