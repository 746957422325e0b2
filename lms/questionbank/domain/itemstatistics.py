"""How an item did in exams: its difficulty and how well it tells those who know from those who don't."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST = 10
"""With fewer answers a measure says more about chance than about the item."""


@dataclass(frozen=True)
class Answered:
    """One scored answer: the share of its points that it earned, and the share that the rest of the paper earned; 0 to 1."""

    share: float
    rest: float


@dataclass(frozen=True)
class ItemStatistics:
    """`difficulty` is the mean share earned (p: 1 is easy); `discrimination` is the correlation with the rest of the paper, -1 to 1.

    Both are None where there are fewer than FEWEST answers; `discrimination` also where all earned the same.
    """

    answers: int
    difficulty: float | None
    discrimination: float | None


def statistics_of(answered: Sequence[Answered]) -> ItemStatistics:
    """The classical measures (Lord & Novick 1968); the item itself is left out of the rest, so that it does not agree with itself."""
    count = len(answered)
    if count < FEWEST:
        return ItemStatistics(count, None, None)
    mean = math.fsum(one.share for one in answered) / count
    rest = math.fsum(one.rest for one in answered) / count
    spread = math.fsum((one.share - mean) ** 2 for one in answered)
    rest_spread = math.fsum((one.rest - rest) ** 2 for one in answered)
    together = math.fsum((one.share - mean) * (one.rest - rest) for one in answered)
    # Rounding leaves a trace of a spread where all are alike.
    alike = spread < 1e-9 or rest_spread < 1e-9
    return ItemStatistics(
        count, mean, None if alike else max(-1.0, min(1.0, together / math.sqrt(spread * rest_spread)))
    )
