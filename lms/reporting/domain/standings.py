"""Where a person stands in a year, and what a change of it does to the figures of every unit above them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Standing:
    """A person's year: hours in hundredths; `path` is the unit for which they are counted, "" when for none."""

    path: str
    category: str
    self_study: int
    centralized: int
    self_required: int
    central_required: int

    @property
    def missing(self) -> int:
        """What is left to earn in both ledgers together."""
        return max(0, self.self_required - self.self_study) + max(0, self.central_required - self.centralized)

    @property
    def tally(self) -> "Tally":
        """This person as figures: nothing when they are counted nowhere."""
        if not self.path:
            return Tally()
        return Tally(
            1,
            int(self.self_study >= self.self_required),
            int(self.centralized >= self.central_required),
            int(self.missing == 0),
        )


@dataclass(frozen=True)
class Tally:
    """People of a unit and all below it: how many, and how many reached the target of each ledger, and both."""

    persons: int = 0
    self_reached: int = 0
    central_reached: int = 0
    reached: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.persons + other.persons,
            self.self_reached + other.self_reached,
            self.central_reached + other.central_reached,
            self.reached + other.reached,
        )

    def __neg__(self) -> "Tally":
        return Tally(-self.persons, -self.self_reached, -self.central_reached, -self.reached)

    @property
    def behind(self) -> int:
        """Who has not reached both targets."""
        return self.persons - self.reached


@dataclass(frozen=True)
class Change:
    """A person's year before and after; None where there was none yet."""

    year: int
    before: Standing | None
    after: Standing


def up(path: str) -> Iterator[str]:
    """A unit's path and those of all units above it: "/a/b/" gives "/a/" and "/a/b/"; "" gives none."""
    place = path.find("/", 1)
    while place > 0:
        yield path[: place + 1]
        place = path.find("/", place + 1)


def differences(changes: Iterable[Change]) -> dict[tuple[str, int, str], Tally]:
    """What to add to the figures, by path, year and category; what stays the same is left out."""
    found: dict[tuple[str, int, str], Tally] = {}
    for change in changes:
        for standing, sign in ((change.before, -1), (change.after, 1)):
            if standing is None or not standing.path:
                continue
            tally = standing.tally if sign > 0 else -standing.tally
            for path in up(standing.path):
                key = (path, change.year, standing.category)
                found[key] = found.get(key, Tally()) + tally
    return {key: tally for key, tally in found.items() if tally != Tally()}


@dataclass(frozen=True)
class Line:
    """What the hours of units are added up from: a line of the ledger, negative when it takes another back."""

    path: str
    year: int
    ledger: str
    hours: int


def sums(lines: Iterable[Line]) -> dict[tuple[str, int, str], tuple[int, int]]:
    """(lines, hours) by path, year and ledger, for each line's unit of that day and all units above it."""
    counts: Counter[tuple[str, int, str]] = Counter()
    hours: Counter[tuple[str, int, str]] = Counter()
    for line in lines:
        for path in up(line.path):
            counts[path, line.year, line.ledger] += 1
            hours[path, line.year, line.ledger] += line.hours
    return {key: (count, hours[key]) for key, count in counts.items()}
