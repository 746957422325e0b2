"""Scores a paper against the keys of its items, in whole hundredths of a point."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from lms.exams.domain.drawing import Paper, PaperEntry
from lms.exams.domain.keys import Blanks, ByHand, Choices, Key, Matches, Partial
from lms.exams.domain.points import HUNDRED


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the sheet: what was answered, what the key says, the hundredths of a point that it earned, its whole points.

    `earned` is None while people have yet to mark it; `key` holds what can be shown as right, one text for each blank or prompt.
    """

    position: int
    version_id: UUID
    given: tuple[str, ...]
    key: tuple[str, ...]
    earned: int | None
    points: int


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """A line for each item in the order of the paper."""

    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """The hundredths earned so far."""
        return sum(line.earned or 0 for line in self.lines)

    @property
    def maximum(self) -> int:
        """The hundredths of a paper without a mistake."""
        return sum(line.points for line in self.lines) * HUNDRED

    @property
    def complete(self) -> bool:
        """Whether nothing waits for people."""
        return all(line.earned is not None for line in self.lines)

    def passed(self, pass_mark: int) -> bool:
        """Whether the total reaches the pass mark, which is in whole points."""
        return self.total >= pass_mark * HUNDRED


class KeyMissing(LookupError):
    """An item of the paper has no key, so that no fair score can be given."""


def score(
    paper: Paper,
    answers: Mapping[int, tuple[str, ...]],
    keys: Mapping[UUID, Key],
    partial: Partial = Partial.ALL_OR_NOTHING,
    *,
    marks: Mapping[int, int] | None = None,
) -> ScoreSheet:
    """The sheet for `answers` (by position) against `keys` (by item version) under the exam's rule for multiple choice.

    An absent or empty answer earns nothing, a wrong one takes nothing away. Answers to positions that the paper does
    not have are ignored. `marks` are the hundredths that people gave, by position. Raises KeyMissing when an item has no key.
    """
    by_hand = marks or {}
    return ScoreSheet(
        tuple(
            _line(entry, answers.get(entry.position, ()), keys.get(entry.version_id), partial, by_hand)
            for entry in paper.entries
        )
    )


def rounded(points: int, share: Fraction) -> int:
    """The share of some whole points in hundredths, halves up: 4 points and a third are 133."""
    exact = share * points * HUNDRED
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def _line(
    entry: PaperEntry, given: tuple[str, ...], key: Key | None, partial: Partial, marks: Mapping[int, int]
) -> Line:
    if key is None or not _complete(key):
        raise KeyMissing(f"item version {entry.version_id} at position {entry.position}")
    if isinstance(key, ByHand):
        # A blank answer needs nobody to mark it.
        earned = marks.get(entry.position, None if any(given) else 0)
    else:
        earned = rounded(entry.points, key.share(given, partial)) if given else 0
    return Line(entry.position, entry.version_id, given, shown(key), earned, entry.points)


def shown(key: Key) -> tuple[str, ...]:
    """What may be shown as right: option keys, of each blank the first answer, the option key for each prompt."""
    if isinstance(key, Choices):
        return key.right
    if isinstance(key, Matches):
        return key.keys
    if isinstance(key, ByHand):
        return (key.reference,) if key.reference else ()
    firsts = (blank.answers[0] for blank in key.blanks)
    return tuple(one.text if hasattr(one, "text") else str(one.value) for one in firsts)


def _complete(key: Key) -> bool:
    if isinstance(key, Choices):
        return bool(key.right)
    if isinstance(key, Blanks):
        return bool(key.blanks) and all(blank.answers for blank in key.blanks)
    return bool(key.keys) if isinstance(key, Matches) else True
