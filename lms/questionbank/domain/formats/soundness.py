"""Is an item whole? What every format's items have to keep before they may be stored, and what is merely doubtful."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lms.kernel.numbers import tells_a_number, tells_an_id_number
from lms.questionbank.domain.exchange import (
    ANYTHING,
    FULL,
    KIND_TITLES,
    NONE,
    Accepted,
    ExchangeItem,
    Kind,
    TextFormat,
)
from lms.questionbank.domain.formats.amounts import shown
from lms.questionbank.domain.markedtext import from_html


@dataclass(frozen=True)
class Bounds:
    """Upper bounds of an item; lengths are in characters, pictures in bytes."""

    ref: int = 40
    title: int = 200
    whole: int = 60_000
    stem: int = 20_000
    choice: int = 5_000
    answer: int = 1_000
    note: int = 200
    choices: int = 26
    blanks: int = 20
    alternatives: int = 50
    pairs: int = 30
    children: int = 30
    tags: int = 30
    pictures: int = 8
    picture_bytes: int = 1_000_000


BOUNDS = Bounds()
_TAG = re.compile(
    r"</?(?:p|br|b|i|em|strong|ul|ol|li|img|span|div|table|sub|sup|h[1-6])\b[^<>]{0,200}/?>", re.IGNORECASE
)
_INNER_STAR = re.compile(r"(?<!\\)\*")


def faults_of(item: ExchangeItem) -> tuple[str, ...]:
    """Why the item may not be stored, each as a Chinese sentence."""
    return tuple(_faults(item))


def warnings_of(item: ExchangeItem) -> tuple[str, ...]:
    """What the author should look at."""
    return tuple(_warnings(item))


def _faults(item: ExchangeItem) -> Iterator[str]:
    yield from _lengths(item)
    said = tuple(_said(item))
    if (signs := sum(map(len, _all_said(item)))) > BOUNDS.whole:
        yield f"整道题有 {signs} 个字，最多 {BOUNDS.whole} 个字"
        return  # nobody waits until so much is looked through
    shown = (from_html(text) for text in said if item.format is TextFormat.HTML)  # as it will be stored
    if any(tells_an_id_number(text) for text in (*said, *shown)):
        yield "题目里有身份证号，请删去；举例请写成“张某”“某职工”"
    if any(tells_a_number(name) for name in (item.knowledge_point, item.category)):
        yield "知识点和分类不能有手机号码或身份证号"
    if not item.stem:
        yield "题干没有填写"
    if item.kind in (Kind.SINGLE, Kind.MULTIPLE):
        yield from _choices(item)
    elif item.kind is Kind.TRUE_FALSE:
        if len(item.choices) != 2 or sorted(choice.fraction for choice in item.choices) != [NONE, FULL]:
            yield "判断题要有一个答案：正确或错误"
    elif item.kind is Kind.FILL_IN:
        yield from _blanks(item)
    elif item.kind is Kind.MATCHING:
        if sum(bool(pair.prompt) for pair in item.pairs) < 2:
            yield "匹配题至少要有两对"
        if any(not pair.answer for pair in item.pairs):
            yield "匹配题有一对没有写右边"
    elif item.kind is Kind.CASE:
        yield from _children(item)


def _texts(item: ExchangeItem) -> tuple[tuple[str, str, int], ...]:
    """The texts of an item but those of its children, each with its name and how long it may be."""
    return (
        ("编号", item.ref, BOUNDS.ref),
        ("名称", item.title, BOUNDS.title),
        ("分类", item.category, BOUNDS.title),
        ("题干", item.stem, BOUNDS.stem),
        ("解析", item.feedback, BOUNDS.stem),
        ("参考答案", item.reference, BOUNDS.stem),
        ("知识点", item.knowledge_point, 60),
        ("依据", item.source, BOUNDS.answer),
        ("失效", item.void_rule, BOUNDS.note),
        *(("标签", tag, 100) for tag in item.tags),
        *(("选项", choice.text, BOUNDS.choice) for choice in item.choices),
        *(("反馈", choice.feedback, BOUNDS.choice) for choice in item.choices),
        *(("反馈", answer.feedback, BOUNDS.choice) for blank in item.blanks for answer in blank.answers),
        *(("匹配", text, BOUNDS.answer) for pair in item.pairs for text in (pair.prompt, pair.answer)),
    )


def _lengths(item: ExchangeItem) -> Iterator[str]:
    for name, text, longest in _texts(item):
        if len(text) > longest:
            yield f"{name}有 {len(text)} 个字，最多 {longest} 个字"
    counts = [
        ("选项", item.choices, BOUNDS.choices),
        ("空", item.blanks, BOUNDS.blanks),
        ("对", item.pairs, BOUNDS.pairs),
        ("小题", item.children, BOUNDS.children),
        ("标签", item.tags, BOUNDS.tags),
        ("图片", item.pictures, BOUNDS.pictures),
    ]
    for name, values, most in counts:
        if len(values) > most:
            yield f"有 {len(values)} 个{name}，最多 {most} 个"
    if item.difficulty is not None and not 1 <= item.difficulty <= 5:
        yield "难度只能写 1 到 5"
    if not 0 <= item.points <= 1000:
        yield "分值要在 0 到 1000 之间"
    if item.penalty is not None and not 0 <= item.penalty <= 1:
        yield "罚分要在 0 到 1 之间"


def _said(item: ExchangeItem) -> Iterator[str]:
    yield from (text for _name, text, _longest in _texts(item))
    for blank in item.blanks:
        for one in blank.answers:
            yield from (one.text,) if isinstance(one, Accepted) else (shown(one.value), shown(one.tolerance))
    yield from (picture.name for picture in item.pictures)


def _all_said(item: ExchangeItem) -> Iterator[str]:
    yield from _said(item)
    for child in item.children:
        yield from _said(child)


def _choices(item: ExchangeItem) -> Iterator[str]:
    if len(item.choices) < 2:
        yield f"{KIND_TITLES[item.kind]}题至少要有两个选项"
    for position, choice in enumerate(item.choices, start=1):
        if not choice.text:
            yield f"第 {position} 个选项没有内容"
    if item.choices and not any(choice.fraction > 0 for choice in item.choices):
        yield "没有正确的选项"


def _blanks(item: ExchangeItem) -> Iterator[str]:
    if not item.blanks:
        yield "填空题没有答案"
    for position, blank in enumerate(item.blanks, start=1):
        if not any(answer.fraction > 0 for answer in blank.answers):
            yield f"第 {position} 空没有正确的答案"
        if len(blank.answers) > BOUNDS.alternatives:
            yield f"第 {position} 空有 {len(blank.answers)} 个答案，最多 {BOUNDS.alternatives} 个"
        for answer in blank.answers:
            if isinstance(answer, Accepted) and not 0 < len(answer.text) <= BOUNDS.answer:
                yield f"第 {position} 空有一个答案是空的或超过 {BOUNDS.answer} 个字"


def _children(item: ExchangeItem) -> Iterator[str]:
    if not item.children:
        yield "案例题没有小题"
    for position, child in enumerate(item.children, start=1):
        if child.kind is Kind.CASE:
            yield f"第 {position} 小题又是案例题"
        else:
            yield from (f"第 {position} 小题：{message}" for message in _faults(child))


def _warnings(item: ExchangeItem) -> Iterator[str]:
    right = [choice.fraction for choice in item.choices if choice.fraction > 0]
    if item.kind is Kind.SINGLE and right and max(right) != FULL:
        yield f"没有一个选项得 100%，最多只能得 {shown(max(right))}%"
    if item.kind is Kind.MULTIPLE and right and abs(sum(right, NONE) - FULL) > 1:
        yield f"正确选项的得分合计是 {shown(sum(right, NONE))}%，应是 100%"
    if len({choice.text for choice in item.choices}) < len(item.choices):
        yield "有两个选项内容相同"
    if item.format is TextFormat.PLAIN and any(map(_TAG.search, (item.stem, *(one.text for one in item.choices)))):
        yield "文字里有 HTML 标记，会按原样显示；要当作格式，请注明格式是 html"
    accepted = [answer.text for blank in item.blanks for answer in blank.answers if isinstance(answer, Accepted)]
    if any(text != ANYTHING and _INNER_STAR.search(text) for text in accepted):
        yield r"填空答案里的 * 表示任意文字；要表示星号本身，请写 \*"
    for position, child in enumerate(item.children, start=1):
        yield from (f"第 {position} 小题：{message}" for message in _warnings(child))
