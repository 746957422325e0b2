"""Items in a table: the template's columns, what may be left out, and how each mistake is named with its row."""

import pytest

from lms.questionbank.domain.exchange import Choice, ExchangeItem, Kind
from lms.questionbank.domain.formats.outcome import NotCarried, Reading
from lms.questionbank.domain.formats.sheet import read_rows, table_of, usual_columns
from lms.questionbank.domain.formats.template import EXPLAINED

HEADER = ["编号", "题型", "题干", "选项A", "选项B", "选项C", "答案", "解析", "难度"]


def read(*rows: list[str], header: list[str] = HEADER) -> Reading:
    return read_rows([(2, header), *enumerate(rows, start=3)])


def test_a_row_is_an_item() -> None:
    (found,) = read(["C1-1", "单选题", "工会是", "群众组织", "机关", "", "A", "见法", "2"]).items
    assert (found.where, found.item.ref, found.item.kind) == ("第 3 行", "C1-1", Kind.SINGLE)
    assert found.item.choices == (
        Choice("群众组织", found.item.choices[0].fraction),
        Choice("机关", found.item.choices[1].fraction),
    )
    assert (found.item.feedback, found.item.difficulty) == ("见法", 2)


def test_few_columns_with_hints_in_other_words_do() -> None:
    header = ["题目（必填）", "A", "B", "正确答案*"]
    (found,) = read(["工会是", "群众组织", "机关", "A"], header=header).items
    assert found.item.kind is Kind.SINGLE


def test_blanks_stand_on_lines_of_the_cell() -> None:
    (found,) = read(["", "填空", "甲____乙____", "", "", "", "北京 | 首都\n3±0.5"]).items
    assert [len(blank.answers) for blank in found.item.blanks] == [2, 1]


def test_the_template_explains_each_of_its_columns() -> None:
    assert tuple(one.title for one in EXPLAINED) == usual_columns()
    assert all(one.hint for one in EXPLAINED)


FAULTS = {
    "no header": ([], ["题", "答案"], "没有找到表头"),
    "an unknown column": ([], [*HEADER, "老师"], "不认识栏目“老师”"),
    "a column twice": ([], [*HEADER, "题目"], "栏目“题目”重复"),
    "an unknown type": (["", "听力", "题"], HEADER, "题型：不认识“听力”"),
    "a cell beside the table": (["", "简答", "题", "", "", "", "", "", "", "多的"], HEADER, "第 10 列没有表头"),
    "an option left out": (["", "单选", "题", "甲", "", "丙", "A"], HEADER, "选项的字母是 AC，按顺序应是 AB"),
    "no stem": (["", "简答", "", "", "", "", "要点"], HEADER, "题干没有填写"),
    "options of a short answer": (["", "简答", "题", "甲"], HEADER, "这种题不写选项"),
    "a sub-item alone": (["", "子题·简答", "题"], HEADER, "子题之前要有读得懂的案例题"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_names(case: str) -> None:
    row, header, message = FAULTS[case]
    reading = read(*([row] if row else []), header=header)
    assert reading.items == ()
    assert reading.faults[0].message.startswith(message)


def test_what_a_spreadsheet_program_would_spoil_is_refused_at_export() -> None:
    with pytest.raises(NotCarried):
        table_of([ExchangeItem(Kind.SHORT_ANSWER, "4.4E+17")])
