"""Whatever is founded, moved, merged, closed, opened and renamed: the tree stays one tree, and its history tells how it came about."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select

from lms.infra.db import reading
from lms.kernel.errors import DomainError
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from lms.organisations.domain import names, paths, ranks
from lms.organisations.models import UnitChangeRow, UnitTermRow
from lms.organisations.queries import Unit
from tests.conftest import empty_tables
from tests.service.organisations.changes import ACT, NOW

ANY = st.integers(0, 11)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), ANY, st.sampled_from(ranks.KINDS[1:])),
        st.tuples(st.just("move"), ANY, ANY),
        st.tuples(st.just("merge"), ANY, ANY),
        st.tuples(st.just("close"), ANY, ANY),
        st.tuples(st.just("reopen"), ANY, ANY),
        st.tuples(st.just("rename"), ANY, st.sampled_from(["甲工会", "乙工会", "丙工会"])),
    ),
    min_size=5,
    max_size=30,
)


def everything(national: Unit) -> dict[UUID, Unit]:
    with reading() as session:
        return {one.id: one for one in queries.subtree(session, national.path, limit=999)}


def assert_one_tree(units: dict[UUID, Unit]) -> None:
    for unit in units.values():
        if unit.parent_id is None:
            assert unit.kind == "national"
            continue
        parent = units[unit.parent_id]
        assert unit.path == parent.path + paths.own_part(unit.path)
        assert ranks.may_stand_below(unit.kind, parent.kind)
        assert (unit.merged_into is not None) == (unit.state == "merged")
        assert unit.state != "open" or parent.state == "open", "an open unit stands below a closed one"
    taken = [(one.parent_id, one.name) for one in units.values() if one.state == "open"]
    assert len(taken) == len(set(taken))


def assert_history_tells_it_all(units: dict[UUID, Unit]) -> None:
    with reading() as session:
        rows = session.execute(select(UnitChangeRow).order_by(UnitChangeRow.at, UnitChangeRow.id)).scalars().all()
        terms = session.execute(select(UnitTermRow.unit_id, UnitTermRow.term).where(UnitTermRow.tier.in_((0, 2)))).all()
    told: dict[UUID, dict[str, object]] = {}
    for row in rows:
        facts = told.setdefault(row.unit_id, {"state": "open"})
        for name, value in row.before.items():
            assert name == "path" or facts[name] == value, "what a change found is what the one before left"
        facts.update({name: value for name, value in row.after.items() if name not in {"path", "took_in"}})
    for unit in units.values():
        facts = told[unit.id]
        assert facts["name"] == unit.name
        assert facts["state"] == unit.state
        assert facts["parent"] == (str(unit.parent_id) if unit.parent_id else None)
        assert facts.get("into") == (str(unit.merged_into) if unit.merged_into else None)
    assert dict(terms) == {unit.id: names.terms_of(unit.name)[0] for unit in units.values()}


def take(step: tuple[str, int, object], units: list[Unit], number: int) -> None:
    what, which, other = step
    unit = units[which % len(units)]
    act = replace(ACT, now=NOW + timedelta(seconds=number))
    if what == "add":
        kind = str(other)
        service.add_unit(
            parent_id=unit.id, name=f"{'甲乙丙'[number % 3]}工会", kind=kind, reach=EVERYWHERE, now=act.now
        )
    elif what == "rename":
        service.rename(unit.id, str(other), act)
    elif what in {"move", "merge"}:
        target = units[int(str(other)) % len(units)]
        (service.move if what == "move" else service.merge)(unit.id, target.id, act)
    else:
        (service.close if what == "close" else service.reopen)(unit.id, act)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_tree_stays_a_tree(clean: Flask, steps: list[tuple[str, int, object]]) -> None:
    empty_tables()
    national = service.add_unit(parent_id=None, name="全国", kind="national", reach=EVERYWHERE, now=NOW)
    service.add_unit(parent_id=national.id, name="省", kind="province", code="33", reach=EVERYWHERE, now=NOW)
    for number, step in enumerate(steps):
        units = everything(national)
        try:
            take(step, list(units.values()), number)
        except DomainError:
            assert everything(national) == units, "what is refused changes nothing"
    units = everything(national)
    assert_one_tree(units)
    assert_history_tells_it_all(units)


@pytest.mark.parametrize("state", ["closed", "merged"])
def test_the_check_of_the_tree_can_fail(clean: Flask, state: str) -> None:
    national = service.add_unit(parent_id=None, name="全国", kind="national", reach=EVERYWHERE, now=NOW)
    province = service.add_unit(parent_id=national.id, name="省", kind="province", reach=EVERYWHERE, now=NOW)
    units = {national.id: national, province.id: replace(province, path="/elsewhere/", state=state)}
    with pytest.raises(AssertionError):
        assert_one_tree(units)
