"""Writes items as running text: what the format of question_banks/ knows in its order, then whatever else there is to say."""

from collections.abc import Iterator, Sequence

from lms.questionbank.domain.exchange import ExchangeItem, Kind
from lms.questionbank.domain.formats.labelled_writer import labelled
from lms.questionbank.domain.formats.labels import ANSWER, STEM, Labelled, kind_name
from lms.questionbank.domain.formats.outcome import Fault, NotCarried, Refused
from lms.questionbank.domain.formats.wordtext import LINE_END


def write_text(items: Sequence[ExchangeItem]) -> str:
    """The items as text. Raises NotCarried naming those that it cannot say."""
    blocks: list[str] = []
    faults: list[Fault] = []
    for position, item in enumerate(items, start=1):
        try:
            blocks += [_block(labelled(one, is_child=one is not item)) for one in (item, *item.children)]
        except Refused as refusal:
            faults.append(Fault(item.ref or f"第 {position} 题", f"文本格式{refusal}"))
    if faults:
        raise NotCarried(faults)
    return "\n".join(blocks)


def _block(given: Labelled) -> str:
    assert given.kind is not None  # noqa: S101 - an item always has one
    if given.ref.startswith(":"):
        raise Refused("的编号不能以冒号开头")
    return "\n".join([f"【{kind_name(given.kind, is_child=given.is_child)}】{given.ref}", *_rows(given), ""])


def _rows(given: Labelled) -> Iterator[str]:
    for label, value in given.values.items():
        if label == ANSWER and given.kind is Kind.FILL_IN:
            blanks = value.split("\n")
            for number, blank in enumerate(blanks, start=1):
                yield f"{label}{number if len(blanks) > 1 else ''}：{_line(blank)}"
        elif value:
            yield f"{label}：{_line(value)}"
        if label == STEM:
            yield from (f"{letter}. {_line(text)}" for letter, text in given.options)


def _line(value: str) -> str:
    if LINE_END in value:
        raise Refused(f"不能带符号 {LINE_END}，它表示换行")
    return value.replace("\n", LINE_END)
