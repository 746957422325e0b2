"""Reads Aiken: a question, options `A. …` or `A) …`, and a line `ANSWER: B`."""

import re
from dataclasses import dataclass, field

from lms.questionbank.domain.exchange import FULL, NONE, Choice, ExchangeItem, Kind, neat
from lms.questionbank.domain.formats.outcome import Gathering, Reading, Refused

_OPTION = re.compile(r"^([A-Z])[.)]\s*(.*)$")
_ANSWER = re.compile(r"^ANSWER\s*:\s*(.*)$")


@dataclass
class _Open:
    """A question whose answer line has not come yet."""

    line: int = 0
    stem: list[str] = field(default_factory=list)
    options: list[tuple[str, list[str]]] = field(default_factory=list)


def read_aiken(text: str) -> Reading:
    """The questions of an Aiken file."""
    gathering = Gathering()
    question = _Open()
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if gathering.full:
            break
        line = neat(raw)
        answer, option = _ANSWER.match(line), _OPTION.match(line)
        if not line:
            continue
        question.line = question.line or number
        if answer:
            _close(gathering, question, answer[1])
            question = _Open()
        elif option and question.stem:
            question.options.append((option[1], [option[2]]))
        elif question.options:
            question.options[-1][1].append(line)
        else:
            question.stem.append(line)
    if question.line:
        gathering.fault(f"第 {question.line} 行", "没有 ANSWER: 一行，Aiken 的每道题以它结束")
    return gathering.result()


def _close(gathering: Gathering, question: _Open, answer: str) -> None:
    where = f"第 {question.line} 行"
    try:
        gathering.add(_item(question, answer.strip()), where)
    except Refused as refusal:
        gathering.fault(where, str(refusal))


def _item(question: _Open, answer: str) -> ExchangeItem:
    letters = [letter for letter, _ in question.options]
    wanted = [chr(ord("A") + place) for place in range(len(letters))]
    if letters != wanted:
        raise Refused(f"选项的字母是 {''.join(letters)}，按顺序应是 {''.join(wanted)}")
    if answer not in letters:
        raise Refused(f"ANSWER: {answer[:20]} 不是本题的一个选项；Aiken 只有单选题")
    choices = tuple(
        Choice(neat("\n".join(lines)), FULL if letter == answer else NONE) for letter, lines in question.options
    )
    return ExchangeItem(Kind.SINGLE, neat("\n".join(question.stem)), choices=choices)
