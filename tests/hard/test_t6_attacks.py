"""T6 whole: every attack on watch time with all its repetitions, under three seeds and as many top rates."""

import pytest
from flask import Flask

from tests.factories.watch_attacks import ATTACKS, Attack
from tests.factories.watch_attacks.world import place


@pytest.mark.hard
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)
def test_t6(clean: Flask, attack: Attack, seed: int) -> None:
    with place(clean, seed=seed, whole=True) as made:
        attack(made)
        made.judge()
