"""Draws a paper: for each section the planned number of items, spread evenly over its banks, by a given generator."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol, overload
from uuid import UUID

from lms.exams.domain.answers import on_page
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


class OptionsOfItem(Protocol):
    """The options of an item: their keys in the order in which they stand unshuffled, and whether they may be shuffled."""

    @property
    def option_keys(self) -> tuple[str, ...]: ...
    @property
    def may_shuffle(self) -> bool: ...


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

    def on_page(self, stored: Sequence[str]) -> tuple[str, ...]:
        """A stored answer to it, or its key, as this candidate's page tells it."""
        return on_page(stored, self.type, self.option_order)


@dataclass(frozen=True, slots=True)
class Paper:
    """The items of one attempt, in order."""

    entries: tuple[PaperEntry, ...]


Offer = tuple[tuple[tuple[str, bytes], ...], ...]
"""For each section in the order of the paper: what each of its banks offers, as ids of 16 bytes each, sorted."""


class _Ids(Sequence[UUID]):
    """Sorted ids, read where they are asked for."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw) // 16

    @overload
    def __getitem__(self, place: int) -> UUID: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[UUID]: ...
    def __getitem__(self, place: int | slice) -> UUID | Sequence[UUID]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        start = place % len(self) * 16
        return UUID(bytes=self._raw[start : start + 16])

    def __contains__(self, wanted: object) -> bool:
        at = bisect_left(self, wanted) if isinstance(wanted, UUID) else len(self)
        return at < len(self) and self[at] == wanted


class PoolTooSmall(Conflict):
    """A cell (type of item, bank) holds fewer items than the blueprint needs of it; which one is no candidate's business."""

    code, title = "pool_too_small", N_("题库中可用的试题不足，无法组卷")

    def __init__(self, item_type: str, bank: str, *, needed: int, have: int) -> None:
        super().__init__(N_("有的题库可用的试题少于组卷方案的要求。这次没有占用考试次数，请联系培训班工作人员。"))
        self.item_type = item_type
        self.bank = bank
        self.needed = needed
        self.have = have


def offer(blueprint: Blueprint, pool: Iterable[PoolItem]) -> Offer:
    """What the sections may draw from. It is small to keep and cheap to draw from, however many items there are."""
    cells: dict[tuple[str, str], list[PoolItem]] = defaultdict(list)
    for item in pool:
        cells[item.type, item.bank].append(item)
    return tuple(
        tuple((bank, _fitting(section, cells[section.type, bank])) for bank in section.banks)
        for section in _in_order(blueprint)
    )


def draw(blueprint: Blueprint, pool: Iterable[PoolItem], rng: Random) -> Paper:
    """A paper by the blueprint: its sections in the order of the types, shuffled inside each when the blueprint says so.

    The same pool (in any order) and the same state of `rng` give the same paper. No item stands twice in it.
    Raises PoolTooSmall, naming the first cell that falls short.
    """
    return draw_from(blueprint, offer(blueprint, pool), rng)


def draw_from(blueprint: Blueprint, offered: Offer, rng: Random) -> Paper:
    """The same from what `offer` made of the pool under this blueprint."""
    entries: list[PaperEntry] = []
    for section, cells in zip(_in_order(blueprint), offered, strict=True):
        by_bank = {bank: _Ids(ids) for bank, ids in cells}
        if section.fixed:
            picked = list(_fixed(section, by_bank))
        else:
            shares = _pick(section, by_bank, rng)
            picked = [one for share in shares for one in (share if blueprint.shuffle_items else sorted(share))]
        if blueprint.shuffle_items:
            rng.shuffle(picked)
        for version_id in picked:
            entries.append(PaperEntry(len(entries) + 1, version_id, section.type, section.points))
    return Paper(tuple(entries))


def _in_order(blueprint: Blueprint) -> list[Section]:
    return sorted(blueprint.sections, key=lambda section: tuple(ItemType).index(ItemType(section.type)))


def shuffle_options(paper: Paper, items: Mapping[UUID, OptionsOfItem], rng: Random, *, keep: bool = False) -> Paper:
    """The paper with each item's options in an order of their own; where the author forbids it they stay, and with `keep` all do.

    `items` gives the drawn ones only, so that a start need not read the whole pool. Raises KeyError when one is missing there.
    """
    ordered = []
    for entry in paper.entries:
        item = items[entry.version_id]
        keys = item.option_keys
        stays = keep or not item.may_shuffle
        ordered.append(replace(entry, option_order=keys if stays else tuple(rng.sample(keys, len(keys)))))
    return Paper(tuple(ordered))


def _fitting(section: Section, items: Iterable[PoolItem]) -> bytes:
    return b"".join(
        sorted({item.version_id.bytes for item in items if section.takes(item.knowledge_point, item.difficulty)})
    )


def _fixed(section: Section, by_bank: Mapping[str, _Ids]) -> tuple[UUID, ...]:
    have = sum(any(one in items for items in by_bank.values()) for one in section.fixed)
    if have < section.count:
        raise PoolTooSmall(section.type, "、".join(by_bank), needed=section.count, have=have)
    return section.fixed


def _pick(section: Section, by_bank: Mapping[str, _Ids], rng: Random) -> list[list[UUID]]:
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
    return [rng.sample(items, share + 1 if bank in generous else share) for bank, items in by_bank.items()]
