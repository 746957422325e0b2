"""The rules of the craft that one item can break by itself: how stem, options and explanation are worded."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from lms.questionbank.domain.citations import LawCitation
from lms.questionbank.domain.items import Item, ItemType
from lms.questionbank.domain.marks import plain, runs
from lms.questionbank.domain.numerals import NUMERAL, value_of
from lms.questionbank.domain.plaintext import narrow
from lms.questionbank.domain.similarity import bare
from lms.questionbank.domain.thresholds import Thresholds

_CATCH_ALL = re.compile(
    r"^(?:以上|上述|前述).{0,6}(?:都|均|皆|全部|不是|不对)|^(?:都|均|全部)(?:不?正确|不?对|不?是|错误)。?$"
)
_NEGATIVE = (
    r"(?P<negative>不(?:正确|符合|属于|包括|准确|恰当|妥当|适当|合法|合理|适用|计入|构成|视为|承担|享有|应|得|可以|能|需|必|宜|是|对)"
    r"|错误|并非)"
)
_ASKED_NEGATIVE = (
    re.compile(rf"{_NEGATIVE}[^，。；？]{{0,16}}的[^，。；？]{{0,8}}[：:？?（(]"),
    re.compile(rf"哪(?:些|项|种|个|类|几|一)[^，。；？]{{0,8}}{_NEGATIVE}[^，。；]{{0,16}}[：:？?（(]"),
)
_LETTER = re.compile(r"(?:选项|答案|选)\s*[A-H](?![A-Za-z])|(?<![A-Za-z])[A-H]\s*(?:项|选项|正确|错误)(?![A-Za-z])")
_STEM_END = re.compile(r"[？?：:]$|[（(][\s_]*[)）][。]?$|_{2,}[。]?$")
_ABSOLUTE = re.compile(r"一律|必须|绝对|任何|所有(?![制权])|只要|(?<![首成])都(?!市)")
_NUMBER = re.compile(rf"(?:百分之)?(?P<number>{NUMERAL}(?:\.[0-9]+)?)(?P<unit>%?)")
_DAYS = {"日": 1, "天": 1, "周": 7, "星期": 7, "个月": 30, "月": 30, "年": 365}
_SPAN_OF_TIME = re.compile(rf"(?P<number>{NUMERAL}(?:\.[0-9]+)?)(?P<unit>个月|星期|日|天|周|月|年)")
_CHANGE = re.compile("第|修订|修改|废止|失效")
_SENTENCE = re.compile(r"[。！？!?]+[”』」）)]*")


def faults(item: Item, limits: Thresholds) -> Iterator[str]:
    """What is wrong with the wording of the item, each as a Chinese sentence."""
    yield from _stem(item)
    if item.type is not ItemType.TRUE_FALSE:
        yield from _options(item, limits)
    yield from _explanation(item, limits)
    yield from _void_rule(item)


def has_absolute_word(text: str) -> bool:
    """Whether the text holds one of the words that give an answer away when they stand in wrong options only."""
    return _ABSOLUTE.search(plain(text)) is not None


def numbers_out_of_order(texts: Sequence[str]) -> bool:
    """Whether options that differ in one number alone are not in ascending order; spans of time are compared in days."""
    values = _values(texts, _SPAN_OF_TIME) or _values(texts, _NUMBER)
    return values is not None and any(later <= earlier for earlier, later in pairwise(values))


def _stem(item: Item) -> Iterator[str]:
    text = plain(item.stem)
    if item.type is ItemType.TRUE_FALSE:
        if not text.endswith("。"):
            yield "判断题的题干应是一句以“。”结尾的陈述"
        return
    if not _STEM_END.search(text):
        yield "题干应以“？”“：”或“（　）”结尾"
    strong = [position for run in runs(item.stem) for position in [run.strong] * len(run.text)]
    for pattern in _ASKED_NEGATIVE:
        match = pattern.search(text)
        if match and not strong[match.start("negative")]:
            yield f"题干问的是否定“{match['negative']}”，要加重，例如 **{match['negative'][0]}**{match['negative'][1:]}"
            return


def _options(item: Item, limits: Thresholds) -> Iterator[str]:
    texts = [option.text for option in item.options]
    fewest, most = limits.options
    if not fewest <= len(texts) <= most:
        yield f"有 {len(texts)} 个选项，应有 {fewest} 到 {most} 个"
    fewest, most = limits.right_of_multiple
    if item.type is ItemType.MULTIPLE and not fewest <= len(item.answer) <= most:
        yield f"多选题有 {len(item.answer)} 个正确选项，应有 {fewest} 到 {most} 个"
    for option in item.options:
        if _CATCH_ALL.search(option.text):
            yield f"选项 {option.key} 是“以上都……”一类的选项"
    if len({bare(text) for text in texts}) < len(texts):
        yield "有两个选项内容相同"
    if len({text.endswith(("。", "；", ".")) for text in texts}) > 1:
        yield "选项的句末标点不一致"
    lengths = [len(bare(text)) for text in texts]
    if max(lengths) > limits.option_ratio * min(lengths) and max(lengths) - min(lengths) > limits.option_difference:
        yield f"选项长短悬殊（{min(lengths)} 到 {max(lengths)} 个字）"
    if numbers_out_of_order(texts):
        yield "数字选项要从小到大排列"


def _explanation(item: Item, limits: Thresholds) -> Iterator[str]:
    count = len([part for part in _SENTENCE.split(item.explanation) if part.strip()])
    fewest, most = limits.explanation_sentences
    if not fewest <= count <= most:
        yield f"解析有 {count} 句，应有 {fewest} 到 {most} 句"
    if _LETTER.search(item.stem) or _LETTER.search(item.explanation):
        yield "题干和解析不要提选项字母，考试时选项会打乱次序"


def _void_rule(item: Item) -> Iterator[str]:
    rule = _CHANGE.split(item.void_rule)[0]
    cited = [source for source in item.sources if isinstance(source, LawCitation)]
    named = any(source.law in item.void_rule for source in cited) or any(
        rule and rule in source.text for source in item.sources
    )
    if cited and not named:
        yield "失效一栏要写明依据中哪部法律的修订使本题失效"


def _values(texts: Sequence[str], pattern: re.Pattern[str]) -> list[float] | None:
    """The one number of each text, when the texts are otherwise the same."""
    found = [list(pattern.finditer(narrow(text))) for text in texts]
    rest = {pattern.sub("#", narrow(text)) for text in texts}
    if any(len(matches) != 1 for matches in found) or len(rest) != 1:
        return None
    return [_amount(matches[0]["number"]) * _DAYS.get(matches[0]["unit"], 1) for matches in found]


def _amount(digits: str) -> float:
    whole, _, fraction = digits.partition(".")
    return (value_of(whole) or 0) + (float(f"0.{fraction}") if fraction else 0.0)
