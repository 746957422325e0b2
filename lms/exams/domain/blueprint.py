"""The plan of an exam: how many items of which type, from which banks, for how many points, within which limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from uuid import UUID

from lms.kernel.errors import N_, Invalid

NOT_POSITIVE = N_("必须是正整数")
HARDEST = 5


class ItemType(StrEnum):
    """The types of items, in the order in which a paper shows them; the last two are marked by people."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    FILL_IN = "fill_in"
    MATCHING = "matching"
    SHORT_ANSWER = "short_answer"
    CASE = "case"


CHOICE_TYPES = frozenset({ItemType.SINGLE, ItemType.MULTIPLE, ItemType.TRUE_FALSE})
"""Types that are answered by the keys of options."""

BY_HAND = frozenset({ItemType.SHORT_ANSWER, ItemType.CASE})
"""Types that people mark."""


class BlueprintInvalid(Invalid):
    """The plan can't give a fair paper; `fields` says what is wrong where."""

    code, title = "blueprint_invalid", N_("组卷方案有误")


@dataclass(frozen=True, slots=True)
class Section:
    """`count` items of one type at `points` each, spread over `banks`.

    Without a value any knowledge point and any difficulty will do. `fixed` names the item versions of a paper that is the same
    for everybody; then nothing is drawn.
    """

    type: str
    count: int
    points: int
    banks: tuple[str, ...]
    knowledge_points: tuple[str, ...] = ()
    difficulties: tuple[int, ...] = ()
    fixed: tuple[UUID, ...] = ()

    def takes(self, knowledge_point: str, difficulty: int) -> bool:
        """Whether an item of its type and banks may be drawn for it."""
        return (not self.knowledge_points or knowledge_point in self.knowledge_points) and (
            not self.difficulties or difficulty in self.difficulties
        )

    def overlaps(self, other: "Section") -> bool:
        """Whether an item could be drawn for both."""
        apart = (
            self.type != other.type
            or not set(self.banks) & set(other.banks)
            or (
                self.knowledge_points
                and other.knowledge_points
                and not set(self.knowledge_points) & set(other.knowledge_points)
            )
            or (self.difficulties and other.difficulties and not set(self.difficulties) & set(other.difficulties))
        )
        return not apart


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A checked plan. Raises BlueprintInvalid when it is made of parts that do not fit.

    `shuffle_items`: the items of a section stand in another order in each paper, else by bank and age, fixed ones as they
    were listed. `shuffle_options`: so do the options of an item.
    """

    sections: tuple[Section, ...]
    minutes: int
    pass_mark: int
    max_attempts: int
    shuffle_items: bool = True
    shuffle_options: bool = True

    def __post_init__(self) -> None:
        if faults := dict(_faults(self)):
            raise BlueprintInvalid(fields=faults)

    @property
    def maximum(self) -> int:
        """The points of a paper without a mistake."""
        return sum(section.count * section.points for section in self.sections)

    @property
    def banks(self) -> tuple[str, ...]:
        """The banks that papers are drawn from."""
        return tuple(dict.fromkeys(bank for section in self.sections for bank in section.banks))

    @property
    def questions(self) -> int:
        """How many items a paper has."""
        return sum(section.count for section in self.sections)

    @property
    def by_hand(self) -> bool:
        """Whether people mark a part of it."""
        return any(section.type in BY_HAND for section in self.sections)

    def require_total(self, total: int) -> None:
        """Raises BlueprintInvalid unless a paper is worth exactly `total` points."""
        if self.maximum != total:
            facts = {"maximum": self.maximum, "total": total}
            raise BlueprintInvalid(fields={"sections": N_("总分不符合要求")}, extra=facts)


def _faults(blueprint: Blueprint) -> Iterator[tuple[str, str]]:
    limits = {"minutes": blueprint.minutes, "max_attempts": blueprint.max_attempts}
    yield from ((name, NOT_POSITIVE) for name, value in limits.items() if value < 1)
    if not blueprint.sections:
        yield "sections", N_("至少要有一个部分")
    for number, section in enumerate(blueprint.sections, start=1):
        yield from _section_faults(f"sections.{number}", section)
    if any(len(set(section.banks)) < len(section.banks) for section in blueprint.sections) or any(
        one.overlaps(other) for one, other in combinations(blueprint.sections, 2)
    ):
        yield "sections", N_("同一题型在同一题库中重复出现")
    if not 0 < blueprint.pass_mark <= blueprint.maximum:
        yield "pass_mark", N_("及格分应大于零且不超过总分")


def _section_faults(where: str, section: Section) -> Iterator[tuple[str, str]]:
    if section.type not in tuple(ItemType):
        yield f"{where}.type", N_("没有这种题型")
    numbers = {"count": section.count, "points": section.points}
    yield from ((f"{where}.{name}", NOT_POSITIVE) for name, value in numbers.items() if value < 1)
    if not section.banks:
        yield f"{where}.banks", N_("至少要选一个题库")
    if section.fixed and len(set(section.fixed)) != section.count:
        yield f"{where}.fixed", N_("固定试题的数量与题数不符")
    if not all(1 <= level <= HARDEST for level in section.difficulties):
        yield f"{where}.difficulties", N_("难度应为 1 至 5")
