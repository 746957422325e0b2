"""Items as the rows of a table: which columns there are, from rows to items, from items to rows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from lms.questionbank.domain.exchange import ExchangeItem, Kind, one_line
from lms.questionbank.domain.formats.labelled import build
from lms.questionbank.domain.formats.labelled_writer import labelled
from lms.questionbank.domain.formats.labels import FEEDBACK, LABELS, STEM, Labelled, kind_name, kind_of, label_of
from lms.questionbank.domain.formats.outcome import Fault, Gathering, NotCarried, Reading, Refused

CODE, TYPE, OPTION = "编号", "题型", "选项"
USUAL_OPTIONS = 6
HEADER_ROWS = 20
MOST_CELL = 30_000
_HINT = re.compile(r"[（(*＊].*$")
_OPTION = re.compile(rf"^(?:{OPTION})?([A-Z])(?:{OPTION})?$")
# What spreadsheet programs make of a number that is too long for them; a cell that looks so is not read back.
_LIKE_A_CUT_NUMBER = re.compile(r"\s*[+-]?[0-9](?:\.[0-9]+)?[Ee]\+?(?:1[0-9]|[2-9][0-9]|[0-9]{3})\s*")


@dataclass(frozen=True)
class Table:
    """A header and rows of the same length."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def usual_columns() -> tuple[str, ...]:
    """The columns of the template, in their order."""
    return _columns(ascii_uppercase[:USUAL_OPTIONS], ())


def read_rows(rows: Sequence[tuple[int, Sequence[str]]]) -> Reading:
    """The items of a table; each row comes with its number."""
    gathering = Gathering()
    place = next((at for at, (_, cells) in enumerate(rows[:HEADER_ROWS]) if _is_header(cells)), None)
    if place is None:
        gathering.fault("第 1 行", f"没有找到表头：要有“{STEM}”一栏，请用模板填写")
        return gathering.result()
    header = _header(rows[place], gathering)
    case: tuple[int, ExchangeItem] | None = None
    children: list[ExchangeItem] = []

    def close() -> None:
        if case is not None:
            gathering.add(replace(case[1], children=tuple(children)), f"第 {case[0]} 行")

    for number, cells in rows[place + 1 :] if header else ():
        if gathering.full:
            break
        given, wrong = _labelled(header, cells)
        where = f"第 {number} 行"
        if not given.is_child:
            close()
            case, children = None, []
        elif case is None:
            gathering.fault(where, "子题之前要有读得懂的案例题")
            continue
        try:
            if wrong:
                raise Refused(wrong)
            item = build(given)
        except Refused as refusal:
            gathering.fault(where, str(refusal))
            continue
        if given.is_child:
            children.append(item)
        elif item.kind is Kind.CASE:
            case, children = (number, item), []
        else:
            gathering.add(item, where)
    close()
    return gathering.result()


def table_of(items: Sequence[ExchangeItem]) -> Table:
    """The items as a table. Raises NotCarried naming those that a table cannot say."""
    found: list[Labelled] = []
    faults: list[Fault] = []
    for position, item in enumerate(items, start=1):
        try:
            given = [labelled(one, is_child=one is not item) for one in (item, *item.children)]
            for one in given:
                _fits(one)
            found += given
        except Refused as refusal:
            faults.append(Fault(item.ref or f"第 {position} 题", f"表格{refusal}"))
    if faults:
        raise NotCarried(faults)
    letters = ascii_uppercase[: max([USUAL_OPTIONS, *(len(one.options) for one in found)])]
    feedback = sorted({label for one in found for label in one.values if label.startswith(FEEDBACK)})
    columns = _columns(letters, feedback)
    return Table(columns, tuple(tuple(_cells(one).get(column, "") for column in columns) for one in found))


def _columns(letters: str, feedback: Sequence[str]) -> tuple[str, ...]:
    return (CODE, TYPE, STEM, *(f"{OPTION}{letter}" for letter in letters), *LABELS[1:], *feedback)


def _cells(given: Labelled) -> Mapping[str, str]:
    assert given.kind is not None  # noqa: S101 - an item always has one
    named = {CODE: given.ref, TYPE: kind_name(given.kind, is_child=given.is_child)}
    return named | given.values | {f"{OPTION}{letter}": text for letter, text in given.options}


def _fits(given: Labelled) -> None:
    for text in _cells(given).values():
        if len(text) > MOST_CELL:
            raise Refused(f"的一格最多 {MOST_CELL} 个字")
        if _LIKE_A_CUT_NUMBER.fullmatch(text):
            raise Refused(f"不能写“{text.strip()[:20]}”：会被当作丢了末尾数字的长数")


def _is_header(cells: Sequence[str]) -> bool:
    return STEM in {label_of(_HINT.sub("", cell)) for cell in cells}


def _header(row: tuple[int, Sequence[str]], gathering: Gathering) -> dict[int, str]:
    """Column number to the name of what it holds; empty when there is a fault."""
    header: dict[int, str] = {}
    for at, cell in enumerate(row[1]):
        name = re.sub(r"\s", "", _HINT.sub("", one_line(cell)))
        if not name:
            continue
        option = _OPTION.match(name.upper())
        known = f"{OPTION}{option[1]}" if option else name if name in {CODE, TYPE} else label_of(name)
        if known is None:
            gathering.fault(f"第 {row[0]} 行", f"不认识栏目“{name[:20]}”")
        elif known in header.values():
            gathering.fault(f"第 {row[0]} 行", f"栏目“{name[:20]}”重复")
        else:
            header[at] = known
    return {} if gathering.faults else header


def _labelled(header: Mapping[int, str], cells: Sequence[str]) -> tuple[Labelled, str]:
    """The values of a row, and what is wrong with the row as such."""
    named = {header[at]: cell for at, cell in enumerate(cells) if at in header}
    beside = [at + 1 for at, cell in enumerate(cells) if cell.strip() and at not in header]
    typed = one_line(named.pop(TYPE, ""))
    kind, is_child = kind_of(typed) if typed else (None, False)
    options = dict(_options(named))
    values = {label: text for label, text in named.items() if label in LABELS or label.startswith(FEEDBACK)}
    wrong = ""
    if typed and kind is None:
        wrong = f"题型：不认识“{typed[:20]}”"
    elif beside:
        wrong = f"第 {beside[0]} 列没有表头，却有内容"
    return Labelled(kind, named.get(CODE, ""), is_child, values, sorted(options.items())), wrong


def _options(named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in named.items():
        if name.startswith(OPTION) and text.strip():
            yield name[len(OPTION) :], text
