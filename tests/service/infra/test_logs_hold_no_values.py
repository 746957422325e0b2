"""A row that the database refuses does not tell its values to the log."""

import json

import pytest
import structlog
from flask import Flask
from sqlalchemy.exc import IntegrityError

from lms.infra import log
from lms.infra.db import unit_of_work
from lms.organisations.models import UnitRow
from lms.settings import Settings
from tests.factories.people import NOW, make_land


def test_the_values_of_a_refused_row_stay_out(
    clean: Flask, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    land = make_land()
    log.configure("INFO")
    try:
        with unit_of_work() as session:
            session.add(
                UnitRow(
                    id=land.unit.id, parent_id=land.province.id, path="/11010519491231002X/", name="x", kind="unit",
                    created_at=NOW,
                )
            )  # fmt: skip
    except IntegrityError:
        structlog.get_logger().exception("refused")
    finally:
        log.configure(settings.log_level)
    said = capsys.readouterr().err
    told = json.loads(said.splitlines()[-1])["exception"]
    assert "IntegrityError" in told
    assert land.unit.id.hex not in told.replace("-", "")
    assert "11010519491231002X" not in said
