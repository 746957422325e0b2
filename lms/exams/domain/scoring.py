"""Scores a paper against the keys of its items."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from lms.exams.domain.drawing import Paper, PaperEntry


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the sheet: what was answered, what the key says, how many of its points it earned."""

    position: int
    version_id: UUID
    given: tuple[str, ...]
    key: tuple[str, ...]
    earned: int
    points: int


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """The points earned, the points possible, and a line for each item in the order of the paper."""

    total: int
    maximum: int
    lines: tuple[Line, ...]


class KeyMissing(LookupError):
    """An item of the paper has no key, so that no fair score can be given."""


def score(paper: Paper, answers: Mapping[int, tuple[str, ...]], keys: Mapping[UUID, tuple[str, ...]]) -> ScoreSheet:
    """The sheet for `answers` (by position) against `keys` (by item version), all points of an item or none.

    An absent or empty answer earns nothing, a wrong one takes nothing away. Answers to positions that the paper does
    not have are ignored. Raises KeyMissing when an item has no key.
    """
    lines = tuple(_line(entry, answers.get(entry.position, ()), keys) for entry in paper.entries)
    return ScoreSheet(sum(line.earned for line in lines), sum(line.points for line in lines), lines)


def _line(entry: PaperEntry, given: tuple[str, ...], keys: Mapping[UUID, tuple[str, ...]]) -> Line:
    key = keys.get(entry.version_id, ())
    if not key:
        raise KeyMissing(f"item version {entry.version_id} at position {entry.position}")
    earned = entry.points if frozenset(given) == frozenset(key) else 0
    return Line(entry.position, entry.version_id, given, key, earned, entry.points)
