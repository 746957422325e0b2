"""A query limited to scopes finds exactly what lies in them, by a range of an index."""

import pytest
from flask import Flask
from sqlalchemy import select, text

from lms.infra import db
from lms.infra.db import reading
from lms.infra.subtrees import within
from lms.kernel.scope import covers
from lms.organisations.models import UnitRow
from tests.factories.people import make_land


@pytest.fixture
def paths(clean: Flask) -> dict[str, str]:
    land = make_land()
    return {name: unit.path for name, unit in vars(land).items()}


CASES = {
    "NOTHING": [],
    "THE_NATION": ["national"],
    "A_PROVINCE": ["province"],
    "A_UNIT": ["unit"],
    "TWO_PROVINCES": ["province", "other_province"],
    "A_PROVINCE_AND_ITS_UNIT": ["province", "unit"],
}


@pytest.mark.parametrize("names", CASES.values(), ids=CASES.keys())
def test_it_finds_what_the_rule_covers(paths: dict[str, str], names: list[str]) -> None:
    scopes = [paths[name] for name in names]
    with reading() as session:
        found = sorted(session.scalars(select(UnitRow.path).where(within(UnitRow.path, scopes))))
    assert found == sorted(path for path in paths.values() if any(covers(scope, path) for scope in scopes))


def test_a_path_that_is_none_reaches_nothing(paths: dict[str, str]) -> None:
    with reading() as session:
        for wrong in ("", "%", paths["province"].rstrip("/"), "x"):
            assert session.scalars(select(UnitRow.path).where(within(UnitRow.path, [wrong]))).all() == []


def test_the_index_of_the_paths_serves_it(paths: dict[str, str]) -> None:
    statement = select(UnitRow.id).where(within(UnitRow.path, [paths["province"]]))
    compiled = str(statement.compile(db.engine(), compile_kwargs={"literal_binds": True}))
    with reading() as session:
        if db.dialect() == "postgresql":
            session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = " ".join(session.scalars(text(f"EXPLAIN {compiled}")))
            assert "uq_unit_path" in plan and "Index Cond" in plan
        else:
            plan = " ".join(row.detail for row in session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")))
            assert "uq_unit_path (path>? AND path<?)" in plan
