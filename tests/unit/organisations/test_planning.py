"""A spreadsheet of units is planned whole: each row finds its parent in the sheet or the tree, and each fault is told."""

from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lms.organisations.domain import planning, ranks
from lms.organisations.domain.planning import Fault, Known, Planned, Row, Tree

TOP = Known(UUID(int=1), UUID(int=9), "浙江省总工会", "province")
CITY = Known(UUID(int=2), TOP.id, "杭州市总工会", "city")
TWINS = tuple(Known(UUID(int=number), TOP.id if number == 3 else CITY.id, "同名工会", "county") for number in (3, 4))
CODE = "91110000600037341L"
OTHER_CODE = "1233000047000328" + "0" + planning.uscc.check_character("12330000470003280")
TREE = Tree(
    top=TOP,
    by_name={CITY.name: (CITY,), "同名工会": TWINS},
    by_code={OTHER_CODE: CITY},
    taken=frozenset({OTHER_CODE}),
)
HEADER = (1, ["单位名称", "类别", "统一社会信用代码", "上级单位"])


def planned(*rows: tuple[str, str, str, str]) -> tuple[tuple[Planned, ...], tuple[Fault, ...]]:
    return planning.plan([Row(number, *cells) for number, cells in enumerate(rows, 2)], TREE)


def test_parents_come_from_the_tree_the_sheet_or_the_top() -> None:
    found, faults = planned(
        ("晨光厂工会", "单位工会", CODE.lower(), "西湖区总工会"),
        ("西湖区总工会", "县级工会", "", CITY.name),
        ("曙光厂工会", "", "", OTHER_CODE),
        ("宁波市总工会", "市级工会", "", ""),
        ("红星厂工会", "基层工会", "", CODE.lower()),
    )
    assert faults == (Fault(6, planning.WRONG_RANK),)
    assert [(one.number, one.kind, one.parent) for one in found] == [
        (5, "city", TOP.id),
        (3, "county", CITY.id),
        (2, "unit", 3),
        (4, "unit", CITY.id),
    ]
    assert found[2].uscc == CODE


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        ([("", "单位工会", "", "")], [(2, planning.NO_NAME)]),
        ([("（）", "单位工会", "", "")], [(2, planning.NO_NAME)]),
        ([("长" * 121, "单位工会", "", "")], [(2, planning.LONG_NAME)]),
        ([("甲工会", "俱乐部", "", "")], [(2, planning.NO_SUCH_KIND)]),
        ([("甲省总工会", "省级工会", "", "")], [(2, planning.NO_SUCH_KIND)]),
        ([("甲工会", "", "4.4E+17", "")], [(2, planning.uscc.WRONG_LENGTH)]),
        ([("甲工会", "", OTHER_CODE, "")], [(2, planning.CODE_TAKEN)]),
        ([("甲工会", "", CODE, ""), ("乙工会", "", CODE, "")], [(2, planning.CODE_TWICE), (3, planning.CODE_TWICE)]),
        ([("甲工会", "", "", "无此工会")], [(2, planning.NO_PARENT)]),
        ([("甲工会", "", "", "同名工会")], [(2, planning.SEVERAL_PARENTS)]),
        ([("甲工会", "", "", "甲工会")], [(2, planning.WRONG_RANK)]),
        ([("甲市总工会", "市级工会", "", CITY.name)], [(2, planning.WRONG_RANK)]),
        ([(CITY.name, "市级工会", "", "")], [(2, planning.NAME_TAKEN)]),
        ([("甲工会", "", "", ""), ("甲工会", "", "", "")], [(2, planning.NAME_TAKEN), (3, planning.NAME_TAKEN)]),
        ([("乙区总工会", "俱乐部", "", ""), ("甲工会", "", "", "乙区总工会")], [(2, planning.NO_SUCH_KIND), (3, planning.WRONG_RANK)]),
        ([("乙区总工会", "县级工会", "X", ""), ("甲工会", "", "", "乙区总工会")],
         [(2, planning.uscc.WRONG_LENGTH), (3, planning.PARENT_WRONG)]),
        ([("甲工会", "", "-", ""), ("乙工会", "", "-", "-")], [(3, planning.NO_PARENT)]),
    ],
)  # fmt: skip
def test_every_fault_is_told_by_its_row(rows: list[tuple[str, str, str, str]], faults: list[tuple[int, str]]) -> None:
    assert planned(*rows)[1] == tuple(Fault(*one) for one in faults)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ([], planning.NO_HEADER),
        ([(1, ["名称", "类别"])], planning.NO_HEADER),
        ([(1, ["单位名称", "单位名称"])], planning.TWICE),
        ([HEADER], planning.NOTHING),
    ],
)
def test_a_wrong_header_is_told(table: list[tuple[int, list[str]]], fault: str) -> None:
    assert planning.rows_of(table) == Fault(0, fault)


def test_columns_stand_in_any_order_and_short_rows_are_filled() -> None:
    table = [(3, ["备注", "上级单位", " 单位名称 "]), (5, ["x", "杭州市总工会", " 晨光\u200b厂工会 "]), (6, ["y"])]
    assert planning.rows_of(table) == (Row(5, "晨光厂工会", "", "", "杭州市总工会"), Row(6, "", "", "", ""))


TEXTS = st.sampled_from(["", "甲工会", "乙区总工会", "丙市总工会", "杭州市总工会", "同名工会", CODE, OTHER_CODE, "-"])
ROWS = st.lists(
    st.tuples(TEXTS, st.sampled_from(["", "市级工会", "县级工会", "单位工会", "x"]), TEXTS, TEXTS), max_size=8
)


@given(ROWS)
def test_a_plan_without_faults_can_be_founded_in_its_order(rows: list[tuple[str, str, str, str]]) -> None:
    found, faults = planned(*rows)
    if faults:
        return
    assert sorted(one.number for one in found) == list(range(2, len(rows) + 2))
    kinds: dict[UUID | int, str] = {TOP.id: TOP.kind, CITY.id: CITY.kind, **{one.id: one.kind for one in TWINS}}
    for one in found:
        assert ranks.may_stand_below(one.kind, kinds[one.parent])
        kinds[one.number] = one.kind
    assert len({(one.parent, one.name) for one in found}) == len(found)
