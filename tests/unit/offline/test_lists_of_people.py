"""Who attended is read from lines or rows; every fault is told with its row."""

import pytest

from lms.offline.domain.people import Named, hundredths, read_lines, read_table

HEADER = (1, ["姓名", "用户名", "手机", "学时"])


def test_lines_name_people_in_several_ways() -> None:
    found = read_lines("王建国\n\nzhang.san\n李四，13800000000\n买买提·艾力", most=10)
    assert not found.problems
    assert found.rows == (
        Named(1, name="王建国"),
        Named(3, username="zhang.san"),
        Named(4, name="李四", mobile="13800000000"),
        Named(5, name="买买提·艾力"),
    )


@pytest.mark.parametrize(
    ("text", "row"),
    [("", 1), ("王建国\n王建国", 2), ("13800000000", 1), ("一\n二\n三\n四", 4)],
)
def test_faults_of_lines_are_told(text: str, row: int) -> None:
    assert [one.row for one in read_lines(text, most=3).problems] == [row]


def test_rows_may_have_hours_of_their_own() -> None:
    found = read_table(
        [HEADER, (2, ["王建国", "", "", "4"]), (3, ["李四", "", "", ""]), (5, ["", "Zhang.San", "", "0.5"])]
    )
    assert not found.problems
    assert [(one.number, one.name or one.username, one.hours) for one in found.rows] == [
        (2, "王建国", 400),
        (3, "李四", None),
        (5, "zhang.san", 50),
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param([], [(1, "")], id="NOTHING"),
        pytest.param([HEADER], [(1, "")], id="HEADER_ONLY"),
        pytest.param([(1, ["学时"]), (2, ["4"])], [(1, "姓名")], id="NO_NAMES"),
        pytest.param([(1, ["姓名", "姓名"]), (2, ["一", "二"])], [(1, "姓名")], id="COLUMN_TWICE"),
        pytest.param([HEADER, (2, ["王", "", "", "四"])], [(2, "学时")], id="HOURS_IN_WORDS"),
        pytest.param([HEADER, (2, ["王", "", "", "-4"])], [(2, "学时")], id="HOURS_BELOW_NOTHING"),
        pytest.param([HEADER, (2, ["王", "", "", "0"])], [(2, "学时")], id="NO_HOURS"),
        pytest.param([HEADER, (2, ["王", "", "123", ""])], [(2, "手机")], id="NO_MOBILE"),
        pytest.param([HEADER, (2, ["", "", "", "4"])], [(2, "姓名")], id="NOBODY"),
        pytest.param([HEADER, (2, ["王"]), (4, ["王"])], [(4, "")], id="TWICE"),
        pytest.param(
            [HEADER, (2, ["", "", "", "x"]), (3, ["王", "", "1", ""])],
            [(2, "学时"), (2, "姓名"), (3, "手机")],
            id="ALL_AT_ONCE",
        ),
    ],
)
def test_faults_of_rows_are_told(rows: list[tuple[int, list[str]]], told: list[tuple[int, str]]) -> None:
    assert [(one.row, one.column) for one in read_table(rows).problems] == told


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("4", 400),
        ("0.5", 50),
        ("0.25", 25),
        ("12.50", 1250),
        ("4.", None),
        ("1e3", None),
        ("٤", None),
        ("", None),
        ("4.125", None),
    ],
)
def test_hours_are_read_as_hundredths(text: str, hours: int | None) -> None:
    assert hundredths(text) == hours
