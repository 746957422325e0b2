"""Two provinces with units, and an administrator of one of them."""

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.access.domain import roles
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service
from lms.organisations.queries import Unit
from tests.factories.people import NOW, Land, make_land, make_person, signed_in


@dataclass(frozen=True)
class Office:
    """A land, a city of its first province, and browsers of its administrator and of the nation's."""

    land: Land
    city: Unit
    admin: FlaskClient
    national_admin: FlaskClient
    learner: FlaskClient


@pytest.fixture
def office(clean: Flask) -> Office:
    land = make_land()
    city = service.add_unit(parent_id=land.province.id, name="宁波市总工会", kind="city", reach=EVERYWHERE, now=NOW)
    admin = make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.province})
    national = make_person(land.national, "全国管理员", grants={roles.UNIT_ADMIN: land.national})
    return Office(
        land=land,
        city=city,
        admin=signed_in(clean, admin),
        national_admin=signed_in(clean, national),
        learner=signed_in(clean, make_person(land.unit, "学员")),
    )
