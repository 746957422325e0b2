"""Draws a paper: for each section the planned number of items, spread evenly over its banks, by a given generator."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol
from uuid import UUID

from lms.exams.domain.blueprint import Blueprint, ItemType, Section
from lms.kernel.errors import N_, Conflict


class PoolItem(Protocol):
    """An item version that may be drawn."""

    @property
    def version_id(self) -> UUID: ...
    @property
    def bank(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def difficulty(self) -> int: ...
    @property
    def knowledge_point(self) -> str: ...


@dataclass(frozen=True, slots=True)
class PaperEntry:
    """One item at its place (1, 2, …) in one candidate's paper.

    `option_order` holds the keys of its options as this candidate sees them; `shuffle_options` fills it.
    """

    position: int
    version_id: UUID
    type: str
    points: int
    option_order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """The items of one attempt, in order."""

    entries: tuple[PaperEntry, ...]


class PoolTooSmall(Conflict):
    """A cell (type of item, bank) holds fewer items than the blueprint needs of it."""

    code, title = "pool_too_small", N_("题库中可用的试题不足，无法组卷")

    def __init__(self, item_type: str, bank: str, *, needed: int, have: int) -> None:
        facts = {"type": str(item_type), "bank": bank, "needed": needed, "have": have}
        super().__init__(
            N_("有的题库可用的试题少于组卷方案的要求。这次没有占用考试次数，请联系培训班工作人员。"), extra=facts
        )
        self.item_type = item_type
        self.bank = bank
        self.needed = needed
        self.have = have


def draw(blueprint: Blueprint, pool: Iterable[PoolItem], rng: Random) -> Paper:
    """A paper by the blueprint: its sections in the order of the types, shuffled inside each when the blueprint says so.

    The same pool (in any order) and the same state of `rng` give the same paper. No item stands twice in it.
    Raises PoolTooSmall, naming the first cell that falls short.
    """
    cells: dict[tuple[str, str], dict[UUID, PoolItem]] = defaultdict(dict)
    for item in pool:
        cells[item.type, item.bank][item.version_id] = item
    entries: list[PaperEntry] = []
    for section in sorted(blueprint.sections, key=lambda section: tuple(ItemType).index(ItemType(section.type))):
        by_bank = {bank: _fitting(section, cells[section.type, bank].values()) for bank in section.banks}
        picked = list(_fixed(section, by_bank)) if section.fixed else _pick(section, by_bank, rng)
        if blueprint.shuffle_items:
            rng.shuffle(picked)
        elif not section.fixed:
            picked = [one for items in by_bank.values() for one in items if one in set(picked)]
        for version_id in picked:
            entries.append(PaperEntry(len(entries) + 1, version_id, section.type, section.points))
    return Paper(tuple(entries))


def shuffle_options(
    paper: Paper, option_keys: Mapping[UUID, tuple[str, ...]], rng: Random, *, keep: bool = False
) -> Paper:
    """The paper with each item's options in an order of their own; true/false keeps the author's, and with `keep` all do.

    `option_keys` gives the keys of the drawn items only, in the author's order, so that a start need not read the whole pool.
    Raises KeyError when an item is missing there.
    """
    ordered = []
    for entry in paper.entries:
        keys = option_keys[entry.version_id]
        stays = entry.type == ItemType.TRUE_FALSE or keep
        ordered.append(replace(entry, option_order=keys if stays else tuple(rng.sample(keys, len(keys)))))
    return Paper(tuple(ordered))


def _fitting(section: Section, items: Iterable[PoolItem]) -> list[UUID]:
    return sorted(item.version_id for item in items if section.takes(item.knowledge_point, item.difficulty))


def _fixed(section: Section, by_bank: Mapping[str, Sequence[UUID]]) -> tuple[UUID, ...]:
    present = {version_id for items in by_bank.values() for version_id in items}
    have = len(present & set(section.fixed))
    if have < section.count:
        raise PoolTooSmall(section.type, "、".join(by_bank), needed=section.count, have=have)
    return section.fixed


def _pick(section: Section, by_bank: Mapping[str, Sequence[UUID]], rng: Random) -> list[UUID]:
    """The items of one section, bank after bank; the banks' shares differ by one at most."""
    share, extra = divmod(section.count, len(by_bank))
    for bank, items in by_bank.items():
        if len(items) < share:
            raise PoolTooSmall(section.type, bank, needed=share, have=len(items))
    roomy = [bank for bank, items in by_bank.items() if len(items) > share]
    if len(roomy) < extra:
        full = next(bank for bank in by_bank if bank not in roomy)
        raise PoolTooSmall(section.type, full, needed=share + 1, have=share)
    generous = set(rng.sample(roomy, extra))
    return [
        item for bank, items in by_bank.items() for item in rng.sample(items, share + 1 if bank in generous else share)
    ]
