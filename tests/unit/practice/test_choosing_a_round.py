"""What a round asks: never tried before wrong before right, of those that rank alike any, each once."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given, strategies as st

from lms.practice.domain.choosing import ROUND, Candidate, choose

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
KIND = {"new": None, "wrong": False, "right": True}


def candidates(*kinds: str) -> list[Candidate]:
    return [
        Candidate(UUID(int=n), None if kind == "new" else NOW - timedelta(days=n), bool(KIND[kind]))
        for n, kind in enumerate(kinds, start=1)
    ]


def kinds(chosen: tuple[UUID, ...], of: list[Candidate]) -> list[str]:
    by_id = {one.version_id: one for one in of}
    return ["new" if (one := by_id[key]).last_at is None else "right" if one.last_right else "wrong" for key in chosen]


@given(st.lists(st.sampled_from(sorted(KIND)), max_size=40), st.integers(0, 2**32))
def test_a_round_takes_the_most_needed_first(drawn: list[str], seed: int) -> None:
    pool = candidates(*drawn)
    chosen = choose(pool, Random(seed))
    assert len(chosen) == min(ROUND, len(pool)) == len(set(chosen))
    ranked = sorted(drawn, key=["new", "wrong", "right"].index)
    assert kinds(chosen, pool) == ranked[:ROUND]


def test_what_lies_longest_back_comes_first() -> None:
    pool = candidates(*["right"] * 12)
    assert choose(pool, Random(1), count=3) == (UUID(int=12), UUID(int=11), UUID(int=10))


def test_the_same_seed_gives_the_same_round_in_whatever_order_the_items_are_read() -> None:
    pool = candidates(*["new"] * 30)
    assert choose(pool, Random(3)) == choose(pool[::-1], Random(3)) != choose(pool, Random(4))
