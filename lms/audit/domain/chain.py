"""The chain of seals: what a batch's digest and a seal's head are computed over, and the line that keeps a head elsewhere."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

_LINE = re.compile(r"([1-9]\d{0,9}) (\S{24}) ([1-9]\d{0,9}) ([0-9a-f]{64})")
PART_OF_LINE = re.compile(r"[1-9]\d{0,9}( \S{0,24}( \d{0,10}( [0-9a-f]{0,63})?)?)?")
"""What a process that was killed in the middle of a line may have left of it."""


@dataclass(frozen=True)
class Seal:
    """One seal as it is stored."""

    no: int
    at: datetime
    entries: int
    digest: str
    previous: str
    head: str


class Digest:
    """SHA-256 over the sealed rows, audit entries by id first, then marks by id."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.entries = 0

    def add(self, table: str, row_id: UUID, *columns: object) -> None:
        """Adds one row; `columns` end with its MAC."""
        self._hash.update("\t".join([table, row_id.hex, *map(str, columns)]).encode() + b"\n")
        self.entries += 1

    def hex(self) -> str:
        """The digest so far, as 64 hex digits."""
        return self._hash.hexdigest()


def head_text(no: int, at: datetime, entries: int, digest: str, previous: str) -> str:
    """What the HMAC of a seal's head is computed over; `previous` is "" for the first."""
    return f"{no} {round(at.timestamp() * 1000)} {entries} {digest} {previous}"


def line(seal: Seal) -> str:
    """The line of the log outside the database: number, moment (UTC), rows, head."""
    at = seal.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{seal.no} {at} {seal.entries} {seal.head}"


def parsed(text: str) -> tuple[int, str] | None:
    """Number and head of a line; None for what is no whole line."""
    found = _LINE.fullmatch(text)
    return (int(found[1]), found[4]) if found else None


def last_logged(lines: Iterable[str]) -> int:
    """The highest number in some lines, 0 when none is whole."""
    return max((found[0] for found in map(parsed, lines) if found), default=0)
