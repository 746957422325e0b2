"""One exam and one candidate who may sit it."""

import pytest
from flask import Flask

from lms.kernel.principal import Principal
from tests.factories.exams import Hall, make_candidate, make_hall


@pytest.fixture
def hall(clean: Flask) -> Hall:
    return make_hall()


@pytest.fixture
def candidate(hall: Hall) -> Principal:
    return make_candidate(hall)
