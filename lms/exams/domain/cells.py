"""Whether the banks hold enough for a plan: cell by cell, before anybody sits the exam."""

from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from lms.exams.domain.blueprint import Section

TIMES = 3
"""A cell that holds less than so many times of what a paper draws gives papers that are too much alike."""


@dataclass(frozen=True, slots=True)
class Holding:
    """How many published items of one kind a bank has."""

    bank: str
    type: str
    knowledge_point: str
    difficulty: int
    count: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What a section (1, 2, …) asks of one bank, and what is there; of a fixed section one cell with all its banks.

    `draws` is the most that one paper takes of it. `short`: papers can't be drawn.
    """

    section: int
    type: str
    banks: tuple[str, ...]
    draws: int
    have: int
    short: bool
    fixed: bool = False

    @property
    def thin(self) -> bool:
        """Whether papers can be drawn, but are too much alike."""
        return not (self.short or self.fixed) and self.have < TIMES * self.draws

    @property
    def wanted(self) -> int:
        """How many items would be enough."""
        return self.draws if self.fixed else TIMES * self.draws


def cells(
    sections: Sequence[Section],
    held: Iterable[Holding],
    present: Collection[UUID],
    seen: Set[str] | None = None,
) -> tuple[Cell, ...]:
    """The cells of a plan in the order of its sections and banks, of the banks that are `seen` (None: all). Never raises.

    What banks out of sight hold shows in no cell: whether together with them a section has enough is told of none.
    `held` are the published items of all its banks, `present` those of its fixed items that are published in their section's
    banks and type. A draw by the plan succeeds exactly when no cell is short.
    """
    holdings = tuple(one for one in held if seen is None or one.bank in seen)
    found: list[Cell] = []
    for number, section in enumerate(sections, start=1):
        whole = seen is None or seen >= set(section.banks)
        if section.fixed and not whole:
            continue
        if section.fixed:
            have = len(set(present) & set(section.fixed))
            short = have < section.count
            found.append(Cell(number, section.type, section.banks, section.count, have, short, fixed=True))
        else:
            drawn = _drawn(number, section, holdings, together=whole)
            found.extend(one for one in drawn if seen is None or seen >= set(one.banks))
    return tuple(found)


def _drawn(number: int, section: Section, holdings: Sequence[Holding], *, together: bool) -> list[Cell]:
    if not section.banks:
        return []
    share, extra = divmod(section.count, len(section.banks))
    have = {bank: _have(section, bank, holdings) for bank in section.banks}
    too_few_extra = together and sum(count > share for count in have.values()) < extra
    return [
        Cell(
            number,
            section.type,
            (bank,),
            share + (1 if extra else 0),
            count,
            count < share or (too_few_extra and count == share),
        )
        for bank, count in have.items()
    ]


def _have(section: Section, bank: str, holdings: Sequence[Holding]) -> int:
    return sum(
        one.count
        for one in holdings
        if one.bank == bank and one.type == section.type and section.takes(one.knowledge_point, one.difficulty)
    )
