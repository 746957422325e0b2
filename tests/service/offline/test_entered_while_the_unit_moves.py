"""A training that is entered while its unit moves is found where the unit stands."""

from threading import Thread
from typing import Any

import pytest
from flask import Flask

from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.offline import queries, service
from lms.offline.service import drafting
from lms.organisations import queries as tree, service as units
from tests.factories.outside import FACTS, make_office
from tests.factories.people import NOW


def test_a_training_entered_while_its_unit_moves_is_found_where_the_unit_stands(
    clean: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = make_office()
    land = office.land
    mover = Thread(
        target=lambda: units.move(
            land.unit.id, land.other_province.id, units.Act(None, "调整", NOW, EVERYWHERE, NOW.date())
        )
    )
    real = drafting.organisations.held_unit

    class Late:
        @staticmethod
        def held_unit(*arguments: Any) -> Any:
            found = real(*arguments)
            mover.start()
            mover.join(timeout=1.5)
            return found

    monkeypatch.setattr(drafting, "organisations", Late)
    made = service.create(FACTS, land.unit.id, by=office.entering, now=NOW)
    mover.join(timeout=30)
    with reading() as session:
        path = tree.unit(session, land.unit.id).path
        found = queries.training(session, made, (land.national.path,))
    assert found.unit_path == path
