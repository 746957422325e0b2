"""An xlsx file comes in as the text that people typed, with the row numbers that they see; what was lost is told, not guessed."""

import io
from datetime import date, datetime, time

import openpyxl
import pytest

from lms.infra.spreadsheet import Sheet, read_table
from tests.unit.infra.tables import MAIN, RELATIONS, cells, refusal, xlsx

TWO_SHEETS = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="隐藏" sheetId="1" state="hidden" r:id="r1"/>'
    '<sheet name="名册" sheetId="2" r:id="r2"/></sheets></workbook>'
)
SINCE_1904 = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr date1904="1"/>'
    '<sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
)


def number(text: str, style: int = 0) -> str:
    return f'<row r="1"><c r="A1" s="{style}"><v>{text}</v></c></row>'


def made_by_openpyxl(*values: object) -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].append(values)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_values_of_another_program_come_as_text() -> None:
    values = (
        "王建国",
        1,
        1.50,
        True,
        date(2026, 1, 31),
        datetime(2026, 1, 31, 8, 30),
        time(8, 30),
        -3,
        0.1 + 0.2,
        1e10,
    )
    expected = [
        "王建国",
        "1",
        "1.5",
        "TRUE",
        "2026-01-31",
        "2026-01-31 08:30:00",
        "08:30:00",
        "-3",
        "0.3",
        "10000000000",
    ]
    assert cells(made_by_openpyxl(*values)) == [expected]


@pytest.mark.parametrize(
    ("raw", "code", "expected"),
    [
        ("44197", "", "44197"),
        ("44197.0", "", "44197"),
        ("-0", "", "0"),
        ("1E3", "", "1000"),
        ("123456789012345", "", "123456789012345"),
        ("1E-400", "", "0"),
        ("44197", "yyyy/m/d", "2021-01-01"),
        ("44197", "yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@", "2021-01-01"),
        ("44197.5", "[$-804]yyyy/m/d h:mm", "2021-01-01 12:00:00"),
        ("44197.99999999", "yyyy/m/d", "2021-01-02"),
        ("1", "yyyy/m/d", "1900-01-01"),
        ("59", "yyyy/m/d", "1900-02-28"),
        ("61", "yyyy/m/d", "1900-03-01"),
        ("2958465", "yyyy/m/d", "9999-12-31"),
        ("2958466", "yyyy/m/d", "2958466"),
        ("-1", "yyyy/m/d", "-1"),
        ("0.5", "h:mm", "12:00:00"),
        ("1.5", "[h]:mm", "36:00:00"),
        ("7", "000", "007"),
        ("1234", "000", "1234"),
        ("12.5", "0.00_ ", "12.5"),
        ("12.5", "&quot;day&quot;0.0", "12.5"),
        ("12.5", "[Red]0.0", "12.5"),
        ("12500", "0.00E+00", "12500"),
        ("12.5", "General", "12.5"),
    ],
)
def test_numbers_read_as_they_were_typed(raw: str, code: str, expected: str) -> None:
    formats, style = ({164: code}, (0, 164)) if code else ({}, (0, 0))
    assert cells(xlsx(number(raw, 1), formats=formats, styles=style)) == [[expected]]


@pytest.mark.parametrize(
    ("style", "expected"), [(14, "2021-01-01"), (31, "2021-01-01"), (57, "2021-01-01"), (1, "44197")]
)
def test_the_numbered_formats_of_chinese_excel_are_days(style: int, expected: str) -> None:
    assert cells(xlsx(number("44197"), styles=(style,))) == [[expected]]


def test_days_count_from_1904_where_the_file_says_so() -> None:
    assert cells(xlsx(number("1"), styles=(14,), workbook=SINCE_1904)) == [["1904-01-02"]]


@pytest.mark.parametrize(
    "raw", ["4.4010219900101101E+17", "440102199001011000", "1000000000000000", "-4.4E17", "1E+999999999"]
)
def test_a_number_whose_digits_were_lost_is_told_by_its_cell(raw: str) -> None:
    found = refusal(xlsx(f'<row r="7"><c r="C7"><v>{raw}</v></c></row>'))
    assert (found.reason, found.row, found.column, found.extra["cell"]) == ("digits_lost", 7, 3, "C7")
    assert "设置为文本格式" in str(found.detail)


def test_all_bad_cells_are_told_at_once_in_reading_order() -> None:
    rows = (
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="e"><v>#N/A</v></c></row>'
        '<row r="3"><c r="A3"><v>1E20</v></c><c r="B3"><v>NaN</v></c><c r="C3" t="inlineStr"><is><t>4.4E+17</t></is></c></row>'
        f'<row r="4"><c r="A4" t="inlineStr"><is><t>{"长" * 2001}</t></is></c><c r="B4" t="str"><v>_x0000_</v></c></row>'
    )
    found = [(one.cell, one.reason) for one in refusal(xlsx(rows)).problems]
    assert found == [
        ("A2", "formula"), ("B2", "error"), ("A3", "digits_lost"), ("B3", "unreadable"), ("C3", "digits_lost"),
        ("A4", "too_long"), ("B4", "unreadable"),
    ]  # fmt: skip


def test_rows_keep_their_numbers_and_empty_ones_are_left_out() -> None:
    rows = (
        '<row><c t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="5"><c r="A5" s="1"/><c r="C5"><v>1</v></c><c r="D5" t="inlineStr"><is><t></t></is></c></row>'
        '<row r="6"><c r="A6" t="inlineStr"><is><t xml:space="preserve">  </t></is></c></row>'
        '<row r="1048576"><c r="B1048576"><v>2</v></c></row>'
    )
    assert read_table(xlsx(rows), "a").rows == [(1, ["a"]), (5, ["", "", "1"]), (1_048_576, ["", "2"])]


def test_texts_of_several_runs_come_without_the_readings_above_them() -> None:
    rich = "<si><r><t>张</t></r><r><t xml:space='preserve'> 三</t></r><rPh sb='0' eb='1'><t>zhang</t></rPh><phoneticPr/></si>"
    assert cells(xlsx('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', texts=rich)) == [["张 三"]]


def test_escaped_characters_come_as_themselves() -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>_x000D__x005F_x0041__xD840__xDC00_x005F_</t></is></c></row>'
    assert cells(xlsx(rows)) == [["\r_x0041_\U00020000x005F_"]]


def test_the_first_sheet_that_can_be_seen_is_read() -> None:
    second = f'<worksheet xmlns="{MAIN}"><sheetData>{number("2")}</sheetData></worksheet>'.encode()
    found = read_table(xlsx(workbook=TWO_SHEETS, parts={"xl/worksheets/sheet2.xml": second}), "a")
    assert found == Sheet([(1, ["2"])], "名册")


@pytest.mark.parametrize("raw", ["2026-01-31", "2026-01-31T00:00:00", "2026-01-31T00:00:00.000Z"])
def test_days_written_out_in_strict_files_are_days(raw: str) -> None:
    assert cells(xlsx(f'<row r="1"><c r="A1" t="d"><v>{raw}</v></c></row>')) == [["2026-01-31"]]


def test_strict_files_are_read_like_the_others() -> None:
    strict = {
        "xl/workbook.xml": '<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main" '
        'xmlns:x="http://purl.oclc.org/ooxml/officeDocument/relationships"><sheets><sheet name="a" x:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships><Relationship Id='r1' Target='worksheets/sheet1.xml' "
        "Type='http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet'/></Relationships>",
        "xl/worksheets/sheet1.xml": '<x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData>'
        '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>',
    }
    assert cells(xlsx(parts={name: text.encode() for name, text in strict.items()})) == [["1"]]


def test_broken_looks_do_not_matter() -> None:
    styles = f'<styleSheet xmlns="{MAIN}"><fonts><font><color rgb="nonsense"/></font></fonts><cellXfs/></styleSheet>'
    assert cells(xlsx(number("5", 99), parts={"xl/styles.xml": styles.encode()})) == [["5"]]


def test_a_leading_apostrophe_before_a_sign_of_formulas_is_taken_away() -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>\'+86 10</t></is></c><c r="B1" t="inlineStr"><is><t>\'90s</t></is></c></row>'
    assert cells(xlsx(rows)) == [["+86 10", "'90s"]]
