"""The rules of the craft: a sound bank keeps them all, and each violation that is planted in it is found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lms.questionbank.domain.citations import LawCitation, Notion
from lms.questionbank.domain.items import Item, ItemType, Option
from lms.questionbank.domain.marks import Run, plain, runs
from lms.questionbank.domain.quality import Report, assess, assess_all, assess_practice
from lms.questionbank.domain.wording import numbers_out_of_order
from tests.unit.questionbank.banks import index, item, sound_bank

Change = Callable[[Item], Item]


def report(bank: list[Item]) -> Report:
    return assess("C1", bank, index())


def broken_measures(bank: list[Item]) -> list[str]:
    return [measure.name for measure in report(bank).measures if not measure.kept]


def planted(kind: ItemType, change: Change) -> list[Item]:
    """The sound bank with the first item of that type changed."""
    bank = sound_bank()
    place = next(place for place, one in enumerate(bank) if one.type is kind)
    bank[place] = change(bank[place])
    return bank


def every(kind: ItemType, change: Change) -> list[Item]:
    """The sound bank with all items of that type changed."""
    return [change(one) if one.type is kind else one for one in sound_bank()]


def with_options(*texts: str) -> Change:
    return lambda one: replace(
        one, options=tuple(Option(key, text) for key, text in zip("ABCDEFGH", texts, strict=False))
    )


def with_stem(stem: str) -> Change:
    return lambda one: replace(one, stem=stem)


def test_a_sound_bank_keeps_every_rule() -> None:
    assert broken_measures(sound_bank()) == []
    assert report(sound_bank()).findings == ()
    assert report(sound_bank()).kept
    assert assess_all([sound_bank()]).kept


WORDING: dict[str, tuple[ItemType, Change, str]] = {
    "all of the above": (ItemType.SINGLE, with_options("甲事", "乙事", "丙事", "以上都对"), "以上都"),
    "all of the above in other words": (ItemType.SINGLE, with_options("甲事", "乙事", "丙事", "均正确"), "以上都"),
    "none of the above": (ItemType.SINGLE, with_options("甲事", "乙事", "丙事", "以上都不是"), "以上都"),
    "a negative without emphasis": (ItemType.SINGLE, with_stem("下列不属于工会职责的是："), "要加重"),
    "a wrong statement asked for": (ItemType.SINGLE, with_stem("关于工会经费，下列说法错误的是："), "要加重"),
    "a negative after which": (ItemType.MULTIPLE, with_stem("遇到裁员，下列哪些人员不得裁减？"), "要加重"),
    "a stem without an end": (ItemType.SINGLE, with_stem("工会的性质"), "题干应以"),
    "a statement that asks": (ItemType.TRUE_FALSE, with_stem("工会是群众组织吗？"), "陈述"),
    "numbers out of order": (ItemType.SINGLE, with_options("15日", "30日", "10日", "60日"), "从小到大"),
    "the same option twice": (ItemType.SINGLE, with_options("甲事", "乙事", "“甲”事", "丙事"), "内容相同"),
    "uneven ends": (ItemType.SINGLE, with_options("甲事。", "乙事", "丙事", "丁事"), "句末标点"),
    "uneven lengths": (ItemType.SINGLE, with_options("甲乙丙丁戊" * 5, "乙", "丙", "丁"), "长短悬殊"),
    "three options": (ItemType.SINGLE, with_options("甲事", "乙事", "丙事"), "有 3 个选项"),
    "five right options": (
        ItemType.MULTIPLE,
        lambda one: with_options("甲事", "乙事", "丙事", "丁事", "戊事")(replace(one, answer=tuple("ABCDE"))),
        "有 5 个正确选项",
    ),
    "one sentence of explanation": (ItemType.SINGLE, lambda one: replace(one, explanation="如此。"), "解析有 1 句"),
    "a lecture as explanation": (ItemType.SINGLE, lambda one: replace(one, explanation="如此。" * 5), "解析有 5 句"),
    "a letter in the explanation": (
        ItemType.SINGLE,
        lambda one: replace(one, explanation="工会是群众组织。B项错误。"),
        "选项字母",
    ),
    "a rule of validity of another law": (
        ItemType.SINGLE,
        lambda one: replace(one, void_rule="公司法修订"),
        "失效一栏",
    ),
    "a rule of validity without a law": (ItemType.SINGLE, lambda one: replace(one, void_rule="第二条修订"), "失效一栏"),
    "a reference of another course": (ItemType.SINGLE, lambda one: replace(one, ref="C2-001"), "编号应以 C1-"),
    "an article that does not exist": (
        ItemType.SINGLE,
        lambda one: replace(one, sources=(LawCitation("工会法", 99),)),
        "没有这一条",
    ),
}


@pytest.mark.parametrize("case", WORDING)
def test_finds(case: str) -> None:
    kind, change, expected = WORDING[case]
    bank = planted(kind, change)

    found = report(bank)

    assert not found.kept
    assert [expected in finding.message for finding in found.findings] == [True]


SOUND_WORDING: dict[str, tuple[ItemType, Change]] = {
    "an emphasised negative": (ItemType.SINGLE, with_stem("下列**不**属于工会职责的是：")),
    "an emphasised wrong statement": (ItemType.SINGLE, with_stem("关于工会经费，下列说法**错误**的是：")),
    "a negative that is not asked for": (ItemType.SINGLE, with_stem("企业不得裁减孕期女职工。这条规定保护的是：")),
    "not content with the award": (ItemType.SINGLE, with_stem("劳动者对裁决不服的，可以起诉的期限是：")),
    "an end with brackets": (ItemType.SINGLE, with_stem("工会是职工自愿结合的（　）。")),
    "above as a number": (
        ItemType.SINGLE,
        with_options("三人以上都可", "五人以上都可", "六人以上都可", "十人以上都可"),
    ),
    "numbers in order": (ItemType.SINGLE, with_options("15日", "一个月", "3个月", "一年")),
}


@pytest.mark.parametrize("case", SOUND_WORDING)
def test_does_not_object_to(case: str) -> None:
    kind, change = SOUND_WORDING[case]

    assert report(planted(kind, change)).findings == ()


def test_the_rule_of_validity_may_name_a_law_that_a_notion_names() -> None:
    sources = (LawCitation("工会法", 2), Notion("最低工资的口径（最低工资规定第十二条）"))
    change: Change = lambda one: replace(one, sources=sources, void_rule="最低工资规定第十二条修订")  # noqa: E731

    assert report(planted(ItemType.SINGLE, change)).findings == ()


def test_letters_of_lists_and_of_firms_are_no_options() -> None:
    change: Change = lambda one: replace(one, explanation="A公司与B公司合并。合同由A公司继续履行。")  # noqa: E731

    assert report(planted(ItemType.SINGLE, change)).findings == ()


ORDER = {
    ("一日", "二日", "三日"): False,
    ("三日", "二日", "一日"): True,
    ("百分之二", "百分之五", "百分之十"): False,
    ("2%", "1%", "5%"): True,
    ("20日", "1个月", "1年"): False,
    ("1年", "20日", "1个月"): True,
    ("3个月", "3.5个月", "4个月"): False,
    ("满一年", "满二年", "不满一年"): False,
    ("出席45名，赞成32名", "出席39名，赞成36名"): False,
    ("3日", "3日"): True,
}


@pytest.mark.parametrize("texts", ORDER, ids=" ".join)
def test_numbers_out_of_order(texts: tuple[str, ...]) -> None:
    assert numbers_out_of_order(texts) is ORDER[texts]


def long_right_option(one: Item) -> Item:
    options = tuple(Option(o.key, o.text + ("甲" if o.key in one.answer else "")) for o in one.options)
    return replace(one, options=options)


def one_long_right_option(one: Item) -> Item:
    options = tuple(Option(o.key, o.text + ("甲" if o.key == one.answer[0] else "")) for o in one.options)
    return replace(one, options=options)


def absolute_wrong_option(one: Item) -> Item:
    wrong = next(o.key for o in one.options if o.key not in one.answer)
    return replace(one, options=tuple(Option(o.key, f"一律{o.text[2:]}") if o.key == wrong else o for o in one.options))


SPREADS: dict[str, tuple[list[Item], str]] = {
    "too few items": (sound_bank()[1:], "题目"),
    "too few single choices": ([one for one in sound_bank() if int(one.ref[3:]) > 3], "单选题"),
    "too few multiple choices": ([one for one in sound_bank() if not 17 <= int(one.ref[3:]) <= 19], "多选题"),
    "too few statements": (sound_bank()[:-3], "判断题"),
    "one letter": (every(ItemType.SINGLE, lambda one: replace(one, answer=("C",))), "单选答案的字母"),
    "two letters": (every(ItemType.MULTIPLE, lambda one: replace(one, answer=("A", "B"))), "多选答案的字母"),
    "the key is longest": (every(ItemType.SINGLE, long_right_option), "单选中最长的选项是答案"),
    "a right option is longest": (every(ItemType.MULTIPLE, one_long_right_option), "多选中最长的选项是答案"),
    "always two are right": (
        every(ItemType.MULTIPLE, lambda one: replace(one, answer=(one.answer[0], one.answer[-1]))),
        "多选正确选项的个数",
    ),
    "mostly true": (
        every(ItemType.TRUE_FALSE, lambda one: replace(one, answer=("T",)) if one.ref < "C1-038" else one),
        "判断题的对错",
    ),
    "nothing hard": ([replace(one, difficulty=min(one.difficulty, 2)) for one in sound_bank()], "难度"),
    "no cases": ([replace(one, case=False) for one in sound_bank()], "情境题"),
    "absolute words in wrong options": (every(ItemType.SINGLE, absolute_wrong_option), "绝对化词语不泄露答案"),
    "absolute words in false statements": (
        every(
            ItemType.TRUE_FALSE,
            lambda one: replace(one, stem=f"任何{one.stem}") if one.answer == ("F",) else one,
        ),
        "绝对化词语不泄露答案",
    ),
}


@pytest.mark.parametrize("case", SPREADS)
def test_measures(case: str) -> None:
    bank, measure = SPREADS[case]

    assert measure in broken_measures(bank)
    assert not report(bank).kept


def test_absolute_words_may_stand_where_they_do_not_tell() -> None:
    bank = every(
        ItemType.SINGLE,
        lambda one: replace(one, options=tuple(Option(o.key, f"必须{o.text[2:]}") for o in one.options)),
    )

    assert broken_measures(bank) == []


def test_a_stem_that_tells_another_answer_is_found() -> None:
    bank = sound_bank()
    bank[-1] = replace(bank[-1], stem=f"众所周知，{bank[0].right_options[0].text}。")

    (finding,) = report(bank).findings

    assert (finding.ref, finding.message) == (bank[-1].ref, f"题干说出了 {bank[0].ref} 的答案")


def test_the_same_words_on_another_article_tell_nothing() -> None:
    bank = sound_bank()
    stem = f"众所周知，{bank[0].right_options[0].text}。"
    elsewhere = LawCitation("工会法", 1)
    bank[-1] = replace(bank[-1], stem=stem, sources=(elsewhere,))

    assert report(bank).findings == ()


def test_near_duplicates_are_found_within_a_bank() -> None:
    bank = sound_bank()
    bank[1] = replace(bank[0], ref="C1-002", stem=f"再问：{bank[0].stem}")

    (finding,) = assess_all([bank]).findings

    assert finding.ref == "C1-002"
    assert "与 C1-001 近乎重复" in finding.message


def test_near_duplicates_are_found_across_banks() -> None:
    other = [replace(one, ref=one.ref.replace("C1", "C2"), stem=one.stem[::-1] + "：") for one in sound_bank()]
    other = [replace(one, options=tuple(Option(o.key, o.text[::-1]) for o in one.options)) for one in other]
    other[5] = replace(sound_bank()[5], ref="C2-006")

    (finding,) = assess_all([sound_bank(), other]).findings

    assert (finding.ref, finding.message) == ("C2-006", "与 C1-006 近乎重复（相似度 1.00）")


def test_numerals_and_titles_do_not_hide_a_copy() -> None:
    bank = sound_bank()
    bank[0] = replace(bank[0], stem="按照《女职工劳动保护特别规定》，怀孕满四个月流产的，产假是四十二天：")
    bank[1] = replace(bank[1], stem="怀孕满4个月流产的，产假是42日：", options=bank[0].options)

    assert [finding.ref for finding in assess_all([bank]).findings] == [bank[1].ref]


def test_one_law_named_by_two_stems_makes_them_no_copies() -> None:
    bank = sound_bank()
    title = "《最高人民法院关于审理劳动争议案件适用法律问题的解释（一）》"
    bank[:2] = [replace(one, stem=f"{title}{one.stem}") for one in bank[:2]]

    assert assess_all([bank]).findings == ()


def test_a_statement_that_repeats_a_question_with_its_answer_is_a_near_duplicate() -> None:
    bank = sound_bank()
    bank[-1] = replace(bank[-1], stem=f"{bank[0].stem}{bank[0].right_options[0].text}。")

    assert [finding.ref for finding in assess_all([bank]).findings] == [bank[-1].ref]


def test_emphasis_is_told_from_text() -> None:
    assert runs("下列**不**属于的是") == (
        Run("下列", strong=False),
        Run("不", strong=True),
        Run("属于的是", strong=False),
    )
    assert plain("**不**是 2*3**4") == "不是 2*3**4"
    assert runs("") == ()


def test_neither_exam_nor_practice_tells_the_answer_of_the_other() -> None:
    asked = item(1, ItemType.SINGLE, "A")
    telling = item(101, ItemType.TRUE_FALSE, "T", stem=f"{asked.options[0].text}。")
    (finding,) = assess_practice("C1", [telling], [asked], index()).findings
    assert (finding.ref, finding.message) == ("C1-101", "题干说出了 C1-001 的答案")
    practised = item(102, ItemType.SINGLE, "A")
    told_in_exam = item(2, ItemType.TRUE_FALSE, "T", stem=f"{practised.options[0].text}。")
    (finding,) = assess_practice("C1", [practised], [told_in_exam], index()).findings
    assert (finding.ref, finding.message) == ("C1-002", "题干说出了 C1-102 的答案")


def test_a_practice_item_that_is_nearly_an_exam_item_is_found() -> None:
    bank = sound_bank()
    copied = replace(bank[0], ref="C1-101")
    (finding,) = assess_all([bank], [copied]).findings
    assert finding.ref == "C1-101" and "C1-001" in finding.message
