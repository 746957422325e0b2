"""From the bytes of a file to items and named faults, and back; needs neither settings nor database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lms.infra import formulas
from lms.infra.spreadsheet import (
    Limits,
    SpreadsheetRefused,
    TemplateColumn,
    read_table,
    write_csv,
    write_template,
    write_xlsx,
)
from lms.kernel.texts import decoded
from lms.questionbank.domain.exchange import ExchangeItem
from lms.questionbank.domain.formats.aiken import read_aiken
from lms.questionbank.domain.formats.detection import Format, format_of
from lms.questionbank.domain.formats.duplicates import alike, said
from lms.questionbank.domain.formats.gift import read_gift
from lms.questionbank.domain.formats.gift_writer import write_gift
from lms.questionbank.domain.formats.moodle import read_moodle
from lms.questionbank.domain.formats.moodle_writer import write_moodle
from lms.questionbank.domain.formats.outcome import MAX_LINES, MAX_TEXT, MAX_XML, Fault, Reading, ReadItem
from lms.questionbank.domain.formats.qti import read_qti
from lms.questionbank.domain.formats.sheet import MOST_CELL, read_rows, table_of
from lms.questionbank.domain.formats.template import EXPLAINED, NOTES
from lms.questionbank.domain.formats.wordtext import read_text
from lms.questionbank.domain.formats.wordtext_writer import write_text
from lms.questionbank.domain.showable import hindrances

MAX_BYTES = 48_000_000
_ZIP = b"PK\x03\x04"
_SHEET = Limits(max_bytes=20 << 20, max_rows=6_000, max_columns=200, max_text=MOST_CELL + 2_000)
_TITLE = "题目"

_TEXT_READERS: dict[Format, Callable[[str], Reading]] = {
    Format.GIFT: read_gift,
    Format.AIKEN: read_aiken,
    Format.MOODLE_XML: read_moodle,
    Format.QTI: read_qti,
    Format.TEXT: read_text,
}
_TEXT_WRITERS: dict[Format, Callable[[Sequence[ExchangeItem]], str]] = {
    Format.GIFT: write_gift,
    Format.MOODLE_XML: write_moodle,
    Format.TEXT: write_text,
}
WRITTEN = (Format.GIFT, Format.MOODLE_XML, Format.XLSX, Format.CSV, Format.TEXT)
"""The formats that are written, too."""


@dataclass(frozen=True)
class FileReading:
    """What a file holds; `format` is None when it could not be told."""

    format: Format | None
    items: tuple[ReadItem, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_file(data: bytes, filename: str, format: Format | None = None) -> FileReading:
    """The items of a file in that format, or in the one that its content shows. Never raises.

    Likely duplicates, and marks that can't be drawn, are warned of.
    """
    if len(data) > MAX_BYTES:
        return _refused(format, f"文件超过 {MAX_BYTES // 1_000_000} MB，请分成几个文件")
    if format is Format.XLSX or (format is None and data.startswith(_ZIP)):
        return _table(data, filename, Format.XLSX)
    text = decoded(data)
    if text is None:
        return _refused(format, "无法识别文字编码，请另存为 UTF-8")
    known = format or format_of(text)
    most = MAX_XML if known in (Format.MOODLE_XML, Format.QTI) else MAX_TEXT
    if len(text) > most:
        return _refused(known, f"文件超过 {most} 个字符，请分成几个文件")
    if known not in (Format.MOODLE_XML, Format.QTI) and text.count("\n") > MAX_LINES:
        return _refused(known, f"文件超过 {MAX_LINES} 行，请分成几个文件")
    if known is Format.CSV:
        return _table(data, filename, known)
    return _finished(known, _TEXT_READERS[known](text))


def write_file(items: Sequence[ExchangeItem], format: Format) -> bytes:
    """The items as a file. Raises NotCarried naming those that the format cannot say."""
    if format in _TEXT_WRITERS:
        return _TEXT_WRITERS[format](items).encode()
    table = table_of(items)
    if format is Format.CSV:
        return write_csv(table.columns, table.rows)
    return write_xlsx(table.columns, table.rows, title=_TITLE, notes=NOTES)


def template() -> bytes:
    """The table to fill in, with an explanation of each column."""
    columns = [TemplateColumn(one.title, one.example, one.hint, one.choices) for one in EXPLAINED]
    return write_template(columns, title=_TITLE, notes=NOTES)


def _table(data: bytes, filename: str, format: Format) -> FileReading:
    try:
        sheet = read_table(data, filename, limits=_SHEET)
    except SpreadsheetRefused as refusal:
        where = f"第 {refusal.row} 行" if refusal.row else "文件"
        return FileReading(format, (), (Fault(where, str(refusal.detail) % refusal.extra),))
    return _finished(format, read_rows(sheet.rows))


def _finished(format: Format, reading: Reading) -> FileReading:
    items = [replace(one, warnings=(*one.warnings, *hindrances(one.item, formulas.draws))) for one in reading.items]
    for pair in alike([said(one.item) for one in items]):
        other = items[pair.other]
        warning = f"与{other.where}近乎重复（相似度 {pair.likeness:.2f}）"
        items[pair.position] = replace(items[pair.position], warnings=(*items[pair.position].warnings, warning))
    return FileReading(format, tuple(items), reading.faults)


def _refused(format: Format | None, message: str) -> FileReading:
    return FileReading(format, (), (Fault("文件", message),))
