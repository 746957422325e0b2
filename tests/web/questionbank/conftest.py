"""Two provinces, an uploader of each with a bank of their unit, and browsers of theirs."""

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.access.domain import roles
from lms.questionbank import service
from tests.factories.people import NOW, Land, make_land, make_person, signed_in

BANK, FOREIGN_BANK = "B-OWN", "B-ELSEWHERE"


@dataclass(frozen=True)
class Desk:
    """Who writes items for BANK, a colleague of the same unit, who writes for FOREIGN_BANK, and a learner."""

    land: Land
    author: FlaskClient
    colleague: FlaskClient
    stranger: FlaskClient
    learner: FlaskClient


@pytest.fixture
def desk(clean: Flask) -> Desk:
    land = make_land()
    service.ensure_bank(BANK, "劳动关系与工会", unit_id=land.unit.id, now=NOW)
    service.ensure_bank(FOREIGN_BANK, "外省题库", unit_id=land.other_unit.id, now=NOW)
    author, colleague = (make_person(land.unit, name, grants={roles.UPLOADER: land.unit}) for name in ("甲", "乙"))
    stranger = make_person(land.other_unit, "丙", grants={roles.UPLOADER: land.other_unit})
    return Desk(
        land,
        signed_in(clean, author),
        signed_in(clean, colleague),
        signed_in(clean, stranger),
        signed_in(clean, make_person(land.unit, "学员")),
    )
