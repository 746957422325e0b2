"""An office that enters training, and a province that decides it."""

import pytest
from flask import Flask

from tests.factories.outside import Office, make_office


@pytest.fixture
def office(clean: Flask) -> Office:
    return make_office()
