"""How people mark: points in allowed steps, one marker or two, and a third where two are too far apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2s
from uuid import UUID

from lms.exams.domain.points import HUNDRED

STEP = 50
"""Marks are whole halves of a point, in hundredths."""
LEASE = timedelta(minutes=15)
"""How long an answer is kept for a marker who has saved nothing more of it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many mark each answer, and from which difference, in per cent of the item's points, a third one decides."""

    markers: int = 1
    threshold: int = 20


def ceilings(points: int, parts: int) -> tuple[int, ...]:
    """The most that each question of an item of `points` earns, in hundredths: as even as steps allow, the first ones more.

    10 points over three questions are 3.5, 3.5 and 3. An item with more questions than steps gives the last ones nothing.
    """
    whole, rest = divmod(points * HUNDRED // STEP, parts)
    return tuple((whole + (number < rest)) * STEP for number in range(parts))


def allowed(earned: int, ceiling: int) -> bool:
    """Whether a mark, in hundredths, lies on a step from nothing to the ceiling."""
    return 0 <= earned <= ceiling and earned % STEP == 0


def settled(marks: Sequence[int], *, points: int, wanted: int, threshold: int) -> int | None:
    """What an answer is worth by its marks in their order, in hundredths; None while another marker has to look at it.

    One marker decides alone. Of two the mean counts, halves up, unless they differ by more than `threshold` per cent of the
    points: then a third marker decides.
    """
    if len(marks) > 2:
        return marks[2]
    if len(marks) < wanted:
        return None
    if wanted == 1:
        return marks[0]
    if abs(marks[0] - marks[1]) > threshold * points:
        return None
    return (marks[0] + marks[1] + 1) // 2


def rank(attempt_id: UUID, position: int) -> int:
    """The place of an answer in the queue: as good as drawn, so that each marker sees a fair sample of all candidates."""
    digest = blake2s(attempt_id.bytes + position.to_bytes(4, "big"), digest_size=6).digest()
    return int.from_bytes(digest, "big")
