"""Small notations that fit into one line or cell: answers of a blank, pairs, lists.

`北京 | %50%首都` are two answers of one blank, `3±0.5` and `1..5` are numbers; `甲 => 乙` is a pair; `；` separates the parts of a
list. A backslash before one of these signs takes its meaning away.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from lms.questionbank.domain.exchange import FULL, Accepted, Number, Pair, neat, one_line
from lms.questionbank.domain.formats.amounts import fraction_of, number_of, shown
from lms.questionbank.domain.formats.outcome import Refused

_SIGNS = re.compile(r"[\\|｜；;]")
_UNESCAPED = re.compile(r"\\([\\|｜；;%0-9０-９+\-−.＋－．])")
_ALTERNATIVE = re.compile(r"(?:\\.|[^\\|｜]|\\$)+")
_PART = re.compile(r"(?:\\.|[^\\；;]|\\$)+")
_WEIGHT = re.compile(r"^%(-?[0-9.]{1,12})%")
_ARROW = re.compile(r"(?<!\\)=>")


def alternatives_of(text: str) -> tuple[Accepted | Number, ...]:
    """The answers that a blank takes. Raises Refused."""
    return tuple(_answer(piece.strip()) for piece in _ALTERNATIVE.findall(one_line(text)) if piece.strip())


def alternatives_text(answers: Iterable[Accepted | Number]) -> str:
    """What `alternatives_of` reads back, feedback left out."""
    return " | ".join(_written(answer) for answer in answers)


def pair_of(text: str) -> Pair:
    """A pair; without an arrow the whole text is an answer that only distracts. Raises Refused when there is no answer."""
    prompt, arrow, answer = _split_arrow(text)
    if not answer:
        raise Refused(f"“{text[:30]}”应写成 左边 => 右边")
    return Pair(neat(prompt.replace("\\=>", "=>")) if arrow else "", one_line(answer.replace("\\=>", "=>")))


def pair_text(pair: Pair) -> str:
    """What `pair_of` reads back."""
    prompt, answer = (text.replace("=>", "\\=>") for text in (pair.prompt, pair.answer))
    return f"{prompt} => {answer}" if prompt else f"=> {answer}"


def parts_of(text: str) -> Iterator[str]:
    """The parts of a list."""
    for part in _PART.findall(text):
        value = _UNESCAPED.sub(r"\1", part.strip())
        if value:
            yield value


def parts_text(parts: Iterable[str]) -> str:
    """What `parts_of` reads back."""
    return "；".join(_escaped(part) for part in parts)


def _split_arrow(text: str) -> tuple[str, str, str]:
    match = _ARROW.search(text)
    if match:
        return text[: match.start()].strip(), match[0], text[match.end() :].strip()
    prompt, arrow, answer = text.partition("→")
    return (prompt.strip(), arrow, answer.strip()) if arrow else ("", "", text.strip())


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", text)


def _answer(piece: str) -> Accepted | Number:
    match = _WEIGHT.match(piece)
    fraction = fraction_of(match[1]) if match else FULL
    if fraction is None:
        raise Refused(f"“{piece[:30]}”的得分不在 -100 到 100 之间")
    rest = piece[match.end() :].strip() if match else piece
    number = _number(rest)
    if number is not None:
        return Number(*number, fraction)
    return Accepted(one_line(_UNESCAPED.sub(r"\1", rest)), fraction)


def _number(text: str) -> tuple[Decimal, Decimal] | None:
    """Value and tolerance, None when the text is no number with a tolerance and no range."""
    if ".." in text:
        low, high = (number_of(end) for end in text.split("..", 1))
        return None if low is None or high is None or low > high else ((low + high) / 2, (high - low) / 2)
    value, sign, margin = text.partition("±")
    middle, tolerance = number_of(value), number_of(margin)
    return None if not sign or middle is None or tolerance is None or tolerance < 0 else (middle, tolerance)


def _written(answer: Accepted | Number) -> str:
    weight = "" if answer.fraction == FULL else f"%{shown(answer.fraction)}%"
    if isinstance(answer, Number):
        return f"{weight}{shown(answer.value)}±{shown(answer.tolerance)}"
    text = _escaped(answer.text)
    return weight + (f"\\{text}" if text.startswith("%") or _number(text) is not None else text)
