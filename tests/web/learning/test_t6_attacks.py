"""T6 in its short form: each attack on watch time, by its number, earns at most the real time and the distinct media."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from lms.learning import service as learning
from lms.learning.domain import beats
from lms.learning.service import beat, standing
from tests.conftest import empty_tables
from tests.factories.watch_attacks import ATTACKS, Attack, Place, alone, own, tokens
from tests.factories.watch_attacks.world import place as a_place

NUMBERS = {int(attack.__name__.split("_")[1]) for attack in ATTACKS}


@pytest.fixture(scope="module")
def place(app: Flask) -> Iterator[Place]:
    """One place for all attacks: each is made by people of its own."""
    empty_tables()
    with a_place(app, seed=2, whole=False) as made:
        yield made
    empty_tables()


def test_t6_has_all_twenty_four_and_some_more() -> None:
    assert set(range(1, 25)) <= NUMBERS and len(NUMBERS) == len(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)
def test_t6(place: Place, attack: Attack) -> None:
    attack(place)
    place.judge()


def pay_whatever_is_claimed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(beats, "_budget", lambda lease, *_: (10**9, lease.held_ms))


def ask_for_no_playlist(patch: pytest.MonkeyPatch) -> None:
    _see_leases(patch, lambda facts: replace(facts, playlist_fetched=True))


def hold_nothing_for_a_question(patch: pytest.MonkeyPatch) -> None:
    _see_leases(patch, lambda facts: replace(facts, asked_at=None))


def forget_when_a_lease_ended(patch: pytest.MonkeyPatch) -> None:
    _see_leases(patch, lambda facts: replace(facts, ended_at=None))


def _see_leases(patch: pytest.MonkeyPatch, change: Callable[[Any], Any]) -> None:
    patch.setattr(beat, "facts_of", lambda *told: change(standing.facts_of(*told)))


def bank_an_open_lease(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(beat, "watching", lambda rate: beats.Policy(max_rate_percent=rate, forfeit_after_ms=10**9))


def pay_again_what_was_watched(patch: pytest.MonkeyPatch) -> None:
    """A page may have seen nothing of what it has: then a repetition pays again."""
    accept = beats.accept

    def forgetful(told: Any, lease: Any, **named: Any) -> Any:
        again = accept(told, replace(lease, watched=()), **named)
        return replace(again, watched=accept(told, lease, **named).watched)

    patch.setattr(beats, "accept", forgetful)


def let_withdrawn_lectures_play_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(learning, "revoke_leases", lambda **_: None)


@pytest.mark.parametrize(
    ("defect", "attack"),
    [
        (pay_whatever_is_claimed, alone.attack_08_an_hour_in_one_beat),
        (pay_again_what_was_watched, alone.attack_01_one_beat_a_thousand_times),
        (forget_when_a_lease_ended, tokens.attack_20_the_lease_of_a_finished_playback),
        (let_withdrawn_lectures_play_on, tokens.attack_22_a_lecture_that_is_not_there),
        (ask_for_no_playlist, tokens.attack_24_without_a_player_or_after_the_end_of_the_sign_in),
        (bank_an_open_lease, own.attack_25_an_open_lease_as_a_savings_account),
        (hold_nothing_for_a_question, own.attack_29_an_answer_that_comes_from_a_script),
    ],
    ids=lambda one: one.__name__,
)
def test_t6_finds_an_engine_with_a_hole(
    place: Place, defect: Callable[[pytest.MonkeyPatch], None], attack: Attack
) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises((AssertionError, KeyError)):
        defect(patch)
        attack(place)
        place.judge()
    place.visitors.clear()
    place.faults.clear()
