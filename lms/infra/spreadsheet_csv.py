"""Reads CSV files: the encodings and delimiters that Excel and WPS write, records bounded before they are parsed."""

import csv
import re
from collections.abc import Iterator

from lms.infra.spreadsheet_refusal import Problem, Refuser
from lms.kernel.texts import decoded

_DELIMITERS = ",;\t"
_LOOKED_AT = 20_000
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")  # unlike splitlines: a form feed or U+2028 ends no line


class _TooLong(Exception):
    """A record is longer than any that could be taken."""


class _Lines:
    """The lines of a text with their ends; those of one record may have no more than so many characters together."""

    def __init__(self, text: str, longest: int) -> None:
        self._lines, self._longest, self._taken = _LINES.finditer(text), longest, 0

    def begin_record(self) -> None:
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        found = next(self._lines)
        self._taken += found.end() - found.start()
        if self._taken > self._longest:
            raise _TooLong
        return found[0]


def read(content: bytes, refuse: Refuser) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """The rows that hold something, numbered as spreadsheet programs show them, and the cells that are too long."""
    text = decoded(content)
    if text is None:
        raise refuse("encoding")
    start = text[:_LOOKED_AT].lstrip().lower()
    if start.startswith(("<", "%pdf", "{\\rtf")):
        raise refuse("html" if start.startswith("<") else "not_a_table")
    limits = refuse.limits
    rows: list[tuple[int, list[str]]] = []
    problems: list[Problem] = []
    for number, record in _records(text, refuse):
        filled = next((at for at in range(len(record), 0, -1) if record[at - 1]), 0)
        if not any(cell.strip() for cell in record):
            continue
        if filled > limits.max_columns:
            raise refuse("too_many_columns", number)
        if len(rows) >= limits.max_rows:
            raise refuse("too_many_rows", number)
        rows.append((number, record[:filled]))
        problems += [
            Problem(number, at, "too_long") for at, cell in enumerate(record, 1) if len(cell) > limits.max_text
        ]
    return rows, problems


def _records(text: str, refuse: Refuser) -> Iterator[tuple[int, list[str]]]:
    limits = refuse.limits
    lines = _Lines(text, limits.max_columns * (2 * limits.max_text + 3))
    # Strict: a quote that is never closed would else swallow the rest of the file into one cell.
    reader = csv.reader(lines, delimiter=_delimiter(text), strict=True)
    number = 1
    try:
        for record in reader:
            yield number, record
            number += 1
            lines.begin_record()
    except csv.Error:
        raise refuse("quotes", number) from None
    except _TooLong:
        raise refuse("too_many_columns", number) from None


def _delimiter(text: str) -> str:
    """The one that stands most often outside quotes in the first line that holds something."""
    first = re.sub('"[^"]*"', "", text[:_LOOKED_AT].lstrip("\r\n")).splitlines()[:1]
    return max(_DELIMITERS, key="".join(first).count)
