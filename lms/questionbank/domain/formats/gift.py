"""Reads GIFT: blocks between blank lines, each a question with its answers in braces."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest

from lms.questionbank.domain.exchange import (
    ANYTHING,
    FULL,
    NONE,
    Accepted,
    Blank,
    Choice,
    ExchangeItem,
    Kind,
    Number,
    Pair,
    TextFormat,
    category_path,
    neat,
    one_line,
    reference_code,
    true_false,
)
from lms.questionbank.domain.formats.amounts import fraction_of, number_of
from lms.questionbank.domain.formats.markup import as_format, common_format, looks_like_html
from lms.questionbank.domain.formats.metatags import with_tags
from lms.questionbank.domain.formats.outcome import Gathering, Reading, Refused

BLANK_MARK = "_____"
FORMATS = {"plain": TextFormat.PLAIN, "html": TextFormat.HTML, "markdown": TextFormat.MARKDOWN}
AUTO = "moodle"
LONGEST_QUESTION = 200_000

# Escaped signs are put aside as characters that no text may hold, until the live ones have done their work.
_SIGNS = {sign: chr(0xFDD0 + place) for place, sign in enumerate(":#={}~n\\")}
_ASIDE = str.maketrans({code: "\n" if sign == "n" else sign for sign, code in _SIGNS.items()})
_NO_TEXT = re.compile("[\ufdd0-\ufdef]")
_ESCAPED = re.compile(r"\\([\\:#={}~n])")
_CATEGORY = re.compile(r"^\$CATEGORY:(.*)$", re.IGNORECASE)
_FORMAT = re.compile(r"^\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_WIDE = "\u2e80"  # from here on scripts put no space between words
_REMARK = re.compile(r"^\s*//[^\n]*(?:\n|$)")
_VERDICT = re.compile(r"^\s*(T|F|TRUE|FALSE)\s*(?://[^\n]*\s*)?(?=#|$)", re.IGNORECASE)
_WEIGHT = re.compile(r"^\s*%(-?[0-9.]{1,12})%")
_NOTE = re.compile(r"\[(id|tag|lms):((?:\\.|[^\[\]\\])+)\]")
_NOTE_ESCAPE = re.compile(r"\\([\\\[\]n])")
_TRUE = frozenset({"T", "TRUE"})


@dataclass(frozen=True)
class _Block:
    """The lines of one question, its comments apart; `line` is where it begins."""

    line: int
    text: str
    comments: str


@dataclass(frozen=True)
class _Question:
    """The parts of a question before its type is known; escaped signs are still aside."""

    title: str
    stem: str
    answers: str
    general: str


def read_gift(text: str) -> Reading:
    """The questions of a GIFT file."""
    gathering = Gathering()
    category = ""
    for block in _blocks(_NO_TEXT.sub("", text)):
        if gathering.full:
            break
        where = f"第 {block.line} 行"
        lines = block.text.split("\n")
        while lines and (match := _CATEGORY.match(lines[0].strip())):
            category = category_path(_plain(_escaped(match[1])))
            lines.pop(0)
        rest = "\n".join(lines).strip()
        if not rest:
            continue
        if len(rest) > LONGEST_QUESTION:
            gathering.fault(where, f"一道题超过 {LONGEST_QUESTION} 个字符")
            continue
        try:
            item = _item(_question(_escaped(rest)))
        except Refused as refusal:
            gathering.fault(where, str(refusal))
            continue
        code, tags = _notes(block.comments)
        gathering.add(with_tags(replace(item, ref=code, category=category), tags), where)
    return gathering.result()


def _blocks(text: str) -> Iterator[_Block]:
    first, lines, comments = 0, list[str](), list[str]()
    for number, line in enumerate([*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""], start=1):
        if line.strip().startswith("//"):
            comments.append(line)
        elif line.strip():
            first = first or number
            lines.append(line)
        else:
            if lines:
                yield _Block(first, "\n".join(lines), "\n".join(comments))
            first, lines, comments = 0, [], []


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: _SIGNS[match[1]], text)


def _plain(text: str) -> str:
    return neat(text.translate(_ASIDE))


def _notes(comments: str) -> tuple[str, list[str]]:
    code, tags = "", []
    for match in _NOTE.finditer(comments):
        value = _NOTE_ESCAPE.sub(lambda escape: "\n" if escape[1] == "n" else escape[1], match[2])
        if match[1] != "id":
            tags.append(value)
        elif not code:
            code = reference_code(value)
    return code, tags


def _question(text: str) -> _Question:
    title = ""
    if text.startswith("::") and (end := text.find("::", 2)) > 0:
        title, text = one_line(_plain(text[2:end])), _without_remarks(text[end + 2 :]).strip()
    opening, closing = text.find("{"), text.find("}")
    if opening < 0 and closing < 0:
        raise Refused("没有答案的大括号，是说明（description），不是题目")
    if opening < 0 or closing < opening:
        raise Refused("大括号不成对：缺少 { 或 }（题干和答案里的大括号要写成 \\{ \\}）")
    answers, before, after = _without_remarks(text[opening + 1 : closing]), text[:opening], text[closing + 1 :]
    if "{" in answers:
        raise Refused("答案里又有 {，要写成 \\{")
    if "{" in after or "}" in after:
        raise Refused("一道题里有几处 {…}（多处填空）不支持")
    stem = f"{before}{BLANK_MARK}{after}" if after.strip() else before
    answers, _, general = _last_part(answers, "####")
    return _Question(title, stem, answers.strip(), general)


def _last_part(text: str, mark: str) -> tuple[str, str, str]:
    before, found, after = text.rpartition(mark)
    return (before, found, after) if found else (text, "", "")


def _without_remarks(text: str) -> str:
    """The text after the comments that it begins with."""
    while match := _REMARK.match(text):
        text = text[match.end() :]
    return text.strip()


class _Texts:
    """Turns the pieces of a question into texts of one format."""

    def __init__(self, stem: str, pieces: Sequence[str]) -> None:
        match = _FORMAT.match(stem)
        self.default = match[1].lower() if match else AUTO
        self.format = common_format([self._format_of(piece) for piece in (stem, *pieces) if piece.strip()])

    def __call__(self, piece: str) -> str:
        return as_format(self._said(piece), self._format_of(piece), self.format)

    def _said(self, piece: str) -> str:
        """The text; lines that the file merely wraps are one line, but in markdown, where they may mean something."""
        name, text = self._name(piece)
        return _plain(text if name == "markdown" else _unwrapped(text.strip()))

    def _format_of(self, piece: str) -> TextFormat:
        name, text = self._name(piece)
        if name == AUTO:
            return TextFormat.HTML if looks_like_html(_plain(text)) else TextFormat.PLAIN
        return FORMATS[name]

    def _name(self, piece: str) -> tuple[str, str]:
        match = _FORMAT.match(piece)
        return (match[1].lower(), piece[match.end() :]) if match else (self.default, piece)


def _unwrapped(text: str) -> str:
    """The lines as one, with a space between where their script has one."""
    first, *others = (line.strip(" \t") for line in text.split("\n"))
    parts = [first]
    for line in others:
        parts += [" " if min(parts[-1][-1:], line[:1]) < _WIDE else "", line]
    return "".join(parts)


def _item(question: _Question) -> ExchangeItem:
    answers = question.answers
    texts = _Texts(question.stem, [question.general, *_formatted(answers)])
    item = ExchangeItem(
        Kind.SHORT_ANSWER,
        texts(question.stem),
        texts.format,
        title=question.title,
        feedback=texts(question.general),
    )
    if not answers:
        return item
    if answers.startswith("#"):
        return replace(item, kind=Kind.FILL_IN, blanks=(_numeric(answers[1:], texts),))
    if "~" in answers:
        return _choice(item, answers, texts)
    if verdict := _VERDICT.match(answers):
        wrong, right = (*map(texts, answers.split("#", 2)[1:]), "", "")[:2]
        is_true = verdict[1].upper() in _TRUE
        choices = true_false(is_true, when_true=right if is_true else wrong, when_false=wrong if is_true else right)
        return replace(item, kind=Kind.TRUE_FALSE, choices=choices)
    parts = [part for part in answers.split("=") if part.strip()]
    arrows = sum("->" in part.split("#", 1)[0] for part in parts)
    if arrows == len(parts) and "=" in answers:
        return replace(item, kind=Kind.MATCHING, pairs=tuple(_pair(part, texts) for part in parts))
    if arrows:
        raise Refused("匹配题的每一对都要写成 =左边 -> 右边")
    return replace(item, kind=Kind.FILL_IN, blanks=(_words(parts, texts),))


def _formatted(answers: str) -> Iterator[str]:
    """The texts between the signs that may name a format: all but what is typed into a blank and the right side of a pair."""
    signs = re.split(r"(->|[~=#])", answers)
    choosing = "~" in answers and not answers.startswith("#")
    for sign, piece, following in zip_longest(signs[1::2], signs[2::2], signs[3::2], fillvalue=""):
        if sign in "~#" or (sign == "=" and (choosing or following == "->")):
            yield _WEIGHT.sub("", piece)


def _weighted(part: str, otherwise: Decimal) -> tuple[Decimal, str]:
    """The fraction that stands before an answer, and the rest of it."""
    match = _WEIGHT.match(part)
    if match is None:
        return otherwise, part
    fraction = fraction_of(match[1])
    if fraction is None:
        raise Refused(f"得分 %{match[1]}% 不在 -100 到 100 之间")
    return fraction, part[match.end() :]


def _choice(item: ExchangeItem, answers: str, texts: _Texts) -> ExchangeItem:
    parts = [part for part in answers.replace("=", "~=").split("~") if part.strip()]
    choices = []
    for part in parts:
        right = part.lstrip().startswith("=")
        fraction, rest = _weighted(part.lstrip()[1:] if right else part, FULL if right else NONE)
        text, _, feedback = rest.partition("#")
        choices.append(Choice(texts(text), fraction, texts(feedback)))
    kind = Kind.SINGLE if "=" in answers else Kind.MULTIPLE
    return replace(item, kind=kind, choices=tuple(choices))


def _words(parts: Sequence[str], texts: _Texts) -> Blank:
    accepted = []
    for part in parts:
        fraction, rest = _weighted(part, FULL)
        text, _, feedback = rest.partition("#")
        accepted.append(Accepted(one_line(_plain(_FORMAT.sub("", text))), fraction, texts(feedback)))
    return Blank(tuple(accepted))


def _pair(part: str, texts: _Texts) -> Pair:
    prompt, _, answer = part.partition("->")
    return Pair(texts(prompt), one_line(_plain(answer)))


def _numeric(answers: str, texts: _Texts) -> Blank:
    right, has_wrong, wrong = answers.partition("~")
    found: list[Accepted | Number] = []
    for part in (part for part in right.split("=") if part.strip()):
        fraction, rest = _weighted(part, FULL)
        typed, _, feedback = rest.partition("#")
        found.append(_number(_plain(typed), fraction, texts(feedback)))
    if has_wrong:
        found.append(Accepted(ANYTHING, NONE, texts(wrong.partition("#")[2])))
    return Blank(tuple(found))


def _number(typed: str, fraction: Decimal, feedback: str) -> Number | Accepted:
    if typed == ANYTHING:
        return Accepted(ANYTHING, fraction, feedback)
    if ".." in typed:
        low, high = (number_of(end) for end in typed.split("..", 1))
        if low is None or high is None or low > high:
            raise Refused(f"“{typed[:40]}”不是数值范围，应写成 1..5")
        return Number((low + high) / 2, (high - low) / 2, fraction, feedback)
    value, _, tolerance = typed.partition(":")
    number, margin = number_of(value), number_of(tolerance or "0")
    if number is None or margin is None or margin < 0:
        raise Refused(f"“{typed[:40]}”不是数值，应写成 3、3:0.5 或 1..5")
    return Number(number, margin, fraction, feedback)
