"""What becomes of results when an item's key turns out wrong: four ways, each a pure change of a score sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from lms.exams.domain.keys import Accepted, Blank, Blanks, ByHand, Choices, Key, Partial
from lms.exams.domain.points import HUNDRED
from lms.exams.domain.scoring import Line, ScoreSheet, rounded, shown


class Way(StrEnum):
    """How results follow a corrected key."""

    FULL = "full_credit"  # everybody has all points, who left it blank too
    EITHER = "either"  # what was right before stays right beside what is right now
    NEW = "new_only"  # only the new key counts: some lose points
    NONE = "none"  # the fault is on record, no result changes

    @property
    def needs_key(self) -> bool:
        """Whether it says what is right now."""
        return self in (Way.EITHER, Way.NEW)


class Turn(StrEnum):
    """What a change means for whether a person has passed the exam."""

    STAYS = "stays"
    PASSES = "passes"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One decision about one version of an item; `key` for those ways that need one."""

    version_id: UUID
    way: Way
    key: Key | None = None


def ways_for(key: Key) -> tuple[Way, ...]:
    """The ways that an item allows: what people mark, and what is matched, has no key that could be exchanged here."""
    return tuple(Way) if isinstance(key, Choices | Blanks) else (Way.FULL, Way.NONE)


def rescored(sheet: ScoreSheet, changes: Sequence[KeyChange], partial: Partial) -> ScoreSheet:
    """The sheet after some decisions, in the order in which they were confirmed, under the exam's rule for multiple choice."""
    lines = list(sheet.lines)
    for change in changes:
        lines = [_changed(line, change, partial) if line.version_id == change.version_id else line for line in lines]
    return ScoreSheet(tuple(lines))


def turn(before: bool, after: bool) -> Turn:
    """What a person's standing did."""
    if before == after:
        return Turn.STAYS
    return Turn.PASSES if after else Turn.FAILS


def key_data(key: Key) -> dict[str, Any]:
    """A new key as it is stored. Raises TypeError for one that can't be exchanged."""
    if isinstance(key, Choices):
        return {"right": list(key.right)}
    if isinstance(key, Blanks):
        return {"blanks": [[one.text for one in blank.answers if isinstance(one, Accepted)] for blank in key.blanks]}
    raise TypeError(f"no key to exchange: {key}")


def key_from(data: Mapping[str, Any]) -> Key:
    """The key that `key_data` wrote."""
    if "right" in data:
        return Choices(tuple(data["right"]))
    return Blanks(tuple(Blank(tuple(Accepted(text) for text in texts)) for texts in data["blanks"]))


def _changed(line: Line, change: KeyChange, partial: Partial) -> Line:
    if change.way is Way.NONE:
        return line
    if change.way is Way.FULL:
        return replace(line, earned=line.points * HUNDRED)
    if change.key is None or isinstance(change.key, ByHand):
        raise ValueError(f"{change.way} needs a key")
    earned = rounded(line.points, change.key.share(line.given, partial)) if line.given else 0
    if change.way is Way.EITHER:
        earned = max(earned, line.earned or 0)
    return replace(line, earned=earned, key=shown(change.key))
