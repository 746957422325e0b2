"""Reads the first visible sheet of an xlsx file as the text that was typed. Standard library only.

Of the styles only those that make a number a day or give it leading zeros matter: files whose looks are broken are read all the same.
"""

import re
from datetime import datetime

from lms.infra.spreadsheet_book import Book, Refused, Request, Stop
from lms.infra.spreadsheet_numbers import EPOCH_1900, EPOCH_1904, Unreadable, kind_of_format, shown

_EXCEL_ROWS, _EXCEL_COLUMNS = 1_048_576, 16_384
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ESCAPED_LENGTH = 7
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_IDLE_TIME = re.compile(r"(T00:00(:00(\.0+)?)?)?Z?\Z")
_VISIBLE = "visible"


def read(data: bytes, request: Request) -> dict[str, object]:
    """The name of the sheet, its rows, and the cells that cannot be taken; raises Refused, and what zip and XML raise when broken."""
    book = Book(data, request)
    workbook = _target(book.relations(""), "officeDocument", "xl/workbook.xml")
    relations = book.relations(workbook)
    sheets: list[tuple[str, str]] = []
    epoch = EPOCH_1900

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal epoch
        if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epoch = EPOCH_1904
        elif tag == "sheet" and attributes.get("state", _VISIBLE) == _VISIBLE:
            relation = next((value for name, value in attributes.items() if name.endswith(" id")), "")
            kind, part = relations.get(relation, ("", ""))
            if kind == "worksheet":
                sheets.append((attributes.get("name", ""), part))

    book.walk(workbook, start)
    if not sheets:
        raise Refused("no_sheet")
    formats = _formats(book, _target(relations, "styles", "xl/styles.xml"))
    texts = _shared_texts(book, _target(relations, "sharedStrings", "xl/sharedStrings.xml"))
    name, part = sheets[0]
    reader = _SheetReader(request, texts, formats, epoch)
    book.walk(part, reader.start, reader.end, reader.text)
    return {"sheet": name[:100], "rows": reader.rows, "problems": reader.problems}


def _target(relations: dict[str, tuple[str, str]], kind: str, usual: str) -> str:
    return next((target for found, target in relations.values() if found == kind), usual)


def _formats(book: Book, part: str) -> list[str]:
    """For each style of a cell what `kind_of_format` says of it."""
    codes: dict[str, str] = {}
    found: list[str] = []
    inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if tag == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside = True
        elif tag == "xf" and inside:
            number = attributes.get("numFmtId", "0")
            found.append(kind_of_format(number, codes.get(number, "")))

    def end(tag: str) -> None:
        if tag == "cellXfs":
            raise Stop

    if book.has(part):
        book.walk(part, start, end)
    return found


class _Texts:
    """Takes the text of <t> and <v>, but not of readings of characters; all texts together are bounded."""

    def __init__(self, request: Request) -> None:
        self._left = request["max_characters"]
        self._readings = 0
        self._taking = False
        self.pieces: list[str] = []

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag in ("t", "v"):
            self._taking = not self._readings
        elif tag == "rPh":
            self._readings += 1

    def end(self, tag: str) -> None:
        if tag in ("t", "v"):
            self._taking = False
        elif tag == "rPh":
            self._readings -= 1

    def text(self, piece: str) -> None:
        if self._taking:
            self._left -= len(piece)
            if self._left < 0:
                raise Refused("too_large")
            self.pieces.append(piece)


def _shared_texts(book: Book, part: str) -> list[str]:
    """The table of texts; each only as long as shows that it is too long."""
    longest = book.request["max_text"] * _ESCAPED_LENGTH + 1
    texts: list[str] = []
    gathering = _Texts(book.request)

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            gathering.pieces.clear()
        gathering.start(tag, attributes)

    def end(tag: str) -> None:
        if tag == "si":
            texts.append("".join(gathering.pieces)[:longest])
        gathering.end(tag)

    if book.has(part):
        book.walk(part, start, end, gathering.text)
    return texts


class _SheetReader(_Texts):
    """Gathers the cells of a sheet as its elements pass by; only cells that hold something take memory."""

    def __init__(self, request: Request, texts: list[str], formats: list[str], epoch: datetime) -> None:
        super().__init__(request)
        self._request, self._texts, self._formats, self._epoch = request, texts, formats, epoch
        self.rows: list[tuple[int, list[str]]] = []
        self.problems: list[tuple[int, int, str]] = []
        self._row = self._column = 0
        self._cells: dict[int, str] = {}
        self._kind = self._style = ""
        self._formula = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._open_cell(attributes)
        elif tag == "f":
            self._formula = True
        elif tag == "row":
            self._open_row(attributes)
        else:
            super().start(tag, attributes)

    def end(self, tag: str) -> None:
        if tag == "c":
            self._close_cell()
        elif tag == "row":
            self._close_row()
        elif tag == "sheetData":
            raise Stop
        else:
            super().end(tag)

    def _open_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r", str(self._row + 1))
        if not re.fullmatch("[1-9][0-9]{0,6}", given) or not self._row < int(given) <= _EXCEL_ROWS:
            raise Refused("damaged")
        self._row, self._column = int(given), 0
        self._cells = {}

    def _open_cell(self, attributes: dict[str, str]) -> None:
        column = self._column + 1
        if given := attributes.get("r"):
            found = _REFERENCE.fullmatch(given)
            if not found or int(found[2]) != self._row:
                raise Refused("damaged")
            column = 0
            for letter in found[1]:
                column = column * 26 + ord(letter) - 64
        if not self._column < column <= _EXCEL_COLUMNS:
            raise Refused("damaged")
        self._column, self._kind, self._style = column, attributes.get("t", "n"), attributes.get("s", "0")
        self._formula = False
        self.pieces.clear()

    def _close_cell(self) -> None:
        raw = "".join(self.pieces)
        try:
            value = "" if self._formula else self._value(raw) if raw else ""
        except Unreadable as problem:
            self._tell(str(problem))
            return
        if self._formula:
            self._tell("formula")
        elif "\0" in value:
            self._tell("unreadable")
        elif len(value) > self._request["max_text"]:
            self._tell("too_long")
        elif value and self._column > self._request["max_columns"]:
            raise Refused("too_many_columns", self._row, self._column)
        elif value:
            self._cells[self._column] = value

    def _close_row(self) -> None:
        if not any(text.strip() for text in self._cells.values()):
            return
        if len(self.rows) >= self._request["max_rows"]:
            raise Refused("too_many_rows", self._row)
        self.rows.append((self._row, [self._cells.get(number, "") for number in range(1, max(self._cells) + 1)]))

    def _tell(self, reason: str) -> None:
        if len(self.problems) < self._request["max_problems"]:
            self.problems.append((self._row, self._column, reason))

    def _value(self, raw: str) -> str:
        match self._kind:
            case "s":
                return _unescaped(self._texts[self._index(raw, len(self._texts))])
            case "inlineStr" | "str":
                return _unescaped(raw)
            case "b":
                return "TRUE" if raw.strip() in ("1", "true") else "FALSE"
            case "d":
                return _IDLE_TIME.sub("", raw.strip()).replace("T", " ")
            case "e":
                raise Unreadable("error")
            case _:
                known = self._style.isdecimal() and int(self._style) < len(self._formats)
                return shown(raw.strip(), self._formats[int(self._style)] if known else "", self._epoch)

    @staticmethod
    def _index(raw: str, count: int) -> int:
        if not re.fullmatch(r"\s*[0-9]{1,9}\s*", raw) or int(raw) >= count:
            raise Refused("damaged")
        return int(raw)


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written as _x0001_."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
