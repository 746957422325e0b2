"""Writes tables for spreadsheet programs so that no cell can become a formula (the only importer of openpyxl).

A line of a cell, or what follows a semicolon or tab in it, that would start a formula gets one leading apostrophe, and so does
one that begins with apostrophes before such a start: reading takes exactly one away again, so what was written comes back as
it was.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

_LINE = r"(?:(?<=[\n\r\v\f\x1c-\x1e\x85\u2028\u2029;\t])|\A)"  # a CSV may be opened with ; or tab between its cells
_BLANKS = r"[ \t\xa0\u1680\u180e\u2000-\u200f\u202a-\u202f\u205f-\u2064\u3000\ufeff\x00-\x08\x0e-\x1b\x1f]*"
_TRIGGER = r"[=+\-@\t\r＝＋－＠﹦﹢﹣﹫]"
_STARTS_A_FORMULA = re.compile(f"{_LINE}(?='*{_BLANKS}{_TRIGGER})")
_NEUTRALISED = re.compile(f"{_LINE}'(?='*{_BLANKS}{_TRIGGER})")

# What XML cannot hold is written as _x0001_, the way of spreadsheet programs; a text that looks like that loses its look.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_SURROGATES = re.compile("[\ud800-\udfff]")
_MOST_TEXT = 32_000  # a cell of Excel holds 32,767 characters
_TEXT_FORMAT = "@"
_BOLD = Font(bold=True)
_NOTES, _LISTS = "说明", "选项"
_ROWS_WITH_LISTS = 10_000


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column of a table to be filled in: its title, an example, a hint for people, and the values to choose from, if any."""

    title: str
    example: str = ""
    hint: str = ""
    choices: Sequence[str] = ()


def neutralised(text: str) -> str:
    """The text with an apostrophe before each line that a spreadsheet program might take for a formula."""
    return _STARTS_A_FORMULA.sub("'", text)


def restored(text: str) -> str:
    """The text that `neutralised` was given."""
    return _NEUTRALISED.sub("", text) if "'" in text else text


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The table as CSV in UTF-8 with its mark, which Excel needs to read Chinese; each cell quoted."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (columns, *rows):
        writer.writerow([neutralised(_SURROGATES.sub("\ufffd", text)) for text in row])
    return target.getvalue().encode("utf-8-sig")


def write_xlsx(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str, notes: Sequence[str] = ()
) -> bytes:
    """The table as one sheet named `title`, every cell a text; `notes`, if any, stand on a second sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(title))
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = _width(column)
    for number, row in enumerate((columns, *rows)):
        sheet.append([_text_cell(sheet, text, bold=number == 0) for text in row])
    if notes:
        second = book.create_sheet(_NOTES)
        second.column_dimensions["A"].width = 100
        for note in notes:
            second.append([_text_cell(second, note)])
    return _saved(book)


def write_template(columns: Sequence[TemplateColumn], *, title: str, notes: Sequence[str] = ()) -> bytes:
    """A table to fill in: a header over columns kept as text, so that long numbers survive, with lists to choose from.

    A second sheet says what each column wants, with an example.
    """
    book = Workbook()
    sheet, lists = book.worksheets[0], book.create_sheet(_LISTS)
    sheet.title = _sheet_name(title)
    sheet.freeze_panes = "A2"
    sheet.append([_text_cell(sheet, column.title, bold=True) for column in columns])
    for texts in zip_longest(*(column.choices for column in columns), fillvalue=""):
        lists.append([_text_cell(lists, text) for text in texts])
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = _width(column.title)
        sheet.column_dimensions[letter].number_format = _TEXT_FORMAT
        if column.choices:
            source = f"'{_LISTS}'!${letter}$1:${letter}${len(column.choices)}"
            rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
            rule.add(f"{letter}2:{letter}{_ROWS_WITH_LISTS}")
            sheet.add_data_validation(rule)
    lists.sheet_state = "hidden"
    _explain(book.create_sheet(_NOTES, 1), columns, notes)
    return _saved(book)


def _explain(sheet: Worksheet, columns: Sequence[TemplateColumn], notes: Sequence[str]) -> None:
    lines = [
        ["栏目", "怎样填写", "示例"],
        *([one.title, one.hint, one.example] for one in columns),
        *([note] for note in notes),
    ]
    for number, line in enumerate(lines):
        sheet.append([_text_cell(sheet, text, bold=number == 0) for text in line])
    for letter, width in zip("ABC", (24, 70, 30), strict=True):
        sheet.column_dimensions[letter].width = width


def _saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _text_cell(sheet: Worksheet | WriteOnlyWorksheet, text: str, *, bold: bool = False) -> Cell:
    cell: Cell = WriteOnlyCell(sheet)
    cell.value = _writable(text)
    cell.data_type = "s"  # whatever the library makes of a text that looks like a formula, an error or a number
    cell.number_format = _TEXT_FORMAT
    if bold:
        cell.font = _BOLD
    return cell


def _width(title: str) -> int:
    return min(40, max(10, 2 * len(title) + 4))


def _writable(text: str) -> str:
    plain = neutralised(_SURROGATES.sub("\ufffd", text))
    escaped = _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", plain)
    return escaped if len(escaped) <= _MOST_TEXT else escaped[:_MOST_TEXT] + "…"


def _sheet_name(title: str) -> str:
    return re.sub(r"[\\/*?:\[\]'\x00-\x1f]", " ", title).strip()[:31] or "Sheet1"
