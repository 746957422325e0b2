"""Every installation begins with the nation, the provinces, the corps and the national industry unions."""

import pytest
from flask import Flask

from lms.infra.db import reading
from lms.kernel.errors import NotFound
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from tests.service.organisations.changes import ACT, NOW


def test_building_twice_builds_once(clean: Flask) -> None:
    nation = service.build_nation(None, NOW)
    with reading() as session:
        first = queries.subtree(session, nation.path, limit=99)
    assert len(first) == 43
    assert service.build_nation(None, NOW) == nation
    with reading() as session:
        assert queries.subtree(session, nation.path, limit=99) == first
        assert {one.kind for one in first} == {"national", "province", "industry"}


def test_a_renamed_province_is_not_built_again(clean: Flask) -> None:
    nation = service.build_nation(None, NOW)
    with reading() as session:
        (found,) = queries.search(session, "浙江", (nation.path,))
    service.rename(found.id, "浙江总工会", ACT)
    service.build_nation(None, NOW)
    with reading() as session:
        assert len(queries.subtree(session, nation.path, limit=99)) == 43
        assert queries.province_of(session, found.path).code == "33"


def test_a_tree_that_is_there_gets_what_it_lacks(clean: Flask) -> None:
    nation = service.add_unit(parent_id=None, name="中华全国总工会", kind="national", reach=EVERYWHERE, now=NOW)
    service.add_unit(parent_id=nation.id, name="浙江省总工会", kind="province", code="33", reach=EVERYWHERE, now=NOW)
    assert service.build_nation(None, NOW) == nation
    with reading() as session:
        assert queries.count_below(session, nation.path, limit=99) == 42


def test_a_unit_right_below_the_nation_has_no_province(clean: Flask) -> None:
    nation = service.build_nation(None, NOW)
    firm = service.add_unit(parent_id=nation.id, name="直属单位工会", kind="unit", reach=EVERYWHERE, now=NOW)
    with reading() as session, pytest.raises(NotFound):  # so that the nation numbers the certificates of its people
        queries.province_of(session, firm.path)
