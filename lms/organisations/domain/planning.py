"""Decides what a spreadsheet of units would found, row by row, or what is wrong with it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lms.kernel.errors import N_
from lms.kernel.numbers import NO_NUMBERS_HERE, tells_a_number
from lms.kernel.verdict import Denied
from lms.organisations.domain import names, ranks, uscc

TITLES = {"name": "单位名称", "kind": "类别", "uscc": "统一社会信用代码", "parent": "上级单位"}
"""The columns by their keys; the first row of a spreadsheet names them, in any order."""
NEEDED = ("name",)

NO_HEADER = N_("第一行须有“单位名称”一栏，请使用平台提供的模板")
TWICE = N_("第一行有两栏同名")
NOTHING = N_("表格中没有单位")
NO_NAME = N_("没有填写单位名称")
LONG_NAME = N_("单位名称不能超过 120 个字")
NO_SUCH_KIND = N_("类别须为：市级工会、县级工会、乡镇（街道）工会、单位工会")
CODE_TWICE = N_("统一社会信用代码在表格中出现了两次")
CODE_TAKEN = N_("统一社会信用代码已属于平台中的另一个单位")
NO_PARENT = N_("没有找到上级单位；请填写全称或统一社会信用代码")
SEVERAL_PARENTS = N_("有几个同名的上级单位，请改填统一社会信用代码")
WRONG_RANK = N_("这个类别的单位不能建在所填的上级单位之下")
NAME_TAKEN = N_("同一上级之下已有同名的单位")
PARENT_WRONG = N_("上级单位所在的行有误")


@dataclass(frozen=True)
class Row:
    """One row of the spreadsheet, as typed."""

    number: int
    name: str
    kind: str
    uscc: str
    parent: str


@dataclass(frozen=True)
class Known:
    """An open unit of the tree within reach."""

    id: UUID
    parent_id: UUID | None
    name: str
    kind: str


@dataclass(frozen=True)
class Tree:
    """What the tree knows of the names and codes in a spreadsheet: the unit it is read below, and open units by name and code.

    `taken` are the codes that units anywhere have; `by_code` only those within reach.
    """

    top: Known
    by_name: Mapping[str, Sequence[Known]]
    by_code: Mapping[str, Known]
    taken: frozenset[str]


@dataclass(frozen=True)
class Planned:
    """A unit to be founded; its parent is a unit of the tree or an earlier entry of the plan, by its row number."""

    number: int
    name: str
    kind: str
    uscc: str | None
    parent: UUID | int
    parent_name: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row (0: with the whole sheet)."""

    number: int
    reason: str


def rows_of(table: Sequence[tuple[int, Sequence[str]]]) -> tuple[Row, ...] | Fault:
    """The rows below the header, or what is wrong with the header."""
    if not table:
        return Fault(0, NO_HEADER)
    header = [names.tidy(text) for text in table[0][1]]
    places = {key: header.index(title) for key, title in TITLES.items() if title in header}
    if any(key not in places for key in NEEDED):
        return Fault(0, NO_HEADER)
    if any(header.count(title) > 1 for title in TITLES.values()):
        return Fault(0, TWICE)

    def cell(cells: Sequence[str], key: str) -> str:
        place = places.get(key, len(cells))
        return names.tidy(cells[place]) if place < len(cells) else ""

    rows = tuple(Row(number, *(cell(cells, key) for key in TITLES)) for number, cells in table[1:])
    return rows or Fault(0, NOTHING)


def plan(rows: Sequence[Row], tree: Tree) -> tuple[tuple[Planned, ...], tuple[Fault, ...]]:
    """What would be founded, parents before their children, and every fault; only a sheet without faults is applied."""
    faults: list[Fault] = []
    read: dict[int, Planned] = {}
    codes = Counter(filter(None, (uscc.tidy(row.uscc) for row in rows)))
    by_name: dict[str, list[Row]] = {}
    by_code = {code: row for row in rows if (code := uscc.tidy(row.uscc))}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    kinds = {row.number: ranks.KIND_OF_NAME.get(row.kind or "单位工会", "") for row in rows}
    for row in rows:
        code = uscc.tidy(row.uscc)
        reason = _wrong_alone(row, kinds[row.number], code, codes, tree)
        if reason is None:
            parent, reason = _parent(row, by_name, by_code, tree)
        if reason is None and parent is not None:
            above = kinds[parent.number] if isinstance(parent, Row) else parent.kind
            if not ranks.may_stand_below(kinds[row.number], above):
                reason = WRONG_RANK
        if reason is not None or parent is None:
            faults.append(Fault(row.number, reason or NO_PARENT))
            continue
        key = parent.number if isinstance(parent, Row) else parent.id
        read[row.number] = Planned(row.number, row.name, kinds[row.number], code or None, key, parent.name)
    faults += _wrong_together(read, tree)
    planned = tuple(sorted(read.values(), key=lambda one: (ranks.RANKS[one.kind], one.number)))
    return planned, tuple(sorted(faults, key=lambda one: one.number))


def _wrong_alone(row: Row, kind: str, code: str, codes: Counter[str], tree: Tree) -> str | None:
    if not names.folded(row.name):
        return NO_NAME
    if len(row.name) > names.MAX_NAME:
        return LONG_NAME
    if tells_a_number(row.name):
        return NO_NUMBERS_HERE
    if kind not in ranks.FOUNDED:
        return NO_SUCH_KIND
    verdict = uscc.judge(code) if code else None
    if isinstance(verdict, Denied):
        return verdict.reason
    if codes[code] > 1:
        return CODE_TWICE
    return CODE_TAKEN if code in tree.taken else None


def _parent(
    row: Row, by_name: Mapping[str, Sequence[Row]], by_code: Mapping[str, Row], tree: Tree
) -> tuple[Row | Known | None, str | None]:
    """Where a row's unit stands: in the sheet, in the tree, or (none named) right below the unit that the sheet is read below."""
    if not row.parent:
        return tree.top, None
    code = uscc.tidy(row.parent)
    if code in by_code or code in tree.by_code:
        return by_code.get(code) or tree.by_code.get(code), None
    listed = by_name.get(row.parent, ())
    found = listed if listed else tree.by_name.get(row.parent, ())
    if len(found) > 1:
        return None, SEVERAL_PARENTS
    return (found[0], None) if found else (None, NO_PARENT)


def _wrong_together(read: Mapping[int, Planned], tree: Tree) -> list[Fault]:
    """Same names at one place, and rows whose parent is a row that can't be founded."""
    places = Counter((one.parent, one.name) for one in read.values())
    faults = []
    for one in read.values():
        there = any(known.parent_id == one.parent for known in tree.by_name.get(one.name, ()))
        if there or places[one.parent, one.name] > 1:
            faults.append(Fault(one.number, NAME_TAKEN))
        elif isinstance(one.parent, int) and one.parent not in read:
            faults.append(Fault(one.number, PARENT_WRONG))
    return faults
