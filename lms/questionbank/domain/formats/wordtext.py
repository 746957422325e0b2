"""Reads items from running text: the format of question_banks/, and what people type in Word (1. … A. … 答案：… 解析：…)."""

import re
from dataclasses import dataclass, field, replace

from lms.questionbank.domain.exchange import ExchangeItem, Kind
from lms.questionbank.domain.formats.labelled import build
from lms.questionbank.domain.formats.labels import (
    ANSWER,
    FEEDBACK,
    LABELS,
    STEM,
    SYNONYMS,
    Labelled,
    kind_of,
    label_of,
)
from lms.questionbank.domain.formats.outcome import MAX_FAULTS, MAX_ITEMS, Gathering, Reading, Refused
from lms.questionbank.domain.plaintext import joined, lines, narrow

LINE_END = "↵"
"""Stands for the end of a line inside a value."""

_NAMES = "|".join(sorted((*LABELS, *SYNONYMS), key=len, reverse=True))
_LABEL = re.compile(
    rf"^(?:({_NAMES}|{FEEDBACK}(?:[A-Z]|正确|错误|[0-9]{{1,2}}\.[0-9]{{1,2}})|{ANSWER}[0-9]{{1,2}})\s*[:：]"
    rf"|[【\[]({_NAMES})[】\]]\s*[:：]?|({ANSWER}|{'|'.join(name for name in SYNONYMS if name.endswith(ANSWER))})\s+(?=[A-Z√×对错]))"
    r"\s*(.*)$"
)
_HEADER = re.compile(r"^[【\[［〔]\s*([^】\]］〕]{1,16}?)\s*[】\]］〕]\s*[:：]?\s*(.*)$")
_REFERENCE = re.compile(r"^[A-Za-z]+\d*-\d+$")
_SECTION = re.compile(
    r"^(?:第?[一二三四五六七八九十]{1,3}\s*(?:部分|大题)?\s*[、.．:：]|[IVX]{1,4}\s*[.、．])\s*([^\s（(:：。]{2,8})(.*)$"
)
_NUMBERED = re.compile(
    r"^(?:第\s*([0-9０-９]{1,4})\s*题\s*[.．、:：]?|[（(]\s*([0-9０-９]{1,4})\s*[）)]|([0-9０-９]{1,4})\s*[.．、](?![0-9]))\s*(.*)$"
)
_STEM_KIND = re.compile(r"^[【\[（(]\s*([^】\]）)]{2,8})\s*[】\]）)]\s*(.*)$")
_OPTION = re.compile(r"^(?:[（(]\s*([A-Za-zＡ-Ｚａ-ｚ])\s*[）)]|([A-Za-zＡ-Ｚａ-ｚ])\s*[.．、。:：)）])\s*(.*)$")
_NEXT_OPTION = re.compile(r"(?<!\s)\s++(?=[（(]?[A-ZＡ-Ｚ]\s*[.．、:：)）])")


@dataclass
class _Draft:
    """An item as its lines stand. `headed`: it began with a line of its own that names the type."""

    line: int
    kind: Kind | None
    headed: bool = False
    is_child: bool = False
    head: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)
    options: list[tuple[str, list[str]]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    open_parts: list[str] | None = None
    options_may_follow: bool = False
    unknown: bool = False


def read_text(text: str) -> Reading:
    """The items of a text."""
    gathering = Gathering()
    case: tuple[_Draft, ExchangeItem] | None = None
    children: list[ExchangeItem] = []

    def close() -> None:
        if case is not None:
            gathering.add(replace(case[1], children=tuple(children)), f"第 {case[0].line} 行")

    for draft in _Lines().drafts(text, gathering):
        if gathering.full:
            break
        where = f"第 {draft.line} 行"
        if not draft.is_child:
            close()
            case, children = None, []
        item = _item(draft, where, gathering)
        if draft.is_child and case is None:
            gathering.fault(where, "子题之前要有读得懂的案例题")
        elif item is None:
            case = None if not draft.is_child else case
        elif draft.is_child:
            children.append(item)
        elif item.kind is Kind.CASE:
            case, children = (draft, item), []
        else:
            gathering.add(item, where)
    close()
    return gathering.result()


def _item(draft: _Draft, where: str, gathering: Gathering) -> ExchangeItem | None:
    """The item, None when it is refused and its faults are told."""
    if draft.unknown:
        return None
    values = {label: _value(parts) for label, parts in draft.values.items()}
    ref = draft.head
    if draft.head and STEM not in values and not draft.values.get(STEM):
        values[STEM], ref = draft.head, ""
    numbered = sorted((label for label in values if label[len(ANSWER) :].isdecimal()), key=lambda name: int(name[2:]))
    if numbered:
        values[ANSWER] = "\n".join(values.pop(label) for label in numbered)
    options = [(letter, _value(parts)) for letter, parts in draft.options]
    wrong = list(draft.wrong)
    try:
        item = build(Labelled(draft.kind, ref, draft.is_child, values, options))
    except Refused as refusal:
        wrong.append(str(refusal))
    for message in wrong:
        gathering.fault(where, message)
    return None if wrong else item


def _value(parts: list[str]) -> str:
    return joined(parts).replace(LINE_END, "\n")


class _Lines:
    """Goes through the lines and knows which item each belongs to."""

    def __init__(self) -> None:
        self.found: list[_Draft] = []
        self.section: Kind | None = None
        self.number = 0

    def drafts(self, text: str, gathering: Gathering) -> list[_Draft]:
        """The items as their lines stand, in order."""
        stray = False
        for number, line in enumerate(lines(text), start=1):
            if not line or line.startswith("#"):
                continue
            if len(self.found) > MAX_ITEMS + MAX_FAULTS:
                break
            if not self._take(number, line) and not stray:
                stray = True
                gathering.fault(f"第 {number} 行", "题目之前要有一行题型，例如【单选】C1-001，或者题号，例如 1.")
        for draft in self.found:
            if draft.unknown:
                gathering.fault(f"第 {draft.line} 行", f"不认识题型【{draft.head[:20]}】")
        return self.found

    def _take(self, number: int, line: str) -> bool:
        current = self.found[-1] if self.found else None
        if self._starts_labelled(number, line) or (current and not current.headed and self._starts_section(line)):
            return True
        if current is None and self._starts_section(line):
            return True
        if (current is None or not current.headed) and self._starts_numbered(number, line):
            return True
        if current is None:
            if _LABEL.match(line) is None or label_of((_LABEL.match(line) or [""])[1] or "") != STEM:
                return False
            current = self._open(_Draft(number, self.section))
        return self._add(current, number, line)

    def _open(self, draft: _Draft) -> _Draft:
        self.found.append(draft)
        return draft

    def _starts_labelled(self, number: int, line: str) -> bool:
        match = _HEADER.match(line)
        if match is None or _LABEL.match(line):
            return False
        kind, is_child = kind_of(match[1])
        if kind is None:
            if not _REFERENCE.match(narrow(match[2])):
                return False
            self._open(_Draft(number, None, headed=True, head=match[1], unknown=True))
            return True
        draft = self._open(_Draft(number, kind, headed=True, is_child=is_child, head=match[2]))
        draft.options_may_follow = True
        return True

    def _starts_section(self, line: str) -> bool:
        match = _SECTION.match(line)
        kind = kind_of(match[1])[0] if match else None
        if kind is None:
            return False
        self.section, self.number = kind, 0
        return True

    def _starts_numbered(self, number: int, line: str) -> bool:
        match = _NUMBERED.match(line)
        if match is None or int(match[1] or match[2] or match[3]) != self.number + 1:
            return False
        self.number += 1
        stem, kind = match[4], self.section
        bracketed = _STEM_KIND.match(stem)
        if bracketed and (named := kind_of(bracketed[1])[0]):
            kind, stem = named, bracketed[2]
        label = _LABEL.match(stem)
        if label and label_of(label[1] or "") == STEM:
            stem = label[4]
        draft = self._open(_Draft(number, kind))
        draft.open_parts = draft.values.setdefault(STEM, [stem])
        draft.options_may_follow = True
        return True

    def _add(self, draft: _Draft, number: int, line: str) -> bool:
        label = _LABEL.match(line)
        if label is not None:
            name, value = label[1] or label[2] or label[3], label[4]
            name = name if name[len(ANSWER) :].isdecimal() and name.startswith(ANSWER) else label_of(name) or name
            if name == STEM and STEM in draft.values and not draft.headed:
                draft = self._open(_Draft(number, self.section))
            if name in draft.values:
                draft.wrong.append(f"{name}：在第 {number} 行重复出现，前面可能漏写了题型行")
                return True
            draft.open_parts = draft.values.setdefault(name, [value])
            draft.options_may_follow = name == STEM
            return True
        option = _OPTION.match(line) if draft.options_may_follow else None
        if option is not None and (draft.headed or _letter(option) == chr(ord("A") + len(draft.options))):
            self._options(draft, line)
        elif draft.open_parts is not None:
            draft.open_parts.append(line)
        elif draft.headed and draft.head and STEM not in draft.values and not draft.options:
            draft.open_parts = draft.values.setdefault(STEM, [draft.head, line])
            draft.head = ""
        else:
            draft.wrong.append(f"第 {number} 行读不懂，题型行之后要写“题干：”")
        return True

    def _options(self, draft: _Draft, line: str) -> None:
        """One option, or several on one line where people put them side by side; a line under a heading holds one."""
        for piece in [line] if draft.headed else _NEXT_OPTION.split(line):
            match = _OPTION.match(piece)
            if match and (draft.headed or _letter(match) == chr(ord("A") + len(draft.options))):
                draft.open_parts = [match[3]]
                draft.options.append((_letter(match), draft.open_parts))
            elif draft.options:
                draft.options[-1][1][-1] += f" {piece}"


def _letter(match: re.Match[str]) -> str:
    return narrow(match[1] or match[2]).upper()
