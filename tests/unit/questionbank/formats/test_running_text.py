"""Items in running text: the format of question_banks/, and the ways in which people type them in Word."""

from pathlib import Path
from string import ascii_uppercase

import pytest

from lms.questionbank.domain.exchange import ExchangeItem, Kind
from lms.questionbank.domain.formats.outcome import NotCarried
from lms.questionbank.domain.formats.wordtext import read_text
from lms.questionbank.domain.formats.wordtext_writer import write_text
from lms.questionbank.domain.items import ItemType
from lms.questionbank.domain.textformat import parse

BANKS = sorted((Path(__file__).parents[4] / "question_banks").glob("0*/items.txt"))


def items(text: str) -> list[ExchangeItem]:
    reading = read_text(text)
    assert reading.faults == ()
    return [one.item for one in reading.items]


def right(item: ExchangeItem) -> str:
    return "".join(letter for letter, one in zip(ascii_uppercase, item.choices, strict=False) if one.fraction > 0)


@pytest.mark.parametrize("path", BANKS, ids=lambda path: path.parent.name)
def test_our_own_banks_are_read_as_the_checker_reads_them(path: Path) -> None:
    text = path.read_text("utf-8")
    checked, read = parse(text).items, items(text)
    assert [(one.ref, one.stem, one.explanation, one.difficulty, one.case) for one in checked] == [
        (one.ref, one.stem, one.feedback, one.difficulty, one.situational) for one in read
    ]
    for theirs, ours in zip(checked, read, strict=True):
        assert [option.text for option in theirs.options] == [choice.text for choice in ours.choices]
        letters = "".join(theirs.answer).translate(str.maketrans("TF", "AB"))
        assert right(ours) == (letters if theirs.type is ItemType.TRUE_FALSE else "".join(theirs.answer))
    assert list(parse(write_text(read)).items) == list(checked)


SINGLE = "1. 工会的性质是（　）\nA. 群众组织\nB. 行政机关\n答案：A\n"
SAME = {
    "as it is": SINGLE,
    "an enumeration comma after the number": SINGLE.replace("1. ", "1、"),
    "a wide dot": SINGLE.replace("1. ", "１．"),
    "a number in brackets": SINGLE.replace("1. ", "（1）"),
    "第1题": SINGLE.replace("1. ", "第1题 "),
    "the stem labelled": SINGLE.replace("1. ", "题干："),
    "the stem labelled after a number": SINGLE.replace("1. ", "1. 题目："),
    "options side by side": SINGLE.replace("\nB.", "    B."),
    "letters in brackets": SINGLE.replace("A. ", "（A）").replace("B. ", "(B)"),
    "wide letters": SINGLE.replace("A. ", "Ａ．").replace("B. ", "ｂ、"),
    "a half-width colon": SINGLE.replace("：", ":"),
    "the answer in square brackets": SINGLE.replace("答案：", "【答案】"),
    "the answer without a colon": SINGLE.replace("答案：", "正确答案 "),
    "the answer in the stem": SINGLE.replace("（　）", "（A）").replace("答案：A\n", ""),
    "the answer in the stem, half-width": SINGLE.replace("（　）", "( A )").replace("答案：A\n", ""),
    "the type before the stem": SINGLE.replace("1. ", "1.【单选题】"),
    "a heading of the section": "一、单项选择题（每题2分，共40分）\n" + SINGLE,
    "a stem over two lines": SINGLE.replace("的性质", "\n的性质"),
    "blank lines and a comment": SINGLE.replace("\n", "\n\n# 注\n"),
    "Windows line ends": SINGLE.replace("\n", "\r\n"),
    "a type line with the stem": SINGLE.replace("1. ", "【单选】"),
}


@pytest.mark.parametrize("case", SAME)
def test_means_the_same(case: str) -> None:
    (found,) = items(SAME[case])
    assert (found.kind, found.stem, right(found)) == (Kind.SINGLE, "工会的性质是（　）", "A")
    assert [choice.text for choice in found.choices] == ["群众组织", "行政机关"]


KINDS = {
    "several letters": ("1. 有（ABD）\nA. 甲\nB. 乙\nC. 丙\nD. 丁", Kind.MULTIPLE),
    "letters with commas": ("1. 有\nA. 甲\nB. 乙\nC. 丙\n答案：A、C", Kind.MULTIPLE),
    "a tick": ("1. 工会是群众组织。（√）", Kind.TRUE_FALSE),
    "a cross": ("1. 工会是行政机关（×）。", Kind.TRUE_FALSE),
    "a word": ("1. 工会是群众组织。\n答案：对", Kind.TRUE_FALSE),
    "a blank": ("1. 工会会员____大会\n答案：代表", Kind.FILL_IN),
    "a question": ("1. 简述工会的职能。\n参考答案：维护、建设、参与、教育", Kind.SHORT_ANSWER),
    "arrows": ("1. 连线\nA. 甲 => 一\nB. 乙 => 二", Kind.MATCHING),
}


@pytest.mark.parametrize("case", KINDS)
def test_tells_the_kind_from(case: str) -> None:
    text, kind = KINDS[case]
    assert [one.kind for one in items(text)] == [kind]


def test_the_numbers_go_on_and_lists_in_an_explanation_do_not_begin_an_item() -> None:
    text = "1. 甲（√）\n解析：有两点\n1. 第一\n3. 第三\n2. 乙（×）\n"
    first, second = items(text)
    assert (first.feedback, second.stem) == ("有两点1. 第一3. 第三", "乙")


def test_blanks_alternatives_and_numbers() -> None:
    (found,) = items("【填空】T-1\n题干：甲____，乙____，丙____\n答案1：北京 | %50%北平\n答案2：3±0.5\n答案3：1..5\n")
    assert [len(blank.answers) for blank in found.blanks] == [2, 1, 1]
    (found,) = items("【填空】T-1\n题干：甲____，乙____\n答案：一；二\n")
    assert len(found.blanks) == 2


def test_a_case_holds_its_questions() -> None:
    text = "【案例】K-1\n题干：某企业……\n\n【子题·判断】\n题干：对。\n答案：正确\n\n【子题·简答】\n题干：为什么？\n"
    text += "\n【判断】J-1\n题干：甲。\n答案：错误\n"
    case, other = items(text)
    assert [one.kind for one in case.children] == [Kind.TRUE_FALSE, Kind.SHORT_ANSWER]
    assert (other.ref, other.children) == ("J-1", ())


FAULTS = {
    "no answer": ("1. 题\nA. 甲\nB. 乙", "第 1 行", "答案：没有填写"),
    "a letter that is no option": (SINGLE.replace("答案：A", "答案：C"), "第 1 行", "答案：“C”不是本题的选项字母"),
    "two answers of a single choice": (
        SINGLE.replace("1. ", "1.【单选】").replace("答案：A", "答案：AB"), "第 1 行", "答案：单选题只有一个答案"
    ),
    "options out of order": ("【单选】x\n题干：题\nB. 甲\nA. 乙\n答案：A", "第 1 行", "选项的字母是 BA，按顺序应是 AB"),
    "an unknown type": ("【听力】C1-1\n题干：题", "第 1 行", "不认识题型【听力】"),
    "text before all": ("前言\n" + SINGLE, "第 1 行", "题目之前要有一行题型"),
    "a label twice": (SINGLE + "答案：B\n", "第 1 行", "答案：在第 5 行重复出现"),
    "a sub-item alone": ("【子题·判断】x\n题干：甲。\n答案：对", "第 1 行", "子题之前要有读得懂的案例题"),
    "a case of nothing": ("【案例】x\n题干：甲。", "第 1 行", "案例题没有小题"),
    "a wrong level": (SINGLE + "难度：9\n", "第 1 行", "难度：只能写 1 到 5"),
    "nothing": ("\n \n", "全文", "没有找到题目"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_names(case: str) -> None:
    text, where, message = FAULTS[case]
    found = read_text(text).faults
    assert [one.where for one in found] == [where]
    assert found[0].message.startswith(message)


def test_a_text_with_the_sign_of_a_line_end_is_refused_at_export() -> None:
    with pytest.raises(NotCarried):
        write_text([ExchangeItem(Kind.SHORT_ANSWER, "甲↵乙")])
