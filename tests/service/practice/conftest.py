"""A hall whose first course can be practised, and a candidate of it."""

import pytest
from flask import Flask

from lms.kernel.principal import Principal
from tests.factories.exams import Hall, make_candidate, make_hall
from tests.factories.practice import add_practice


@pytest.fixture
def hall(clean: Flask) -> Hall:
    found = make_hall(courses=2)
    add_practice(found)
    return found


@pytest.fixture
def learner(hall: Hall) -> Principal:
    return make_candidate(hall, completed=0)
