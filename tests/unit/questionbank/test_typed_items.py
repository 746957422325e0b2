"""What is typed into the editor becomes an item or faults by field, and an item shown and saved again stays what it was."""

from dataclasses import replace

import pytest
from hypothesis import given

from lms.questionbank.domain.exchange import ExchangeItem, Kind, Number, TextFormat, right_choices
from lms.questionbank.domain.markedtext import from_html
from lms.questionbank.domain.typed import Typed, editable, made, typed_of
from tests.unit.questionbank.exchange_items import exchange_items

GOOD = {
    Kind.SINGLE: Typed(Kind.SINGLE, "工会是？", options=(("群众组织", True), ("行政机关", False), ("", False))),
    Kind.MULTIPLE: Typed(Kind.MULTIPLE, "哪些？", options=(("甲", True), ("乙", True), ("丙", False))),
    Kind.TRUE_FALSE: Typed(Kind.TRUE_FALSE, "工会是群众组织。", truth="T"),
    Kind.FILL_IN: Typed(Kind.FILL_IN, "____年____人", blanks="1950±1\n廿五 | 25"),
    Kind.MATCHING: Typed(Kind.MATCHING, "配对", pairs="甲 => 一\n乙 => 二\n=> 三"),
    Kind.SHORT_ANSWER: Typed(Kind.SHORT_ANSWER, "为什么？", reference="因为"),
    Kind.CASE: Typed(Kind.CASE, "某企业拒绝协商。", parts=(("怎么办？", "发出要约"), ("", ""))),
}


@pytest.mark.parametrize("typed", GOOD.values(), ids=lambda typed: typed.kind.value)
def test_each_type_can_be_typed_in(typed: Typed) -> None:
    done = made(typed)
    assert done.problems == {} and done.item is not None and done.item.kind is typed.kind


def test_parts_of_an_answer_are_read() -> None:
    blanks = made(GOOD[Kind.FILL_IN]).item
    assert blanks is not None and isinstance(blanks.blanks[0].answers[0], Number) and len(blanks.blanks[1].answers) == 2
    choice = made(GOOD[Kind.SINGLE]).item
    assert choice is not None and right_choices(choice) == (True, False)
    case = made(GOOD[Kind.CASE]).item
    assert case is not None and [child.stem for child in case.children] == ["怎么办？"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (replace(GOOD[Kind.SINGLE], stem=" "), "stem"),
        (replace(GOOD[Kind.SINGLE], options=(("甲", False), ("乙", False))), "options"),
        (replace(GOOD[Kind.SINGLE], options=(("甲", True), ("乙", True))), "options"),
        (replace(GOOD[Kind.SINGLE], options=(("甲", False), ("", True))), "options"),
        (replace(GOOD[Kind.MULTIPLE], options=(("甲", True), ("乙", False))), "options"),
        (replace(GOOD[Kind.TRUE_FALSE], truth=""), "truth"),
        (replace(GOOD[Kind.FILL_IN], blanks="%200%甲"), "blanks"),
        (replace(GOOD[Kind.FILL_IN], blanks=""), "blanks"),
        (replace(GOOD[Kind.MATCHING], pairs="甲 => 一"), "pairs"),
        (replace(GOOD[Kind.MATCHING], pairs="甲 =>"), "pairs"),
        (replace(GOOD[Kind.CASE], parts=()), "parts"),
        (replace(GOOD[Kind.SINGLE], knowledge_point="一/二/三/四/五/六"), "knowledge_point"),
        (replace(GOOD[Kind.SINGLE], void_rule="长" * 201), "void_rule"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(typed: Typed, field: str) -> None:
    done = made(typed)
    assert done.item is None and set(done.problems) == {field}


@given(exchange_items())
def test_an_item_that_is_shown_and_saved_says_the_same(item: ExchangeItem) -> None:
    if not editable(item) or item.format is TextFormat.HTML:
        return
    shown = typed_of(item)
    done = made(shown, item)
    if done.item is None:  # what a file may hold and the editor refuses: it says why
        assert done.problems
        return
    assert typed_of(done.item) == shown
    assert right_choices(done.item) == right_choices(item)
    assert [choice.fraction for choice in done.item.choices] == [choice.fraction for choice in item.choices]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>甲<b>不</b>乙</p><p>丙</p>", "甲**不**乙\n丙"),
        ("<table><tr><td>一</td><td>二</td></tr><tr><td>三</td></tr></table>", "一 | 二\n三"),
        ("<script>alert(1)</script>甲<img src=x onerror=alert(1) alt='图'>", "甲（图：图）"),
        ("1 &lt; 2<br>甲", "1 < 2\n甲"),
    ],
)
def test_html_becomes_marked_text_and_nothing_active_stays(html: str, text: str) -> None:
    assert from_html(html) == text
