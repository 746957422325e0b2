"""10,000 saves around the bell, under a clock that is stepped by an hour. Promise T7."""

import pytest
from flask import Flask

from tests.factories.bell import ring
from tests.factories.exams import make_hall


@pytest.mark.hard
def test_t7_ten_thousand_saves_around_the_bell(clean: Flask) -> None:
    tally = ring(make_hall(), candidates=50, saves=200, seed=7)
    assert tally.taken + tally.refused == 10_000
    assert min(tally.taken, tally.refused) > 1_000, tally
