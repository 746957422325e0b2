"""A school and a learner of it."""

from uuid import UUID

import pytest
from flask import Flask

from tests.factories import learning
from tests.factories.learning import School


@pytest.fixture
def school(clean: Flask) -> School:
    return learning.add_school()


@pytest.fixture
def learner(school: School) -> UUID:
    return learning.add_person(school.unit_id)
