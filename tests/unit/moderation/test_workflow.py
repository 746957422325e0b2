"""Every state, action and rank of the review is decided by one table. Requirements 38, 39, 42 and 44."""

from itertools import product

import pytest
from hypothesis import given, strategies as st

from lms.moderation.domain.workflow import TRANSITIONS, Action, Rank, State, TransitionRefused, advance

# state, action, rank initials (author, province, national, manager, system), next state: written out again from the contract.
TABLE = """
draft            submit       a    submitted
draft            retract      a    retracted
submitted        pass_checks  s    province_review
submitted        return       s    returned
submitted        retract      a    retracted
province_review  approve      p    national_review
province_review  return       p    returned
province_review  decline      p    declined
province_review  retract      a    retracted
national_review  approve      n    approved
national_review  return       n    returned
national_review  decline      n    declined
national_review  retract      a    retracted
returned         revise       a    draft
returned         submit       a    submitted
returned         retract      a    retracted
approved         publish      ms   published
approved         retract      a    retracted
published        supersede    s    superseded
published        suspend      pnm  suspended
published        retire       nm   retired
suspended        resume       nm   published
suspended        supersede    s    superseded
suspended        retire       nm   retired
"""
EXPECTED = {
    (state, action, rank): following
    for state, action, initials, following in (line.split() for line in TABLE.split("\n") if line)
    for rank in Rank
    if rank.value[0] in initials
}
FINAL = {State.DECLINED, State.RETRACTED, State.SUPERSEDED, State.RETIRED}


@pytest.mark.parametrize(("state", "action", "rank"), list(product(State, Action, Rank)))
def test_every_state_action_and_rank_is_decided(state: State, action: Action, rank: Rank) -> None:
    following = EXPECTED.get((state, action, rank))
    if following is not None:
        assert advance(state, action, rank=rank) == following
        return
    with pytest.raises(TransitionRefused) as refusal:
        advance(state, action, rank=rank)
    assert (refusal.value.state, refusal.value.action, refusal.value.rank) == (state, action, rank)
    assert (refusal.value.status, refusal.value.code) == (409, "transition_refused")


def test_final_states_have_no_way_out() -> None:
    assert {state for state in State if not any(origin is state for origin, _ in TRANSITIONS)} == FINAL


def test_every_state_but_the_first_is_reached_by_some_action() -> None:
    assert {following for following, _ in TRANSITIONS.values()} == set(State)


@given(st.lists(st.tuples(st.sampled_from(Action), st.sampled_from(Rank)), max_size=60))
def test_nothing_is_published_without_both_approvals_since_its_last_submission(
    steps: list[tuple[Action, Rank]],
) -> None:
    state, approvals = State.DRAFT, []
    for action, rank in steps:
        try:
            state = advance(state, action, rank=rank)
        except TransitionRefused:
            continue
        if action is Action.SUBMIT:
            approvals = []
        if action is Action.APPROVE:
            approvals.append(rank)
        if state in (State.APPROVED, State.PUBLISHED, State.SUSPENDED):
            assert approvals == [Rank.PROVINCE, Rank.NATIONAL]


def test_the_author_can_neither_approve_nor_publish() -> None:
    reached, seen = {State.DRAFT}, set()
    while reached - seen:
        state = (reached - seen).pop()
        seen.add(state)
        reached |= {
            following
            for (origin, _), (following, ranks) in TRANSITIONS.items()
            if origin is state and Rank.AUTHOR in ranks
        }
    assert reached == {State.DRAFT, State.SUBMITTED, State.RETRACTED}
