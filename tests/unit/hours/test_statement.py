"""What a statement of hours says: totals by year and kind, a line for each entry, and that the ledger counts."""

from datetime import UTC, datetime

from lms.hours.domain.statement import COLUMNS, CUT, NOTE, Line, Statement, notes, rows, texts, totals

MADE = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)  # past midnight in Beijing
ENTRY = Line("0a1b2c3d", "劳动关系\n与工会", "self_study", 71, "per_minutes", 2, MADE, 2026, False, "")
BACK = Line("0a1b2c3e", "集体协商", "centralized", -400, "approved", 1, MADE, 2025, True, "误计")
TOTALS = {(2026, "self_study"): 71, (2025, "centralized"): -400, (2025, "self_study"): 5000}


def statement(*lines: Line, cut: bool = False) -> Statement:
    return Statement("张三", "杭州某公司工会", MADE, TOTALS, lines, cut)


def test_totals_go_by_year_and_kind_and_together() -> None:
    assert totals(statement()) == [
        ("2026 年", "0.71", "0", "0.71"),
        ("2025 年", "50", "-4", "46"),
        ("总计", "50.71", "-4", "46.71"),
    ]


def test_a_line_says_when_what_how_much_and_by_which_rule() -> None:
    assert rows(statement(ENTRY, BACK)) == [
        ("2026-11-28 00:30", "2026", "劳动关系 与工会", "网络自学", "0.71", "按时长折算 · 第 2 版", "0a1b2c3d"),
        ("2026-11-28 00:30", "2025", "集体协商（冲正：误计）", "集中培训", "-4", "单位登记，上级审批", "0a1b2c3e"),
    ]


def test_it_says_who_made_it_when_and_that_the_ledger_counts() -> None:
    assert notes(statement()) == [
        "学员：张三　单位：杭州某公司工会",
        "由学员本人于 2026-11-28 00:30（北京时间）生成。",
        NOTE,
    ]
    assert notes(statement(cut=True))[-1] == CUT


def test_the_printed_columns_have_a_line_for_each_row() -> None:
    found = texts(statement(ENTRY, BACK))
    assert [len(found[f"column-{n}"].split("\n")) for n in range(len(COLUMNS))] == [2] * len(COLUMNS)
