"""Units stand in one tree, each below a higher kind, and a path says where."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import NotFound
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from lms.organisations.domain.ranks import KINDS, RANKS
from lms.organisations.models import UnitRow
from tests.factories.certificates import Land

NOW = datetime.fromisoformat("2026-03-01T08:00:00+00:00")


def test_a_path_is_the_chain_from_the_root(clean: Flask, land: Land) -> None:
    assert land.province.path.startswith(land.national.path)
    assert land.unit.path.startswith(land.province.path)
    assert [unit.path.count("/") for unit in (land.national, land.province, land.unit)] == [2, 3, 4]


def test_the_province_of_a_path_is_its_second_level(clean: Flask, land: Land) -> None:
    with reading() as session:
        for path in (land.unit.path, land.province.path):
            assert queries.province_of(session, path) == land.province
        for path in (land.national.path, "/", "", "/nobody/here/"):
            with pytest.raises(NotFound):
                queries.province_of(session, path)
        assert queries.national(session) == land.national


def test_only_units_can_be_joined_at_registration(clean: Flask, land: Land) -> None:
    with reading() as session:
        assert queries.units_to_join(session) == (land.unit,)


@pytest.mark.parametrize("above", KINDS)
@pytest.mark.parametrize("below", KINDS)
def test_a_unit_stands_only_below_a_higher_kind(clean: Flask, above: str, below: str) -> None:
    parent = service.add_unit(parent_id=None, name="全国", kind="national", reach=EVERYWHERE, now=NOW)
    if above != "national":
        parent = service.add_unit(parent_id=parent.id, name="上级", kind=above, reach=EVERYWHERE, now=NOW)
    if RANKS[below] > RANKS[above]:
        child = service.add_unit(parent_id=parent.id, name="下级", kind=below, reach=EVERYWHERE, now=NOW)
        assert child.path.startswith(parent.path)
    else:
        with pytest.raises(service.WrongPlace):
            service.add_unit(parent_id=parent.id, name="下级", kind=below, reach=EVERYWHERE, now=NOW)


def test_an_unknown_parent_is_refused(clean: Flask) -> None:
    with pytest.raises(NotFound):
        service.add_unit(parent_id=ids.new_id(), name="x", kind="unit", reach=EVERYWHERE, now=NOW)


def test_only_the_nation_has_no_parent(clean: Flask) -> None:
    with pytest.raises(IntegrityError):
        service.add_unit(parent_id=None, name="x", kind="province", reach=EVERYWHERE, now=NOW)


def test_two_units_cannot_have_one_path(clean: Flask, land: Land) -> None:
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(UnitRow).where(UnitRow.id == land.unit.id).values(path=land.province.path))
