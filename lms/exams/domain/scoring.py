"""Scores a paper against the keys of its items."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from lms.exams.domain.blueprint import ItemType
from lms.exams.domain.drawing import Paper, PaperEntry


class MultipleRule(StrEnum):
    """What an incomplete answer to a multiple-choice item earns."""

    ALL_OR_NOTHING = "all_or_nothing"
    HALF_IF_INCOMPLETE = "half_if_incomplete"


@dataclass(frozen=True, slots=True)
class Policy:
    """How an exam is scored."""

    multiple: MultipleRule = MultipleRule.ALL_OR_NOTHING


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


def score(
    paper: Paper, answers: Mapping[int, tuple[str, ...]], keys: Mapping[UUID, tuple[str, ...]], policy: Policy
) -> ScoreSheet:
    """The sheet for `answers` (by position) against `keys` (by item version).

    An absent or empty answer earns nothing, a wrong one takes nothing away. Answers to positions that the paper does
    not have are ignored. Raises KeyMissing when an item has no key.
    """
    lines = tuple(_line(entry, answers.get(entry.position, ()), keys, policy) for entry in paper.entries)
    return ScoreSheet(sum(line.earned for line in lines), sum(line.points for line in lines), lines)


def _line(entry: PaperEntry, given: tuple[str, ...], keys: Mapping[UUID, tuple[str, ...]], policy: Policy) -> Line:
    key = keys.get(entry.version_id, ())
    if not key:
        raise KeyMissing(f"item version {entry.version_id} at position {entry.position}")
    return Line(entry.position, entry.version_id, given, key, _earned(entry, given, key, policy), entry.points)


def _earned(entry: PaperEntry, given: tuple[str, ...], key: tuple[str, ...], policy: Policy) -> int:
    chosen, right = frozenset(given), frozenset(key)
    if chosen == right:
        return entry.points
    incomplete = entry.type == ItemType.MULTIPLE and chosen and chosen < right
    if incomplete and policy.multiple is MultipleRule.HALF_IF_INCOMPLETE:
        return entry.points // 2
    return 0
