"""The plan of an exam: how many items of which type, from which banks, for how many points, within which limits."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lms.kernel.errors import N_, Invalid

NOT_POSITIVE = N_("必须是正整数")


class ItemType(StrEnum):
    """The types that are scored by a key, in the order in which a paper shows them."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"


class BlueprintInvalid(Invalid):
    """The plan can't give a fair paper; `fields` says what is wrong where."""

    code, title = "blueprint_invalid", N_("组卷方案有误")


@dataclass(frozen=True, slots=True)
class Section:
    """`count` items of one type at `points` each, spread over `banks`."""

    type: str
    count: int
    points: int
    banks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A checked plan. Raises BlueprintInvalid when it is made of parts that do not fit."""

    sections: tuple[Section, ...]
    minutes: int
    pass_mark: int
    max_attempts: int

    def __post_init__(self) -> None:
        if faults := dict(_faults(self)):
            raise BlueprintInvalid(fields=faults)

    @property
    def maximum(self) -> int:
        """The points of a paper without a mistake."""
        return sum(section.count * section.points for section in self.sections)

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
    cells = Counter((section.type, bank) for section in blueprint.sections for bank in section.banks)
    if any(uses > 1 for uses in cells.values()):
        yield "sections", N_("同一题型在同一题库中重复出现")
    if not 0 < blueprint.pass_mark <= blueprint.maximum:
        yield "pass_mark", N_("及格分应大于零且不超过总分")


def _section_faults(where: str, section: Section) -> Iterator[tuple[str, str]]:
    if section.type not in tuple(ItemType):
        yield f"{where}.type", N_("这种题型不能自动评分")
    numbers = {"count": section.count, "points": section.points}
    yield from ((f"{where}.{name}", NOT_POSITIVE) for name, value in numbers.items() if value < 1)
    if not section.banks:
        yield f"{where}.banks", N_("至少要选一个题库")
