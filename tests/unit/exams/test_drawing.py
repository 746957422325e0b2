"""The draw: exact in each cell, spread evenly, uniform, repeatable, never the same item twice. Requirement 30, promise E7."""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from lms.exams.domain.blueprint import Blueprint, Section
from lms.exams.domain.drawing import Paper, PoolTooSmall, draw, shuffle_options

BANKS = tuple(f"C{n}" for n in range(1, 9))
TYPES = ("single", "multiple", "true_false")
KEYS = {"single": tuple("ABCD"), "multiple": tuple("ABCDE"), "true_false": ("T", "F")}
CLASS_EXAM = Blueprint(
    (Section("true_false", 10, 2, BANKS), Section("single", 10, 4, BANKS), Section("multiple", 10, 4, BANKS)),
    minutes=60,
    pass_mark=60,
    max_attempts=3,
)


@dataclass(frozen=True)
class Item:
    version_id: UUID
    bank: str
    type: str
    difficulty: int = 2
    knowledge_point: str = "工会的性质"


@dataclass(frozen=True)
class Options:
    """The options of an item that was drawn."""

    option_keys: tuple[str, ...]
    may_shuffle: bool


def pool(each: int, banks: tuple[str, ...] = BANKS, types: tuple[str, ...] = TYPES) -> list[Item]:
    cells = [(bank, type_) for bank in banks for type_ in types for _ in range(each)]
    return [Item(UUID(int=number), bank, type_) for number, (bank, type_) in enumerate(cells, start=1)]


def counts(paper: Paper, items: list[Item]) -> Counter[tuple[str, str]]:
    bank_of = {item.version_id: item.bank for item in items}
    return Counter((entry.type, bank_of[entry.version_id]) for entry in paper.entries)


def test_the_paper_has_thirty_items_in_the_order_of_types_worth_a_hundred_points() -> None:
    paper = draw(CLASS_EXAM, pool(5), Random(1))
    assert [entry.type for entry in paper.entries] == ["single"] * 10 + ["multiple"] * 10 + ["true_false"] * 10
    assert [entry.position for entry in paper.entries] == list(range(1, 31))
    assert sum(entry.points for entry in paper.entries) == 100


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**64), st.integers(2, 6))
def test_every_cell_gets_its_even_share_whatever_the_seed(seed: int, each: int) -> None:
    items = pool(each)
    paper = draw(CLASS_EXAM, items, Random(seed))
    shares = counts(paper, items)
    for type_ in TYPES:
        assert sorted(shares[type_, bank] for bank in BANKS) == [1] * 6 + [2] * 2
    assert len({entry.version_id for entry in paper.entries}) == 30


def test_the_same_seed_gives_the_same_paper_from_the_pool_in_any_order() -> None:
    items = pool(4)
    shuffled = items[:]
    Random(9).shuffle(shuffled)
    assert draw(CLASS_EXAM, items, Random(7)) == draw(CLASS_EXAM, shuffled, Random(7))


def test_two_candidates_get_different_papers() -> None:
    items = pool(4)
    assert draw(CLASS_EXAM, items, Random(7)) != draw(CLASS_EXAM, items, Random(8))


def options_of(paper: Paper) -> dict[UUID, Options]:
    return {entry.version_id: Options(KEYS[entry.type], entry.type != "true_false") for entry in paper.entries}


def test_options_are_shuffled_except_where_that_is_forbidden_as_for_true_and_false() -> None:
    orders: dict[str, Counter[tuple[str, ...]]] = {type_: Counter() for type_ in TYPES}
    paper = draw(CLASS_EXAM, pool(3), Random(1))
    for seed in range(120):
        for entry in shuffle_options(paper, options_of(paper), Random(seed)).entries:
            assert sorted(entry.option_order) == sorted(KEYS[entry.type])
            orders[entry.type][entry.option_order] += 1
    assert len(orders["single"]) == 24
    assert all(abs(count - 50) < 40 for count in orders["single"].values())
    assert len(orders["multiple"]) == 120
    assert set(orders["true_false"]) == {("T", "F")}


def test_an_item_whose_author_forbids_it_is_never_shuffled_and_the_others_are() -> None:
    paper = draw(CLASS_EXAM, pool(3), Random(1))
    first = paper.entries[0].version_id
    items = options_of(paper)
    items[first] = Options(("B", "A", "C"), may_shuffle=False)
    orders: dict[UUID, set[tuple[str, ...]]] = {entry.version_id: set() for entry in paper.entries}
    for seed in range(40):
        for entry in shuffle_options(paper, items, Random(seed)).entries:
            orders[entry.version_id].add(entry.option_order)
    assert orders[first] == {("B", "A", "C")}
    assert all(len(seen) > 10 for one, seen in orders.items() if one != first and items[one].may_shuffle)


def test_an_item_that_is_missing_among_the_options_is_an_error() -> None:
    paper = draw(CLASS_EXAM, pool(3), Random(1))
    items = options_of(paper)
    del items[paper.entries[0].version_id]
    with pytest.raises(KeyError):
        shuffle_options(paper, items, Random(1))


def test_shuffling_options_changes_nothing_else_and_repeats_with_its_seed() -> None:
    paper = draw(CLASS_EXAM, pool(3), Random(1))
    shuffled = shuffle_options(paper, options_of(paper), Random(5))
    assert shuffled == shuffle_options(paper, options_of(paper), Random(5))
    assert Paper(tuple(replace(entry, option_order=()) for entry in shuffled.entries)) == paper


def test_each_item_and_each_bank_is_drawn_about_equally_often() -> None:
    items = pool(5, types=("single",))
    blueprint = Blueprint((Section("single", 10, 10, BANKS),), minutes=60, pass_mark=60, max_attempts=3)
    drawn: Counter[UUID] = Counter()
    generous: Counter[str] = Counter()
    for seed in range(3_000):
        paper = draw(blueprint, items, Random(seed))
        drawn.update(entry.version_id for entry in paper.entries)
        generous.update(bank for (_, bank), count in counts(paper, items).items() if count == 2)
    expected = 3_000 * 10 / 40
    assert all(abs(drawn[item.version_id] - expected) < 5 * expected**0.5 for item in items)
    assert all(abs(generous[bank] - 750) < 5 * 750**0.5 for bank in BANKS)


def test_the_place_in_a_section_says_nothing_about_the_bank() -> None:
    items = pool(3)
    bank_of = {item.version_id: item.bank for item in items}
    first = Counter(bank_of[draw(CLASS_EXAM, items, Random(seed)).entries[0].version_id] for seed in range(400))
    assert all(25 <= first[bank] <= 75 for bank in BANKS)


def test_extra_items_come_from_banks_that_have_them() -> None:
    items = [
        *pool(1, BANKS[:6], ("single",)),
        *(Item(UUID(int=900 + n), f"C{7 + n % 2}", "single") for n in range(4)),
    ]
    blueprint = Blueprint((Section("single", 10, 10, BANKS),), minutes=60, pass_mark=60, max_attempts=3)
    shares = counts(draw(blueprint, items, Random(3)), items)
    assert [shares["single", bank] for bank in BANKS] == [1] * 6 + [2] * 2


@pytest.mark.parametrize(
    ("have", "fault"),
    [
        pytest.param({"C1": 3, "C2": 1}, ("single", "C2", 2, 1), id="A_BANK_WITHOUT_ITS_SHARE"),
        pytest.param({"C1": 9, "C2": 0}, ("single", "C2", 2, 0), id="ANOTHER_BANK_DOES_NOT_STEP_IN"),
        pytest.param({"C1": 2, "C2": 2}, ("single", "C1", 3, 2), id="NOBODY_HAS_THE_EXTRA_ONE"),
    ],
)
def test_a_cell_that_falls_short_is_named(have: dict[str, int], fault: tuple[str, str, int, int]) -> None:
    blueprint = Blueprint((Section("single", 5, 20, ("C1", "C2")),), minutes=60, pass_mark=60, max_attempts=3)
    banks = [bank for bank, count in have.items() for _ in range(count)]
    items = [Item(UUID(int=n), bank, "single") for n, bank in enumerate(banks, start=1)]
    with pytest.raises(PoolTooSmall) as refusal:
        draw(blueprint, items, Random(1))
    error = refusal.value
    assert (error.item_type, error.bank, error.needed, error.have) == fault
    assert error.extra == {}, "no candidate learns which bank is short"


def test_an_item_listed_twice_in_the_pool_is_drawn_once() -> None:
    items = pool(1, ("C1",), ("single",))
    blueprint = Blueprint((Section("single", 2, 50, ("C1",)),), minutes=60, pass_mark=60, max_attempts=3)
    with pytest.raises(PoolTooSmall):
        draw(blueprint, items * 2, Random(1))


def test_items_of_other_banks_and_types_are_never_drawn() -> None:
    items = [*pool(3), *(Item(UUID(int=5_000 + n), "C99", "single") for n in range(50))]
    assert all(bank != "C99" for _, bank in counts(draw(CLASS_EXAM, items, Random(2)), items))


def graded_pool() -> list[Item]:
    """Six items of each of two points and two difficulties, all single choice of one bank."""
    cells = [(point, level) for point in ("甲", "乙") for level in (1, 3) for _ in range(6)]
    return [
        Item(UUID(int=number), "C1", "single", level, point) for number, (point, level) in enumerate(cells, start=1)
    ]


def test_a_cell_may_ask_for_knowledge_points_and_difficulties() -> None:
    easy = Section("single", 3, 4, ("C1",), knowledge_points=("甲",), difficulties=(1,))
    hard = Section("single", 2, 4, ("C1",), difficulties=(3, 4))
    paper = draw(Blueprint((easy, hard), minutes=60, pass_mark=1, max_attempts=1), graded_pool(), Random(3))
    found = {item.version_id: item for item in graded_pool()}
    drawn = [(found[entry.version_id].knowledge_point, found[entry.version_id].difficulty) for entry in paper.entries]
    assert drawn[:3] == [("甲", 1)] * 3
    assert [level for _, level in drawn[3:]] == [3, 3]


def test_a_cell_that_is_too_small_by_its_difficulty_is_refused() -> None:
    plan = Blueprint((Section("single", 13, 4, ("C1",), difficulties=(3,)),), minutes=60, pass_mark=1, max_attempts=1)
    with pytest.raises(PoolTooSmall) as refusal:
        draw(plan, graded_pool(), Random(1))
    assert (refusal.value.needed, refusal.value.have) == (13, 12)


def fixed_plan(*, shuffle_items: bool) -> tuple[Blueprint, tuple[UUID, ...]]:
    fixed = (UUID(int=9), UUID(int=2), UUID(int=5))
    section = Section("single", 3, 4, ("C1",), fixed=fixed)
    plan = Blueprint((section,), minutes=60, pass_mark=1, max_attempts=1, shuffle_items=shuffle_items)
    return plan, fixed


def test_a_fixed_paper_is_the_same_for_everybody_in_its_order() -> None:
    plan, fixed = fixed_plan(shuffle_items=False)
    for seed in range(3):
        assert tuple(entry.version_id for entry in draw(plan, graded_pool(), Random(seed)).entries) == fixed
    with pytest.raises(PoolTooSmall):
        draw(plan, graded_pool()[:8], Random(1))


def test_a_fixed_paper_may_be_shuffled_for_each_candidate() -> None:
    plan, fixed = fixed_plan(shuffle_items=True)
    papers = [tuple(e.version_id for e in draw(plan, graded_pool(), Random(seed)).entries) for seed in range(60)]
    assert {tuple(sorted(paper)) for paper in papers} == {tuple(sorted(fixed))}
    assert len(set(papers)) == 6


def test_without_shuffling_drawn_items_stand_by_bank_and_id() -> None:
    plan = Blueprint(
        (Section("single", 6, 4, BANKS[:3]),), minutes=60, pass_mark=1, max_attempts=1, shuffle_items=False
    )
    items = pool(5)
    bank_of = {item.version_id: item.bank for item in items}
    papers = [[e.version_id for e in draw(plan, items, Random(seed)).entries] for seed in range(20)]
    assert all(paper == sorted(paper, key=lambda one: (bank_of[one], one)) for paper in papers)
    assert len({tuple(paper) for paper in papers}) > 1, "still drawn"


def test_options_may_stay_in_the_authors_order() -> None:
    paper = draw(CLASS_EXAM, pool(3), Random(1))
    ordered = shuffle_options(paper, options_of(paper), Random(5), keep=True)
    assert all(entry.option_order == KEYS[entry.type] for entry in ordered.entries)


def test_e7_ten_thousand_draws_are_exact_in_each_cell_and_uniform() -> None:
    plan = Blueprint((Section("single", 4, 4, ("C1",)),), minutes=60, pass_mark=1, max_attempts=1)
    items, rng = [Item(UUID(int=number), "C1", "single") for number in range(1, 21)], Random(20261127)
    seen: Counter[UUID] = Counter()
    for _ in range(10_000):
        paper = draw(plan, items, rng)
        assert len({entry.version_id for entry in paper.entries}) == 4
        seen.update(entry.version_id for entry in paper.entries)
    expected = 10_000 * 4 / 20
    chi_squared = sum((seen[item.version_id] - expected) ** 2 / expected for item in items)
    assert chi_squared < 43.8, "19 degrees of freedom: beyond the 99.9th percentile"
