"""GIFT: each sign of the format, and how each thing that is not taken is named."""

from decimal import Decimal
from typing import Any

import pytest

from lms.questionbank.domain.exchange import ANYTHING, Accepted, ExchangeItem, Kind, Number, Pair, TextFormat
from lms.questionbank.domain.formats.gift import read_gift
from lms.questionbank.domain.formats.gift_writer import write_gift
from lms.questionbank.domain.formats.outcome import NotCarried


def item(text: str) -> ExchangeItem:
    reading = read_gift(text)
    assert reading.faults == ()
    (read,) = reading.items
    return read.item


def fault(text: str) -> str:
    reading = read_gift(text)
    assert reading.items == ()
    (found,) = reading.faults
    return f"{found.where}：{found.message}"


def fractions(text: str) -> list[Decimal]:
    return [choice.fraction for choice in item(text).choices]


STEMS: dict[str, tuple[str, str]] = {
    "answers at the end leave no blank": ("工会是群众组织。{T}", "工会是群众组织。"),
    "answers inside leave a blank": ("工会会员{=代表}大会", "工会会员_____大会"),
    "answers at the beginning leave a blank": ("{=二 =2}加二得四", "_____加二得四"),
    "a point after the answers is a text": ("首都是{=北京}。", "首都是_____。"),
    "escaped signs are themselves": (r"a\=b \~ \# \{x\} 3\:4{T}", "a=b ~ # {x} 3:4"),
    "an escaped backslash is one": (r"1 \\neq 2{T}", r"1 \neq 2"),
    "a backslash before another sign stays": (r"\alpha \ {T}", r"\alpha \ "[:-1]),
    "backslash n ends a line": (r"第一行\n第二行{T}", "第一行\n第二行"),
    "wrapped Chinese lines join": ("工会是\n  群众组织{T}", "工会是群众组织"),
    "wrapped words keep a space": ("one\n two{T}", "one two"),
    "a comment between lines is gone": ("上半句\n// 注\n下半句{T}", "上半句下半句"),
    "a comment after the name is gone": ("::名:: // 注\n题干{T}", "题干"),
    "two slashes within a line stay": ("见 a//b{T}", "见 a//b"),
}


@pytest.mark.parametrize("case", STEMS)
def test_stem(case: str) -> None:
    text, stem = STEMS[case]
    assert item(text).stem == stem


KINDS: dict[str, tuple[str, Kind]] = {
    "nothing in the braces": ("谈谈工会。{}", Kind.SHORT_ANSWER),
    "only general feedback": ("谈谈工会。{####看教材}", Kind.SHORT_ANSWER),
    "T": ("对吗{T}", Kind.TRUE_FALSE),
    "the whole word": ("对吗{FALSE}", Kind.TRUE_FALSE),
    "tildes and an equals sign": ("选{~甲 =乙}", Kind.SINGLE),
    "tildes with weights": ("选{~%50%甲 ~%50%乙 ~丙}", Kind.MULTIPLE),
    "equals signs alone": ("填{=甲 =乙}", Kind.FILL_IN),
    "a single text without a sign": ("填{甲}", Kind.FILL_IN),
    "a hash": ("几{#3}", Kind.FILL_IN),
    "arrows": ("连{=甲->一 =乙->二}", Kind.MATCHING),
    "arrows inside options": ("选{~a->b =c->d}", Kind.SINGLE),
}


@pytest.mark.parametrize("case", KINDS)
def test_kind(case: str) -> None:
    text, kind = KINDS[case]
    assert item(text).kind is kind


def test_feedback_of_a_statement_is_first_for_the_wrong_answer() -> None:
    true, false = item("对吗{T#想错了#想对了}").choices
    assert (true.feedback, false.feedback) == ("想对了", "想错了")
    true, false = item("对吗{F#想错了#想对了####总的}").choices
    assert (true.feedback, false.feedback) == ("想错了", "想对了")


def test_weights_are_per_cents_up_to_five_decimals() -> None:
    assert fractions("选{~%33.33333%甲 ~%33.33333%乙 ~%33.33333%丙 ~%-100%丁}") == [
        Decimal("33.33333"), Decimal("33.33333"), Decimal("33.33333"), Decimal(-100)
    ]  # fmt: skip
    assert fractions("选{=甲 ~%25%乙 ~丙}") == [100, 25, 0]


def test_feedback_stands_beside_options_and_below_all() -> None:
    found = item("选{~甲#错在这\n=乙#对\n####都看\\:教材}")
    assert [choice.feedback for choice in found.choices] == ["错在这", "对"]
    assert found.feedback == "都看:教材"


NUMBERS: dict[str, tuple[str, list[Any]]] = {
    "a value": ("{#3}", [Number(Decimal(3))]),
    "a tolerance": ("{#3:0.5}", [Number(Decimal(3), Decimal("0.5"))]),
    "a range": ("{#1..5}", [Number(Decimal(3), Decimal(2))]),
    "a negative range": ("{#-5..-1}", [Number(Decimal(-3), Decimal(2))]),
    "an exponent": ("{#1.5e3}", [Number(Decimal(1500))]),
    "several with weights and feedback": (
        "{#=3:0#准 =%50%3:2#近 ~#远}",
        [
            Number(Decimal(3), Decimal(0), Decimal(100), "准"),
            Number(Decimal(3), Decimal(2), Decimal(50), "近"),
            Accepted(ANYTHING, Decimal(0), "远"),
        ],
    ),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers(case: str) -> None:
    text, answers = NUMBERS[case]
    assert list(item(f"几个？{text}").blanks[0].answers) == answers


def test_answers_that_are_typed_may_weigh_less() -> None:
    answers = item("首都？{=北京 =%50%北平#旧称}").blanks[0].answers
    assert answers == (Accepted("北京"), Accepted("北平", Decimal(50), "旧称"))


def test_pairs_and_what_only_distracts() -> None:
    assert item("连{=甲 -> 一 =乙->二 = -> 三}").pairs == (Pair("甲", "一"), Pair("乙", "二"), Pair("", "三"))


def test_names_categories_codes_and_tags() -> None:
    text = "$CATEGORY: $course$/top/工会法/总则\n\n// 注 [id:C1-1] [tag:难度:3] [tag:难\\]点] [tag:知识点:性质]\n::名\\:一::题{T}"
    found = item(text)
    assert (found.category, found.ref, found.title) == ("工会法/总则", "C1-1", "名:一")
    assert (found.difficulty, found.knowledge_point, found.tags) == (3, "性质", ("难]点",))


FORMATS: dict[str, tuple[str, TextFormat, str]] = {
    "none": ("题{T}", TextFormat.PLAIN, "题"),
    "html": ("[html]<b>题</b>{T}", TextFormat.HTML, "<b>题</b>"),
    "markdown keeps its lines": ("[markdown]题\n- 一{T}", TextFormat.MARKDOWN, "题\n- 一"),
    "moodle's own with a tag is html": ("a <b>题</b>{T}", TextFormat.HTML, "a <b>题</b>"),
    "plain with a tag is plain": ("[plain]a <b>题</b>{T}", TextFormat.PLAIN, "a <b>题</b>"),
    "no name of a format": ("[注]题{T}", TextFormat.PLAIN, "[注]题"),
    "html feedback makes plain html": ("1 < 2{T#[html]<i>错</i>}", TextFormat.HTML, "1 &lt; 2"),
}


@pytest.mark.parametrize("case", FORMATS)
def test_format(case: str) -> None:
    text, format, stem = FORMATS[case]
    assert (item(text).format, item(text).stem) == (format, stem)


FAULTS: dict[str, tuple[str, str]] = {
    "a description": ("只是一段话", "第 1 行：没有答案的大括号，是说明（description）"),
    "no closing brace": ("\n题{T", "第 2 行：大括号不成对"),
    "a brace inside": ("题{=a{b}", "第 1 行：答案里又有 {"),
    "two blanks": ("甲{=一}乙{=二}", "第 1 行：一道题里有几处"),
    "a weight beyond": ("选{~%120%甲 ~乙}", "第 1 行：得分 %120%"),
    "no number": ("几{#三}", "第 1 行：“三”不是数值"),
    "a range backwards": ("几{#5..1}", "第 1 行：“5..1”不是数值范围"),
    "a pair without a right side": ("连{=甲->一 =乙}", "第 1 行：匹配题的每一对"),
    "nothing right": ("选{~甲 ~乙}", "第 1 行：没有正确的选项"),
    "one option": ("选{~%100%甲}", "第 1 行：多选题至少要有两个选项"),
    "no stem": ("{T}", "第 1 行：题干没有填写"),
    "nothing": ("// 注", "全文：没有找到题目"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_names(case: str) -> None:
    text, message = FAULTS[case]
    assert fault(text).startswith(message)


def test_a_fault_hides_no_neighbour() -> None:
    reading = read_gift("甲{T}\n\n乙{\n\n丙{F}")
    assert [one.where for one in reading.items] == ["第 1 行", "第 5 行"]
    assert [one.where for one in reading.faults] == ["第 3 行"]


def test_a_code_used_twice_is_named_with_its_first_place() -> None:
    (found,) = read_gift("// [id:A]\n甲{T}\n\n// [id:A]\n乙{T}").faults
    assert found.message == "编号 A 与第 2 行重复"


NOT_CARRIED: dict[str, ExchangeItem] = {
    "GIFT 没有案例题": ExchangeItem(Kind.CASE, "案", children=(ExchangeItem(Kind.SHORT_ANSWER, "问"),)),
    "GIFT 的填空题只能有一个空": ExchangeItem(Kind.FILL_IN, "两处", blanks=(item("{=甲}。").blanks[0],) * 2),
    "GIFT 的匹配题左边不能有 ->": ExchangeItem(Kind.MATCHING, "连", pairs=(Pair("a->b", "c"), Pair("d", "e"))),
}


@pytest.mark.parametrize("message", NOT_CARRIED)
def test_refuses_to_write(message: str) -> None:
    with pytest.raises(NotCarried) as refusal:
        write_gift([NOT_CARRIED[message]])
    assert refusal.value.faults[0].message == message


@pytest.mark.parametrize("answer", ["#330106199003.071234", "#5:330106199003.071234"])
def test_an_id_number_as_a_figure_is_refused(answer: str) -> None:
    told = fault(f"费率是多少？{{{answer}}}")
    assert "身份证号" in told and "330106" not in told
