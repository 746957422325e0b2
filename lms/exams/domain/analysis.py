"""What the results of many say about one item: difficulty, discrimination, choices, and what its author should look at."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

SCALE = 10_000
"""Shares of points are whole ten-thousandths, so that sums are exact and add up over exams."""
ENOUGH = 30
"""Below so many answers the figures say nothing of the item."""
HARDEST, EASIEST, WEAKEST = 0.3, 0.9, 0.2
BINS = 10


class Flag(StrEnum):
    """What the sums of an item say; with what its options say, they are the signals that its bank keeps."""

    HARD = "hard"
    EASY = "easy"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the answers to an item: x the share of its points, y the share of all other points of the paper."""

    n: int = 0
    x: int = 0
    xx: int = 0
    y: int = 0
    yy: int = 0
    xy: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.n + other.n,
            self.x + other.x,
            self.xx + other.xx,
            self.y + other.y,
            self.yy + other.yy,
            self.xy + other.xy,
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many chose an option, and the sum of their y."""

    count: int = 0
    y: int = 0

    @property
    def mean(self) -> float:
        """The mean share that those who chose it have of the rest of the paper."""
        return self.y / self.count / SCALE if self.count else 0.0


def one(earned: int, points: int, rest_earned: int, rest_points: int) -> Sums:
    """The sums of one answer; points in whatever unit, the same for each pair."""
    x = earned * SCALE // points if points else 0
    y = rest_earned * SCALE // rest_points if rest_points else 0
    return Sums(1, x, x * x, y, y * y, x * y)


def total(sums: Iterable[Sums]) -> Sums:
    """All together."""
    return sum(sums, Sums())


def difficulty(sums: Sums) -> float | None:
    """p: the mean share of the item's points, 1 when everybody had all; None without an answer."""
    return sums.x / sums.n / SCALE if sums.n else None


def discrimination(sums: Sums) -> float | None:
    """The correlation of the item with the rest of the paper: for items that are right or wrong, the point-biserial.

    None when all did the same on the item or on the rest, for then nothing can be said.
    """
    across = sums.n * sums.xx - sums.x**2, sums.n * sums.yy - sums.y**2
    if min(across) <= 0:
        return None
    return (sums.n * sums.xy - sums.x * sums.y) / math.sqrt(across[0]) / math.sqrt(across[1])


def flags(sums: Sums) -> tuple[Flag, ...]:
    """What the figures of an item say its author should look at; nothing before there are enough answers."""
    p, r = difficulty(sums), discrimination(sums)
    if p is None or sums.n < ENOUGH:
        return ()
    found = [Flag.HARD] if p < HARDEST else [Flag.EASY] if p > EASIEST else []
    return (*found, Flag.WEAK) if r is not None and r < WEAKEST else tuple(found)


def better_distractors(options: Mapping[str, Chosen], right: Iterable[str]) -> tuple[str, ...]:
    """Wrong options whose choosers did better on the rest of the paper than those who chose a right one.

    Only among enough answers, and only options that a tenth of all chose.
    """
    keys = set(right)
    answers = sum(chosen.count for chosen in options.values())
    good = [options[key] for key in keys if key in options]
    count = sum(chosen.count for chosen in good)
    if answers < ENOUGH or not count:
        return ()
    mean = sum(chosen.y for chosen in good) / count / SCALE
    return tuple(
        key
        for key, chosen in sorted(options.items())
        if key not in keys and chosen.count * 10 >= answers and chosen.mean > mean
    )


def bin_of(hundredths: int, maximum: int) -> int:
    """The bar of a score among ten: 0 for less than a tenth of the maximum, 9 from nine tenths on."""
    return min(BINS - 1, hundredths * BINS // maximum) if maximum else 0
