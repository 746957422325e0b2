"""Tables of people's own making: reads CSV and XLSX as the text that was typed, or refuses them; writes both without formulas.

XLSX is read in a process of its own with little memory and time (`spreadsheet_child.py`): whatever happens there, the caller gets a
`Sheet` or a `SpreadsheetRefused`. A line of a cell that begins with an apostrophe before a formula's sign loses that apostrophe, for
`spreadsheet_writing.py` puts it there.
"""

import json
import os
import re
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from lms.infra import spreadsheet_csv
from lms.infra.spreadsheet_refusal import REASONS, Limits, Problem, Refuser, SpreadsheetRefused
from lms.infra.spreadsheet_writing import TemplateColumn, restored, write_csv, write_template, write_xlsx

__all__ = [
    "REASONS", "Limits", "Problem", "Sheet", "SpreadsheetRefused", "TemplateColumn",
    "read_table", "write_csv", "write_template", "write_xlsx",
]  # fmt: skip

_PACKAGES = Path(__file__).resolve().parents[2]
_CHILD = "import sys; sys.path.append(sys.argv[1]); from lms.infra import spreadsheet_child as it; it.main(sys.argv[2])"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MOST_ANSWER = 128 << 20
_FAILED = 1  # how Python ends after an exception that nobody caught
# 4.4E+17 and the like: what spreadsheet programs leave of a long number when they save it as CSV.
_LOST = re.compile(r"\s*[+-]?[1-9](?:\.[0-9]+)?[Ee]\+(?:[1-9][0-9]|[1-9][0-9]{2})\s*")
_USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as text: the rows that hold something, each with its number as people see it, up to their last filled cell."""

    rows: list[tuple[int, list[str]]]
    sheet_name: str = ""


class _Answer(msgspec.Struct):
    """What the child says: a table, or why the file is refused and where."""

    sheet: str = ""
    rows: list[tuple[int, list[str]]] = []
    problems: list[tuple[int, int, str]] = []
    refused: tuple[str, int | None, int | None] | None = None


def read_table(data: bytes | Path, filename: str, *, limits: Limits = _USUAL) -> Sheet:
    """The first visible sheet of an XLSX file, or a CSV file in UTF-8, UTF-16 or GB18030: which of them it is, its bytes say.

    Days come as 2026-01-31, times as 08:30:00, numbers without idle zeros. `filename` only names the file in sentences. Raises
    SpreadsheetRefused, among others for formulas and for numbers of more than 15 digits, whose last digits no longer exist.
    """
    refuse = Refuser(filename, limits)
    content = _bytes_of(data, limits.max_bytes)
    if len(content) > limits.max_bytes:
        raise refuse("too_large")
    if content.startswith(_OLE):
        raise refuse("encrypted" if "EncryptedPackage".encode("utf-16-le") in content else "xls")
    if content.startswith(_ZIP):
        sheet, problems = _read_xlsx(content, refuse)
    else:
        rows, problems = spreadsheet_csv.read(content, refuse)
        sheet = Sheet(rows)
    problems += [
        Problem(row, column, "digits_lost")
        for row, cells in sheet.rows
        for column, text in enumerate(cells, 1)
        if _LOST.fullmatch(text)
    ]
    if problems:
        raise refuse.cells(problems)
    if not sheet.rows:
        raise refuse("empty")
    return Sheet([(row, [restored(text) for text in cells]) for row, cells in sheet.rows], sheet.sheet_name)


def _bytes_of(data: bytes | Path, most: int) -> bytes:
    if isinstance(data, bytes):
        return data
    with data.open("rb") as file:
        return file.read(most + 1)


def _read_xlsx(content: bytes, refuse: Refuser) -> tuple[Sheet, list[Problem]]:
    limits = refuse.limits
    request = {
        "parent": os.getpid(),
        "max_rows": limits.max_rows,
        "max_columns": limits.max_columns,
        "max_text": limits.max_text,
        "max_characters": limits.max_characters,
        "max_problems": limits.max_problems,
        "max_entries": limits.max_entries,
        "max_unpacked": limits.max_unpacked,
        "max_ratio": limits.max_ratio,
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": limits.cpu_seconds,
    }
    said, code = _ask_child(content, request, limits.wall_seconds)
    if code:
        raise refuse("damaged" if code == _FAILED else "too_heavy")
    try:
        answer = msgspec.json.decode(said, type=_Answer)
        refusal = refuse(*answer.refused) if answer.refused else None
        problems = [Problem(row, column, reason) for row, column, reason in answer.problems if reason in REASONS]
    except (msgspec.MsgspecError, ValueError, KeyError, RecursionError):
        raise refuse("damaged") from None
    if refusal:
        raise refusal
    return Sheet(answer.rows, answer.sheet), problems


def _ask_child(content: bytes, request: dict[str, int], seconds: float) -> tuple[bytes, int]:
    """What the child prints, and its exit code: 0 when all is well, below 0 when a signal or the clock ended it."""
    deadline = time.monotonic() + seconds
    command = [sys.executable, "-I", "-S", "-B", "-c", _CHILD, str(_PACKAGES), json.dumps(request)]
    # A file in memory ends with the processes that hold it, however they end.
    with os.fdopen(os.memfd_create("table"), "w+b") as given:
        given.write(content)
        given.seek(0)
        process = subprocess.Popen(
            command, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"LANG": "C.UTF-8"}
        )
    said = b""
    with process:
        try:
            if process.stdout:
                said = _drained(process.stdout, deadline)
                process.wait(max(0.0, deadline - time.monotonic()))
        except (TimeoutError, subprocess.TimeoutExpired):
            process.kill()
        except BaseException:
            process.kill()
            raise
    return said, process.returncode


def _drained(stream: IO[bytes], deadline: float) -> bytes:
    """All that comes; raises TimeoutError at the deadline, or when it is more than any table."""
    taken = bytearray()
    while len(taken) <= _MOST_ANSWER and select.select([stream], [], [], max(0.0, deadline - time.monotonic()))[0]:
        chunk = os.read(stream.fileno(), 1 << 20)
        if not chunk:
            return bytes(taken)
        taken += chunk
    raise TimeoutError
