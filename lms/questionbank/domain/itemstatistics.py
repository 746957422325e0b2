"""How an item did in exams: its difficulty, how well it tells those who know from those who don't, and what to look at."""

from dataclasses import dataclass
from enum import StrEnum

FEWEST = 10
"""With fewer answers a measure says more about chance than about the item."""


class Signal(StrEnum):
    """What the figures of an item say that its author should look at."""

    HARD = "hard"
    EASY = "easy"
    WEAK = "weak"
    DISTRACTOR = "distractor"


@dataclass(frozen=True)
class ItemStatistics:
    """`difficulty` is the mean share earned (p: 1 is easy); `discrimination` is the correlation with the rest of the paper, -1 to 1.

    `answers` counts people. `discrimination` is None also where all earned the same.
    """

    answers: int
    difficulty: float | None
    discrimination: float | None


def told(answers: int, difficulty: float | None, discrimination: float | None) -> ItemStatistics:
    """The measures as far as they may be told: neither with fewer than FEWEST answers."""
    enough = answers >= FEWEST
    return ItemStatistics(answers, difficulty if enough else None, discrimination if enough else None)
