"""A nation of two provinces, and a rule by which hours are credited."""

from uuid import UUID

import pytest
from flask import Flask

from tests.factories.ledger import make_rule
from tests.factories.people import Land, make_land


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def rule(land: Land) -> UUID:
    return make_rule(land)
