"""A training goes from draft to handed in to decided, and is decided one level up by somebody who has no part in it."""

from itertools import product
from uuid import UUID

import pytest

from lms.kernel.verdict import Denied
from lms.offline.domain.workflow import NEXT, Act, Case, State, after, level_above, may_decide

CLERK, BOSS, TRAINEE, OTHER = (UUID(int=number) for number in range(1, 5))
NATION, PROVINCE, CITY = "/n/", "/n/p/", "/n/p/c/"
CASE = Case(CITY, hands=frozenset({CLERK, OTHER}), trainees=frozenset({TRAINEE}))


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)))
def test_every_state_meets_every_act(state: State, act: Act) -> None:
    assert after(state, act) == NEXT.get((state, act))


@pytest.mark.parametrize("state", [State.APPROVED, State.DECLINED, State.RETRACTED])
def test_an_end_is_an_end(state: State) -> None:
    assert not any(after(state, act) for act in Act)


@pytest.mark.parametrize(
    ("case", "actor", "scopes", "reason"),
    [
        pytest.param(CASE, BOSS, (PROVINCE,), None, id="THE_LEVEL_ABOVE"),
        pytest.param(CASE, BOSS, (NATION,), None, id="TWO_LEVELS_ABOVE"),
        pytest.param(CASE, BOSS, (CITY,), "level", id="THE_SAME_LEVEL"),
        pytest.param(CASE, BOSS, ("/n/q/",), "level", id="ANOTHER_PROVINCE"),
        pytest.param(CASE, BOSS, (), "level", id="NO_SCOPE"),
        pytest.param(CASE, CLERK, (PROVINCE,), "entered", id="WHO_ENTERED_IT"),
        pytest.param(CASE, OTHER, (PROVINCE,), "entered", id="WHO_HANDED_IT_IN"),
        pytest.param(CASE, TRAINEE, (PROVINCE,), "own", id="WHOSE_HOURS_THEY_ARE"),
        pytest.param(
            Case(NATION, frozenset({CLERK, OTHER}), frozenset()), BOSS, (NATION,), None, id="THE_NATION_HAS_NONE_ABOVE"
        ),
        pytest.param(
            Case(NATION, frozenset({CLERK, OTHER}), frozenset()), CLERK, (NATION,), "entered", id="BUT_TWO_PERSONS"
        ),
    ],
)
def test_who_decides(case: Case, actor: UUID, scopes: tuple[str, ...], reason: str | None) -> None:
    verdict = may_decide(case, actor, scopes)
    assert (verdict.reason if isinstance(verdict, Denied) else None) == reason


@pytest.mark.parametrize(("path", "above"), [(CITY, PROVINCE), (PROVINCE, NATION), (NATION, NATION)])
def test_the_level_above(path: str, above: str) -> None:
    assert level_above(path) == above
