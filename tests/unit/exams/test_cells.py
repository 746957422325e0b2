"""Cells of a plan: which hold enough, which too little, and that a draw succeeds exactly when none is short. Requirement 30."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from lms.exams.domain.blueprint import Blueprint, Section
from lms.exams.domain.cells import Holding, cells
from lms.exams.domain.drawing import PoolTooSmall, draw
from tests.unit.exams.test_drawing import Item

BANKS = ("C1", "C2", "C3")


def pool_of(counts: dict[str, int]) -> list[Item]:
    banks = [bank for bank, count in counts.items() for _ in range(count)]
    return [Item(UUID(int=n), bank, "single") for n, bank in enumerate(banks, start=1)]


def held(counts: dict[str, int]) -> list[Holding]:
    return [Holding(bank, "single", "工会的性质", 2, count) for bank, count in counts.items()]


@given(
    st.fixed_dictionaries({bank: st.integers(0, 6) for bank in BANKS}),
    st.integers(1, 12),
    st.integers(0, 2**32),
)
def test_a_draw_succeeds_exactly_when_no_cell_is_short(counts: dict[str, int], count: int, seed: int) -> None:
    section = Section("single", count, 1, BANKS)
    blueprint = Blueprint((section,), minutes=1, pass_mark=1, max_attempts=1)
    found = cells((section,), held(counts), ())
    assert [cell.banks for cell in found] == [("C1",), ("C2",), ("C3",)]
    try:
        draw(blueprint, pool_of(counts), Random(seed))
    except PoolTooSmall:
        assert any(cell.short for cell in found)
    else:
        assert not any(cell.short for cell in found)


@pytest.mark.parametrize(
    ("have", "short", "thin"),
    [
        pytest.param(1, True, False, id="NOT_EVEN_ONE_PAPER"),
        pytest.param(2, False, True, id="ONE_PAPER"),
        pytest.param(5, False, True, id="LESS_THAN_THREE_PAPERS"),
        pytest.param(6, False, False, id="THREE_PAPERS"),
    ],
)
def test_a_cell_should_hold_three_times_what_is_drawn(have: int, short: bool, thin: bool) -> None:
    (cell,) = cells((Section("single", 2, 5, ("C1",)),), held({"C1": have}), ())
    assert (cell.draws, cell.wanted, cell.have, cell.short, cell.thin) == (2, 6, have, short, thin)


def test_a_cell_counts_only_what_its_section_may_draw() -> None:
    section = Section("single", 1, 5, ("C1",), knowledge_points=("甲",), difficulties=(1, 2))
    holdings = [
        Holding("C1", "single", "甲", 1, 2),
        Holding("C1", "single", "甲", 2, 3),
        Holding("C1", "single", "甲", 3, 50),
        Holding("C1", "single", "乙", 1, 50),
        Holding("C1", "multiple", "甲", 1, 50),
        Holding("C2", "single", "甲", 1, 50),
    ]
    (cell,) = cells((section,), holdings, ())
    assert cell.have == 5


def test_a_fixed_section_needs_its_items_and_no_more() -> None:
    chosen = (UUID(int=1), UUID(int=2))
    section = Section("single", 2, 5, BANKS, fixed=chosen)
    (whole,) = cells((section,), (), chosen)
    assert (whole.have, whole.short, whole.thin) == (2, False, False)
    (broken,) = cells((section,), (), chosen[:1])
    assert broken.short


@given(
    st.fixed_dictionaries({bank: st.integers(0, 6) for bank in BANKS}),
    st.integers(0, 6),
    st.integers(1, 12),
    st.sampled_from([(), (UUID(int=1),)]),
)
def test_what_a_bank_out_of_sight_holds_shows_in_no_cell(
    counts: dict[str, int], other: int, count: int, fixed: tuple[UUID, ...]
) -> None:
    section, seen = Section("single", count, 1, BANKS, fixed=fixed), frozenset(BANKS[:-1])
    one, two = (cells((section,), held(counts | {BANKS[-1]: number}), (), seen) for number in (0, other))
    assert one == two
    assert all(set(cell.banks) <= seen for cell in one)
