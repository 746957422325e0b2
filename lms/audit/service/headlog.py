"""Reads the log of heads that lies outside the database, line by line beside the seals."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from lms.audit.domain import chain
from lms.audit.domain.chain import Seal
from lms.audit.domain.findings import Finding, Kind

AHEAD = 1_000
"""How far lines may stand from their order (several machines write late lines), and how many lost ones are looked up."""


class HeadLog:
    """The lines of a log; asks for the seals in their order, so that neither is held in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._ahead: dict[int, str] = {}
        self._highest = 0
        self._before = ""
        self._faults: list[Finding] = []

    def __enter__(self) -> Self:
        if self._path.exists():
            self._file = self._path.open(encoding="ascii", errors="replace")
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def compare(self, seal: Seal, *, tolerated: bool) -> Iterator[Finding]:
        """What the log says of a seal; a seal that is `tolerated` may still wait for its line."""
        self._read_to(seal.no)
        logged = self._ahead.pop(seal.no, None)
        if logged is None and not tolerated:
            yield Finding(Kind.LOG, "seal_log", str(seal.no), f"the log lacks the head of seal {seal.no}")
        elif logged is not None and logged != chain.line(seal):
            yield Finding(Kind.LOG, "seal_log", str(seal.no), f"the log has another head for seal {seal.no}")

    def beyond(self, last: int) -> Iterator[Finding]:
        """Heads that the log has after the last seal of the database, and what is wrong with the log itself."""
        self._read_to(None)
        cut = sorted(no for no in self._ahead if no > last)
        if cut:
            detail = f"the log knows seals up to {self._highest}, the database ends at {last}"
            yield Finding(Kind.CUT, "seal_log", str(cut[0]), detail)
        for no in islice((no for no in self._ahead if no <= last), 1):
            yield Finding(Kind.LOG, "seal_log", str(no), f"the log has a head for seal {no} that the chain lacks")
        yield from self._faults

    def _read_to(self, no: int | None) -> None:
        """Reads on until the line of `no` is there, or lines so far ahead that it won't come; to the end for None."""
        while self._file is not None and no not in self._ahead and (no is None or self._highest < no + AHEAD):
            text = self._file.readline()
            if not text.endswith("\n"):  # the end, or a line that is being written
                return
            self._take(text[:-1])

    def _take(self, text: str) -> None:
        found = chain.parsed(text)
        if found is None:
            if text and not chain.PART_OF_LINE.fullmatch(text) and not self._faults:
                self._faults.append(Finding(Kind.LOG, "seal_log", text[:20], "a line of the log can't be read"))
            return
        if text == self._before:  # a killed process may leave a line without its end, which is then written again
            return
        self._before = text
        no = found[0]
        if self._ahead.get(no, text) != text and not self._faults:
            self._faults.append(Finding(Kind.LOG, "seal_log", str(no), f"the log has two heads for seal {no}"))
        self._ahead[no] = text
        self._highest = max(self._highest, no)
