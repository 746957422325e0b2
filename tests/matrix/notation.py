"""Reads and writes docs/permission-matrix.txt, the form of which its own first lines explain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

FILE = Path(__file__).parents[2] / "docs" / "permission-matrix.txt"
UPDATE = "python -m tests.matrix > docs/permission-matrix.txt"
CELL = 6
COLUMNS = (
    "anonymous",
    "learner",
    "uploader",
    "reviewer-p",
    "reviewer-n",
    "manager",
    "tutor",
    "unit",
    "city",
    "province",
    "nation",
    "editor",
    "system",
    "security",
    "audit",
    "disabled",
    "expired",
)
EXPLANATION = """\
# Who gets what: every address and method, asked by every role about everybody's things.
#
# Two lines belong together: a method, an address and its guard; below it what each role meets there. The columns are named at
# the top of each part. A cell has one letter for each place where the thing asked for may be:
#     1 one's own   2 of one's own unit   3 of another unit of the province   4 of another province   5 of nobody (absent)
# or a single letter when it is the same at all places, or when the address names no thing.
#     +  let in: the page, the act, or a refusal for what was typed or for the state of the thing (409, 410, 422)
#     .  404, byte for byte as if it were absent
#     x  403
#     >  asked to sign in
#     -  there is no such thing at this place
# Learner, uploader, tutor and unit administrator belong to one unit; "city" administers the city above it, "province" the
# province, as reviewer-p, manager and editor do; reviewer-n, nation, system, security and audit reach the whole nation.
# "disabled" and "expired" would be administrators of the province. One's own lecture (place 1) is a published one, those of
# others are drafts. The ids in /verify/<token> and /leases/<id>/beats are secrets that let in whoever knows them.
#
# The test compares this file with what the application answers (tests/matrix). After a change that is meant:
#     {update}
# and read the difference: that is what a reviewer sees.
"""


@dataclass(frozen=True, order=True)
class Line:
    """What every role meets at one address by one method; `cells` in the order of the columns."""

    path: str
    method: str
    guard: str
    cells: tuple[str, ...]


def shortened(letters: Sequence[str]) -> str:
    """A cell's letters, one when all that could be tried are alike."""
    met = {letter for letter in letters if letter != "-"}
    return met.pop() if len(met) == 1 else "".join(letters)


def written(lines: Iterable[Line]) -> str:
    """The whole file."""
    parts = [EXPLANATION.format(update=UPDATE)]
    ordered = sorted(lines, key=lambda line: (_part(line.path), line))
    for part, members in groupby(ordered, key=lambda line: _part(line.path)):
        parts.append(f"\n## {part}\n# {_cells(COLUMNS, COLUMNS)}\n")
        for line in members:
            parts.append(f"{line.method} {line.path}   [{line.guard}]\n  {_cells(line.cells, COLUMNS)}\n")
    return "".join(parts)


def read(text: str) -> list[Line]:
    """The lines of a file. Raises ValueError when an address stands without its cells."""
    kept = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(kept) % 2:
        raise ValueError("an address without a line of cells, or cells without an address")
    found = []
    for head, cells in zip(kept[::2], kept[1::2], strict=True):
        address, _, guard = head.partition("   [")
        method, _, path = address.partition(" ")
        found.append(Line(path, method, guard.rstrip("]"), tuple(cells.split())))
    return found


def _cells(values: Sequence[str], columns: Sequence[str]) -> str:
    widths = [max(len(column), CELL) for column in columns]
    return " ".join(value.ljust(width) for value, width in zip(values, widths, strict=True)).rstrip()


def _part(path: str) -> str:
    parts = path.strip("/").split("/")
    if parts[0] == "staff":
        return f"/staff/{parts[1]}" if len(parts) > 1 and parts[1] else "/staff"
    return "/api/v1" if parts[0] == "api" else "/"
