"""A school with two courses, and somebody who may join a class."""

from uuid import UUID

import pytest
from flask import Flask

from tests.factories import learning
from tests.factories.learning import Course, School


@pytest.fixture
def school(clean: Flask) -> School:
    return learning.add_school()


@pytest.fixture
def courses(school: School) -> tuple[Course, Course]:
    return learning.add_course(school, "甲"), learning.add_course(school, "乙")


@pytest.fixture
def person(school: School) -> UUID:
    return learning.add_person(school.unit_id)
