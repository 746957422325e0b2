"""A learner with hours in two years, and their browser."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.access import queries
from lms.infra.db import reading
from lms.kernel import clock
from tests.factories import learning, people
from tests.factories.learning import Course, School
from tests.service.hours.ledger import credited

TODAY = datetime(2027, 3, 10, 2, tzinfo=UTC)
LAST_YEAR = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Beijing


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: TODAY)


@pytest.fixture
def school(clean: Flask) -> School:
    return learning.add_school()


@pytest.fixture
def person(school: School) -> UUID:
    return learning.add_person(school.unit_id)


@pytest.fixture
def courses(school: School) -> tuple[Course, Course]:
    return learning.add_course(school, "去年的课程"), learning.add_course(school, "今年的课程", lectures=2)


@pytest.fixture
def entries(courses: tuple[Course, Course], person: UUID) -> tuple[UUID, UUID]:
    """4 学时 of self-study in the last second of 2026, 8 of a class in 2027."""
    old = credited(courses[0], person, at=LAST_YEAR)
    return old, credited(courses[1], person, at=TODAY, class_kind="centralized")


@pytest.fixture
def learner(clean: Flask, person: UUID) -> FlaskClient:
    with reading() as session:
        found = queries.principal_of_person(session, person, now=TODAY)
    assert found is not None
    return people.signed_in(clean, found)
