"""A school with one course of a minute, worth 4 学时, and a person who may complete it."""

from uuid import UUID

import pytest
from flask import Flask

from tests.factories import learning
from tests.factories.learning import Course, School


@pytest.fixture
def school(clean: Flask) -> School:
    return learning.add_school()


@pytest.fixture
def course(school: School) -> Course:
    return learning.add_course(school)


@pytest.fixture
def learner(school: School) -> UUID:
    return learning.add_person(school.unit_id)
