"""A row that the database refuses does not tell its values to the log."""

import traceback

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from lms.infra import log
from lms.infra.db import unit_of_work
from lms.organisations.models import UnitRow
from tests.factories.people import NOW, make_land

NUMBER = "11010519491231002X"


def refused(land_id: object, parent_id: object) -> str:
    """The traceback of a row whose key is taken."""
    row = UnitRow(id=land_id, parent_id=parent_id, path=f"/{NUMBER}/", name="x", kind="unit", created_at=NOW)
    with pytest.raises(IntegrityError) as caught, unit_of_work() as session:
        session.add(row)
    return "".join(traceback.format_exception(caught.value))


def test_the_values_of_a_refused_row_stay_out(clean: Flask) -> None:
    land = make_land()
    event = {"event": "refused", "exception": refused(land.unit.id, land.province.id)}
    told = str(log.without_values(None, "error", event)["exception"])
    assert "IntegrityError" in told
    assert land.unit.id.hex not in told.replace("-", "")
    assert NUMBER not in told


def test_an_id_number_in_an_exception_stays_out_and_the_rest_is_told() -> None:
    event = {"event": "refused", "exception": f"ValueError: {NUMBER[:6]} {NUMBER[6:]} is no unit of /1/2/"}
    told = str(log.without_values(None, "error", event)["exception"])
    assert told == "ValueError: *** is no unit of /1/2/"
    assert log.without_values(None, "info", {"event": NUMBER[:4]}) == {"event": NUMBER[:4]}
