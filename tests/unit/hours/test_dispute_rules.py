"""Every state × every act of a dispute, and which level answers."""

from itertools import product

import pytest

from lms.hours.domain.disputes import ACT_WORDS, OUTCOME_WORDS, STATE_WORDS, Act, State, advance, nearest, one_up

ALLOWED = {
    (State.OPEN, Act.ANSWERED): State.ANSWERED,
    (State.OPEN, Act.WITHDRAWN): State.WITHDRAWN,
    (State.ANSWERED, Act.ESCALATED): State.ESCALATED,
    (State.ESCALATED, Act.DECIDED): State.DECIDED,
}


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)))
def test_each_act_has_its_place(state: State, act: Act) -> None:
    assert advance(state, act) == ALLOWED.get((state, act))


def test_everything_has_a_word() -> None:
    assert (
        set(STATE_WORDS) == set(State) and set(ACT_WORDS) == set(Act) and set(OUTCOME_WORDS) == {"upheld", "declined"}
    )


@pytest.mark.parametrize(
    ("scopes", "path", "level"),
    [
        (("/n/",), "/n/p/u/", "/n/"),
        (("/n/", "/n/p/"), "/n/p/u/", "/n/p/"),
        (("/n/q/",), "/n/p/u/", None),
        ((), "/n/", None),
    ],
)
def test_the_nearest_reach_is_the_level(scopes: tuple[str, ...], path: str, level: str | None) -> None:
    assert nearest(scopes, path) == level


@pytest.mark.parametrize(("path", "above"), [("/n/p/u/", "/n/p/"), ("/n/p/", "/n/"), ("/n/", "/n/")])
def test_one_level_up_ends_at_the_nation(path: str, above: str) -> None:
    assert one_up(path) == above
