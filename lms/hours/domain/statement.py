"""Lays out what a person takes away of their hours: totals by year and kind, and the lines of the ledger, as texts.

A statement is a copy for its reader. What counts is the ledger, and the statement says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lms.hours.domain.targets import Ledger
from lms.kernel.clock import SHANGHAI
from lms.kernel.hourrules import hours_text

MOST_LINES = 1_000
"""The newest lines that a statement lists: decades of study, and a PDF of some thirty pages; totals are over all of them."""
TITLE = "学时记录"
LEDGERS = {Ledger.SELF_STUDY.value: "网络自学", Ledger.CENTRALIZED.value: "集中培训"}
BASES = {"fixed": "审核核定", "step": "按时长折算", "per_minutes": "按时长折算"}
APPROVED = "单位登记，上级审批"
COLUMNS = ("计入时间", "年度", "课程或培训", "类别", "学时", "依据", "编号")
TOTALS = ("年度", *LEDGERS.values(), "合计")
NOTE = "本表由学员本人从平台下载，供本人查阅和留存，不是证书；学时以平台学时台账为准，可由所在单位工会在平台上核对。"
CUT = f"只列出最近 {MOST_LINES} 条明细，合计包括全部记录。"


@dataclass(frozen=True)
class Line:
    """A line of the ledger as a statement shows it; hours in hundredths, negative for a reversal."""

    number: str
    title: str
    ledger: str
    hours: int
    rule_kind: str
    rule_version: int
    earned_at: datetime
    count_year: int
    reversal: bool
    reason: str


@dataclass(frozen=True)
class Statement:
    """A person's hours at a moment: `totals` in hundredths by (year, ledger) over all lines, `lines` the newest first."""

    name: str
    unit: str
    made_at: datetime
    totals: Mapping[tuple[int, str], int]
    lines: Sequence[Line]
    cut: bool


def totals(one: Statement) -> list[tuple[str, ...]]:
    """A row of texts for each year, the newest first, and one for all: by kind, and together."""
    years = sorted({year for year, _ in one.totals}, reverse=True)
    rows = [_sums(f"{year} 年", [one.totals.get((year, kind), 0) for kind in LEDGERS]) for year in years]
    whole = [sum(hours for (_, kind), hours in one.totals.items() if kind == wanted) for wanted in LEDGERS]
    return [*rows, _sums("总计", whole)]


def rows(one: Statement) -> list[tuple[str, ...]]:
    """A row of texts for each line, in the order of COLUMNS."""
    return [
        (
            moment(line.earned_at),
            str(line.count_year),
            _one_line(line.title) + (f"（冲正：{_one_line(line.reason)}）" if line.reversal else ""),
            LEDGERS.get(line.ledger, line.ledger),
            hours_text(line.hours),
            _basis(line),
            line.number,
        )
        for line in one.lines
    ]


def notes(one: Statement) -> list[str]:
    """What stands under the tables: whose it is, who made it and when, and what it is worth."""
    made = f"学员：{_one_line(one.name)}　单位：{_one_line(one.unit)}"
    return [made, f"由学员本人于 {moment(one.made_at)}（北京时间）生成。", NOTE, *([CUT] if one.cut else [])]


def texts(one: Statement) -> dict[str, str]:
    """All texts of the printed page; the cells of a column are one text with a line for each row."""
    found = {
        "title": TITLE,
        "name": _one_line(one.name),
        "unit": _one_line(one.unit),
        "made": moment(one.made_at),
        "notes": "\n".join(notes(one)[1:]),
        "heads": "\n".join(COLUMNS),
        "total-heads": "\n".join(TOTALS),
    }
    found |= {f"total-{number}": "\n".join(column) for number, column in enumerate(zip(*totals(one), strict=True))}
    return found | {f"column-{number}": "\n".join(column) for number, column in enumerate(zip(*rows(one), strict=True))}


def moment(instant: datetime) -> str:
    """A moment in China, to the minute."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _sums(label: str, hours: Sequence[int]) -> tuple[str, ...]:
    return (label, *(hours_text(one) for one in hours), hours_text(sum(hours)))


def _basis(line: Line) -> str:
    basis = BASES.get(line.rule_kind)
    return f"{basis} · 第 {line.rule_version} 版" if basis else APPROVED


def _one_line(text: str) -> str:
    return " ".join(text.split())
