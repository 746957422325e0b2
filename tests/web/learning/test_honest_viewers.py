"""Whoever really watches is credited it: at least 98 %, whatever happens to them; a killed tab costs 15 s, an outage nothing."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.conftest import empty_tables
from tests.factories.honest_viewers import HONEST, LASTS, Scenario, a_laptop_that_sleeps, open_page
from tests.factories.watch_attacks.world import Place, place as a_place
from tests.factories.watch_record import merged, total


@pytest.fixture(scope="module", params=[1, 2, 3], ids=lambda seed: f"seed_{seed}")
def place(app: Flask, request: pytest.FixtureRequest) -> Iterator[Place]:
    empty_tables()
    with a_place(app, seed=request.param, whole=False) as made:
        yield made
    empty_tables()


@pytest.mark.parametrize("scenario", HONEST, ids=lambda one: one.__name__)
def test_an_honest_viewer_is_credited(place: Place, scenario: Scenario) -> None:
    page = open_page(place)
    scenario(page)
    assert total(merged(page.played)) >= 0.95 * LASTS, "the scenario plays the lecture"
    most = 0.02 * total(merged(page.played))
    if (
        scenario is a_laptop_that_sleeps
    ):  # what was not reported when the lid closed: a beat at most, 0.6 % of a whole 45 minutes
        most = max(most, 15_000)
    assert page.lost_ms <= most, f"{page.lost_ms} ms lost"
    place.judge()


def test_w5_a_killed_tab_loses_at_most_fifteen_seconds(place: Place) -> None:
    """At any moment, and for good: nobody opens this browser again."""
    for _ in range(5):
        page = open_page(place)
        page.play(place.rng.uniform(1, 200))
        assert 0 <= page.lost_ms <= 15_000
    place.judge()


def test_w5_the_next_page_brings_the_last_seconds_back(place: Place) -> None:
    page = open_page(place)
    page.play(place.rng.uniform(20, 200))
    page.queue = None
    place.wait(place.rng.uniform(5, 500))
    page.play(1)
    page.beat()
    assert page.lost_ms == 0
    place.judge()


def test_w6_ten_minutes_without_the_platform_lose_nothing_and_gain_nothing(place: Place) -> None:
    page = open_page(place)
    page.play(place.rng.uniform(20, 100))
    page.beat()
    before = page.who.paid
    page.online = False
    page.play(place.rng.uniform(60, 300))
    page.place.wait(600 - page.lost_ms / 1000)
    page.online = True
    assert page.who.paid == before
    page.beat()
    assert page.lost_ms == 0
    place.judge()
