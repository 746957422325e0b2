"""Administrators of two provinces and of the nation, and their browsers."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.access.domain import roles
from lms.kernel import clock
from lms.kernel.principal import Principal
from tests.factories.people import NOW, Staff, make_person, signed_in, staff

__all__ = ["staff"]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def admin(staff: Staff) -> Principal:
    return make_person(staff.land.province, "省管理员", grants={roles.UNIT_ADMIN: staff.land.province})


@pytest.fixture
def other_admin(staff: Staff) -> Principal:
    return make_person(staff.land.other_province, "外省管理员", grants={roles.UNIT_ADMIN: staff.land.other_province})


Browser = Callable[[Principal], FlaskClient]


@pytest.fixture
def browse(clean: Flask) -> Browser:
    """A function that gives a browser in which a person is signed in."""
    return lambda person: signed_in(clean, person)
