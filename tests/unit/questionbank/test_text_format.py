"""The readable text of a bank: what is read, what is forgiven, and how each mistake is named. Requirement 29."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from lms.questionbank.domain.citations import Citation, LawCitation, Notion
from lms.questionbank.domain.items import OPTION_KEYS, TRUE_FALSE_OPTIONS, Item, ItemType, Option
from lms.questionbank.domain.limits import LIMITS
from lms.questionbank.domain.plaintext import canonical
from lms.questionbank.domain.textformat import parse, render

SINGLE = """【单选】C1-001
题干：工会的性质是：
A. 群众组织
B. 行政机关
C. 企业部门
D. 学术团体
答案：A
解析：第一句。第二句。
依据：工会法 第二条 第一款
知识点：工会性质
难度：2
情境：否
失效：工会法第二条修订
"""

TRUE_FALSE = """【判断】C1-002
题干：工会是群众组织。
答案：正确
解析：第一句。第二句。
依据：通说：工会具有群众性
知识点：工会性质
难度：1
情境：是
失效：工会法第二条修订
"""


def messages(text: str) -> list[str]:
    return [problem.message for problem in parse(text).problems]


def test_an_item_is_read_with_every_field() -> None:
    result = parse(SINGLE)

    assert result.problems == ()
    assert result.item_lines == (1,)
    assert result.items == (
        Item(
            ref="C1-001",
            type=ItemType.SINGLE,
            stem="工会的性质是：",
            options=(
                Option("A", "群众组织"),
                Option("B", "行政机关"),
                Option("C", "企业部门"),
                Option("D", "学术团体"),
            ),
            answer=("A",),
            explanation="第一句。第二句。",
            sources=(LawCitation("工会法", 2, paragraph=1),),
            knowledge_point="工会性质",
            difficulty=2,
            case=False,
            void_rule="工会法第二条修订",
        ),
    )


def test_true_and_false_need_no_options_and_have_two() -> None:
    (item,) = parse(TRUE_FALSE).items

    assert item.options == TRUE_FALSE_OPTIONS
    assert item.answer == ("T",)
    assert item.sources == (Notion("工会具有群众性"),)


FORGIVEN = {
    "half-width colons": ("题干：", "题干:"),
    "half-width brackets": ("【单选】", "[单选]"),
    "the longer name of the type": ("【单选】", "【单选题】"),
    "a space after the bracket": ("【单选】C1-001", "【单选】 C1-001"),
    "a wide dot after the letter": ("A. ", "A．"),
    "an enumeration comma after the letter": ("A. ", "A、"),
    "no space after the letter": ("A. ", "A."),
    "a wide letter": ("A. ", "Ａ. "),
    "a small letter": ("A. ", "a) "),
    "a wide letter as the key": ("答案：A", "答案：Ａ"),
    "spaces around a value": ("难度：2", "难度： 2　"),
    "the name of a level": ("难度：2", "难度：中"),
    "the law in title marks": ("依据：工会法", "依据：《工会法》"),
    "no spaces in a citation": ("工会法 第二条 第一款", "工会法第二条第一款"),
    "Arabic numerals in a citation": ("第二条 第一款", "第2条 第1款"),
    "a byte order mark": ("【单选】", "\ufeff【单选】"),
    "Windows line ends": ("\n", "\r\n"),
    "blank lines inside": ("\n", "\n\n"),
    "comments": ("答案：", "# 答案已核对\n答案："),
    "a value over two lines": ("第一句。第二句。", "第一句。\n第二句。"),
    "an option over two lines": ("群众组织", "群众\n组织"),
}


@pytest.mark.parametrize("case", FORGIVEN)
def test_forgives(case: str) -> None:
    old, new = FORGIVEN[case]

    assert parse(SINGLE.replace(old, new)) == replace(
        parse(SINGLE), item_lines=parse(SINGLE.replace(old, new)).item_lines
    )


PROBLEMS = {
    "no reference": (SINGLE, "【单选】C1-001", "【单选】", "第 1 行，编号"),
    "a reference with a space": (SINGLE, "C1-001", "C1 001", "第 1 行，编号"),
    "an unknown type": (SINGLE, "【单选】", "【填空】", "第 1 行，题型：不认识【填空】"),
    "no line of the type": (SINGLE, "【单选】C1-001\n", "", "第 1 行，题型：题目之前要有"),
    "text before the stem": (SINGLE, "题干：", "问题：", "第 2 行，题干：题型行之后要写"),
    "no stem": (TRUE_FALSE, "题干：工会是群众组织。\n", "", "第 1 行，题干：没有填写"),
    "an empty stem": (TRUE_FALSE, "工会是群众组织。", "", "第 2 行，题干：没有填写"),
    "too long a stem": (SINGLE, "工会的性质是：", "长" * 2001, "第 2 行，题干：有 2001 个字，最多 2000 个字"),
    "a label twice": (SINGLE, "难度：2", "难度：2\n难度：3", "第 12 行，难度：重复出现"),
    "no options": (SINGLE, "A. 群众组织\nB. 行政机关\nC. 企业部门\nD. 学术团体\n", "", "第 1 行，选项：有 0 个"),
    "nine options": (SINGLE, "D. 学术团体", "\n".join("ABCDEF"[0] + f". 第{n}" for n in range(6)), "选项：有 9 个"),
    "options out of order": (SINGLE, "B. 行政机关", "C. 行政机关", "第 4 行，选项：字母是 C，按顺序应是 B"),
    "an empty option": (SINGLE, "B. 行政机关", "B.", "第 4 行，选项：B 没有内容"),
    "too long an option": (SINGLE, "行政机关", "长" * 501, "第 4 行，选项：B 有 501 个字"),
    "options for true and false": (TRUE_FALSE, "答案：", "A. 正确\n答案：", "第 3 行，选项：判断题不写选项"),
    "no key": (SINGLE, "答案：A\n", "", "第 1 行，答案：没有填写"),
    "a key that is no option": (SINGLE, "答案：A", "答案：E", "第 7 行，答案：E 不是本题的选项"),
    "two keys of a single choice": (SINGLE, "答案：A", "答案：AB", "第 7 行，答案：单选题只有一个答案"),
    "a letter twice": (SINGLE, "答案：A", "答案：AA", "第 7 行，答案：字母重复"),
    "one key of a multiple choice": (SINGLE, "【单选】", "【多选】", "第 7 行，答案：多选题至少有两个答案"),
    "neither true nor false": (TRUE_FALSE, "答案：正确", "答案：可能", "第 3 行，答案：判断题的答案"),
    "no explanation": (SINGLE, "解析：第一句。第二句。\n", "", "第 1 行，解析：没有填写"),
    "no source": (SINGLE, "依据：工会法 第二条 第一款\n", "", "第 1 行，依据：没有填写"),
    "a source without an article": (SINGLE, "工会法 第二条 第一款", "工会法", "第 9 行，依据：“工会法”读不懂"),
    "an empty notion": (TRUE_FALSE, "通说：工会具有群众性", "通说：", "第 5 行，依据：“通说：”读不懂"),
    "too many sources": (SINGLE, "工会法 第二条 第一款", "；".join(["工会法 第一条"] * 13), "第 9 行，依据：有 13 条"),
    "no knowledge point": (SINGLE, "知识点：工会性质\n", "", "第 1 行，知识点：没有填写"),
    "a fourth level": (SINGLE, "难度：2", "难度：4", "第 11 行，难度：只能写"),
    "a level that is no number": (SINGLE, "难度：2", "难度：²", "第 11 行，难度：只能写"),
    "neither case nor none": (SINGLE, "情境：否", "情境：也许", "第 12 行，情境：只能写 是 或 否"),
    "no rule of validity": (SINGLE, "失效：工会法第二条修订\n", "", "第 1 行，失效：没有填写"),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_names_line_and_field_of(case: str) -> None:
    text, old, new, expected = PROBLEMS[case]

    result = parse(text.replace(old, new, 1))

    assert result.items == ()
    assert any(expected in problem.message for problem in result.problems), messages(text.replace(old, new, 1))
    assert all(problem.message.startswith(f"第 {problem.line} 行，{problem.field}：") for problem in result.problems)


def test_a_reference_used_twice_is_named_with_its_first_line() -> None:
    result = parse(SINGLE + "\n" + SINGLE)

    assert len(result.items) == 1
    assert [problem.message for problem in result.problems] == ["第 15 行，编号：C1-001 与第 1 行重复"]


def test_an_item_with_a_problem_does_not_hide_its_neighbours() -> None:
    broken = SINGLE.replace("答案：A", "答案：E").replace("C1-001", "C1-003")

    result = parse(SINGLE + "\n" + broken + "\n" + TRUE_FALSE)

    assert [item.ref for item in result.items] == ["C1-001", "C1-002"]
    assert result.item_lines == (1, 29)
    assert len(result.problems) == 1


def test_an_item_of_unknown_type_is_reported_once() -> None:
    assert messages(SINGLE.replace("【单选】", "【简答】") + "\n" + TRUE_FALSE) == [
        "第 1 行，题型：不认识【简答】，只能写【单选】【多选】【判断】"
    ]


def test_too_long_a_text_is_refused_before_it_is_read() -> None:
    result = parse(SINGLE, replace(LIMITS, max_text=10))

    assert (result.items, len(result.problems)) == ((), 1)


def test_items_beyond_the_limit_are_refused() -> None:
    result = parse(SINGLE + TRUE_FALSE, replace(LIMITS, max_items=1))

    assert [item.ref for item in result.items] == ["C1-001"]
    assert [problem.message for problem in result.problems] == ["第 14 行，题目：超过 1 道，请分成几个文件"]


def test_problems_are_bounded() -> None:
    assert len(parse("【单选】\n" * 400).problems) == LIMITS.max_problems


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).map(canonical).filter(bool)
REFERENCE = st.from_regex(r"C[1-8]-[0-9]{3}", fullmatch=True)
PROVISION = st.builds(
    LawCitation,
    law=st.sampled_from(["工会法", "劳动合同法", "劳动争议司法解释（一）"]),
    article=st.integers(1, 9999),
    branch=st.none() | st.integers(1, 9),
    paragraph=st.none() | st.integers(1, 99),
    point=st.none() | st.integers(1, 99),
)
NOTION = st.builds(Notion, TEXT.map(lambda text: text.replace("；", "").replace(";", "")).map(canonical).filter(bool))


@st.composite
def items(draw: st.DrawFn) -> Item:
    item_type = draw(st.sampled_from(list(ItemType)))
    if item_type is ItemType.TRUE_FALSE:
        options, answer = TRUE_FALSE_OPTIONS, (draw(st.sampled_from("TF")),)
    else:
        keys = OPTION_KEYS[: draw(st.integers(2, len(OPTION_KEYS)))]
        options = tuple(Option(key, draw(TEXT)) for key in keys)
        fewest = 1 if item_type is ItemType.SINGLE else 2
        most = 1 if item_type is ItemType.SINGLE else len(keys)
        right = draw(st.sets(st.sampled_from(keys), min_size=fewest, max_size=most))
        answer = tuple(sorted(right))
    sources: list[Citation] = draw(st.lists(PROVISION | NOTION, min_size=1, max_size=4))
    return Item(
        draw(REFERENCE),
        item_type,
        draw(TEXT),
        options,
        answer,
        draw(TEXT),
        tuple(sources),
        draw(TEXT),
        draw(st.integers(1, 3)),
        draw(st.booleans()),
        draw(TEXT),
    )


@given(st.lists(items(), max_size=5, unique_by=lambda item: item.ref))
def test_what_is_rendered_is_read_back(bank: list[Item]) -> None:
    result = parse(render(bank))

    assert result.problems == ()
    assert list(result.items) == bank


LINES = st.sampled_from(
    [*SINGLE.splitlines(), *TRUE_FALSE.splitlines(), "", "# 注", "A.", "依据：第九条、；", "【】C1-1"]
)


@given(st.text() | st.lists(LINES | st.text(max_size=20), max_size=40).map("\n".join))
def test_any_text_gives_a_result(text: str) -> None:
    result = parse(text)

    assert len(result.items) == len(result.item_lines)
    assert list(parse(render(result.items)).items) == list(result.items)
