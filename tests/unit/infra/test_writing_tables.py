"""What we write holds no formula, whatever is in it, and reads back as it was."""

import csv
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

from lms.infra.spreadsheet import TemplateColumn, read_table, write_csv, write_template, write_xlsx
from lms.infra.spreadsheet_writing import neutralised, restored

TRIGGERS = [
    "=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://a.example","a")', "=IMPORTXML(A1)", "=DDE(1)", "==1", "=", "= 1",
    "+1", "+1+cmd|' /C calc'!A0", "+86 138 0000 0000", "-1", "-2+3+cmd|' /C calc'!A0", "-", "@SUM(1)", "@",
    "\t=1", "\t", "\r=1", "\r", "＝1+1", "＋1", "－1", "＠SUM(1)", "﹦1", "﹢1", "﹣1", "﹫a", "'=1", "''+1",
]  # fmt: skip
BYPASSES = {
    "as it is": "{}",
    "after blanks": "  {}",
    "after a no-break space": "\xa0{}",
    "after an ideographic space": "\u3000\u200b{}",
    "after a line break": "张三\n{}",
    "after a carriage return": "张三\r\n \xa0{}",
}
STARTS = "=+-@＝＋－＠﹦﹢﹣﹫"
BLANKS = " \t\r\n\xa0\u3000\u200b"
TEXTS = st.text(
    st.sampled_from("a张= +-@＝'\t\r\n\xa0\u3000\"_x005F0D;,\x01\x1f\ufffe𠀀\x85\u2028")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    max_size=20,
).filter(lambda text: "E+" not in text)  # fmt: skip
ROWS = st.lists(st.lists(TEXTS, min_size=1, max_size=4).map(lambda row: [*row, "."]), max_size=4)


def starts_a_formula(text: str) -> bool:
    """Whether a line of the text begins with a sign of formulas, or the text with a tabulator or a carriage return."""
    return text.startswith(("\t", "\r")) or any(
        line.lstrip(BLANKS).startswith(tuple(STARTS)) for line in text.splitlines()
    )


@pytest.mark.parametrize("bypass", BYPASSES)
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_no_cell_becomes_a_formula(form: str, bypass: str) -> None:
    texts = [BYPASSES[bypass].format(trigger) for trigger in TRIGGERS]
    if form == "xlsx":
        data = write_xlsx(texts, [texts, texts], title="=1+1", notes=texts)
        sheets = openpyxl.load_workbook(io.BytesIO(data)).worksheets
        cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
        assert len(cells) == 4 * len(TRIGGERS)
        assert {cell.data_type for cell in cells} == {"s"}
        found = [str(cell.value) for cell in cells]
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            assert not any(b"<f>" in book.read(name) or b"<f " in book.read(name) for name in book.namelist())
    else:
        found = [
            cell for row in csv.reader(io.StringIO(write_csv(texts, [texts]).decode("utf-8-sig"), "")) for cell in row
        ]
    assert [text for text in found if starts_a_formula(text)] == []


@pytest.mark.parametrize(
    "text", ["#N/A", "#REF!", "TRUE", "1.50", "4.4E+17", "440102199001011234", "2026-01-31", "50%"]
)
def test_every_cell_is_a_text(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx([text], [[text]], title="a")))
    assert [(cell.value, cell.data_type) for cell in book.worksheets[0]["A"]] == [(text, "s")] * 2


@given(
    columns=st.lists(TEXTS, max_size=3).map(lambda row: [*row, "."]),
    rows=ROWS,
    form=st.sampled_from([write_csv, "xlsx"]),
)
@settings(max_examples=120, deadline=None)
def test_what_was_written_reads_back_as_it_was(columns: list[str], rows: list[list[str]], form: object) -> None:
    data = write_csv(columns, rows) if form is write_csv else write_xlsx(columns, rows, title="人员")
    assert read_table(data, "a").rows == list(enumerate([columns, *rows], 1))


def test_excel_recognises_the_encoding_of_our_csv() -> None:
    assert write_csv(["姓名"], [["张三"]]) == '\ufeff"姓名"\r\n"张三"\r\n'.encode()


def test_a_text_longer_than_a_cell_is_cut_and_shows_it() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(["a"], [["长" * 40_000]], title="a")))
    assert book.worksheets[0]["A2"].value == "长" * 32_000 + "…"


@pytest.mark.parametrize("title", ["", "a/b:c*[d]", "'", "长" * 50])
def test_any_title_names_the_sheet(title: str) -> None:
    assert len(read_table(write_xlsx(["a"], [], title=title), "a").sheet_name) in range(1, 32)


def test_halves_of_characters_are_written_as_unknown_ones() -> None:
    for data in (write_csv(["\ud800"], []), write_xlsx(["\ud800"], [], title="a")):
        assert read_table(data, "a").rows == [(1, ["\ufffd"])]


def test_a_template_keeps_long_numbers_offers_choices_and_explains() -> None:
    columns = [
        TemplateColumn("姓名", example="张三", hint="与身份证一致"),
        TemplateColumn("性别", choices=["男", "女"]),
        TemplateColumn("身份证号", example="11010119900307001X", hint="=18 位"),
    ]
    data = write_template(columns, title="人员导入", notes=["每行一人。"])
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet, notes, lists = book.worksheets
    assert [sheet.title, notes.title, lists.sheet_state] == ["人员导入", "说明", "hidden"]
    assert [sheet.column_dimensions[letter].number_format for letter in "ABC"] == ["@"] * 3
    assert [(str(one.sqref), one.formula1) for one in sheet.data_validations.dataValidation] == [
        ("B2:B10000", "'选项'!$B$1:$B$2")
    ]
    assert [lists["B1"].value, lists["B2"].value] == ["男", "女"]
    assert [[cell.value for cell in row] for row in notes.iter_rows(min_row=4)] == [
        ["身份证号", "'=18 位", "11010119900307001X"],
        ["每行一人。", None, None],
    ]
    assert read_table(data, "a").rows == [(1, ["姓名", "性别", "身份证号"])]


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("text", ["无;=1+1", "无\t=1+1", "a; @SUM(1)", "a;;-2", 'a";=1', "a;\t+1"])
def test_a_csv_that_is_opened_with_another_separator_holds_no_formula(separator: str, text: str) -> None:
    opened = csv.reader(io.StringIO(write_csv(["列"], [[text, text]]).decode("utf-8-sig"), ""), delimiter=separator)
    pieces = [piece for row in opened for cell in row for piece in (cell, cell.lstrip('"'))]
    assert [piece for piece in pieces if starts_a_formula(piece)] == []
    assert restored(neutralised(text)) == text
