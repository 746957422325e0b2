"""A unit moves with all below it, or merges into another one; people and requests follow, recorded paths stay."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, select

from lms.accounts.domain.reach import Staff
from lms.accounts.models import MembershipRow, PersonRow
from lms.accounts.service import memberships
from lms.infra import db
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import DomainError, Invalid
from lms.organisations import queries, service
from lms.organisations.events import units_moved
from lms.organisations.models import UnitRequestRow
from lms.organisations.queries import Unit
from tests.factories.certificates import Land, MakePerson
from tests.service.organisations.changes import ACT, NOW, add, now_of


@pytest.fixture
def city(land: Land) -> Unit:
    return add(land.province, "杭州市总工会", "city")


@pytest.fixture
def county(city: Unit) -> Unit:
    return add(city, "西湖区总工会", "county")


@pytest.fixture
def firm(county: Unit) -> Unit:
    return add(county, "晨光厂工会")


@pytest.fixture
def other_city(land: Land) -> Unit:
    return add(land.province, "宁波市总工会", "city")


def person(person_id: UUID) -> Any:
    with reading() as session:
        return session.execute(select(PersonRow.unit_id, PersonRow.unit_path).where(PersonRow.id == person_id)).one()


@contextmanager
def updates() -> Iterator[list[str]]:
    """Collects the statements that change units."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("UPDATE unit SET path"):
            seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)


def test_all_below_moves_along(
    clean: Flask, land: Land, county: Unit, firm: Unit, other_city: Unit, make_person: MakePerson
) -> None:
    worker = make_person(unit=firm)
    service.move(county.id, other_city.id, ACT)
    moved, below = now_of(county), now_of(firm)
    assert (moved.parent_id, below.parent_id) == (other_city.id, county.id)
    assert moved.path == other_city.path + county.path.split("/")[-2] + "/"
    assert below.path == moved.path + firm.path.split("/")[-2] + "/"
    assert person(worker).unit_path == below.path
    with reading() as session:
        change = queries.changes(session, county.id)[0]
    assert change.before == {"parent": str(county.parent_id), "path": county.path}
    assert change.after == {"parent": str(other_city.id), "path": moved.path}


def test_the_move_is_announced(clean: Flask, county: Unit, other_city: Unit) -> None:
    heard: list[Any] = []

    def listen(_sender: object, moves: list[tuple[str, str]], at: object) -> None:
        heard.append((moves, at))

    with units_moved.connected_to(listen):
        service.move(county.id, other_city.id, ACT)
    assert heard == [([(county.path, now_of(county).path)], NOW)]


def test_a_fault_of_a_listener_takes_everything_back(clean: Flask, county: Unit, other_city: Unit) -> None:
    def fail(_sender: object, **_said: object) -> None:
        raise RuntimeError("listener")

    with units_moved.connected_to(fail), pytest.raises(RuntimeError):
        service.move(county.id, other_city.id, ACT)
    assert now_of(county) == county


@pytest.mark.parametrize(
    "case", ["itself", "its own child", "a lower kind", "where it stands", "a closed one", "same name"]
)
def test_wrong_places_are_refused(
    clean: Flask, land: Land, city: Unit, county: Unit, firm: Unit, other_city: Unit, case: str
) -> None:
    unit, parent = {
        "itself": (county, county),
        "its own child": (city, county),
        "a lower kind": (city, firm),
        "where it stands": (county, city),
        "a closed one": (county, other_city),
        "same name": (county, other_city),
    }[case]
    if case == "a closed one":
        service.close(other_city.id, ACT)
    if case == "same name":
        add(other_city, county.name, "county")
    with pytest.raises((Invalid, service.AlreadyClosed)):
        service.move(unit.id, parent.id, ACT)
    assert now_of(unit).path == unit.path


def test_a_merged_unit_leaves_its_units_people_and_requests(
    clean: Flask, land: Land, city: Unit, county: Unit, firm: Unit, other_city: Unit, make_person: MakePerson
) -> None:
    clerk, worker = make_person(unit=county), make_person(unit=firm)
    request_id = service.ask(worker, county.id, "新厂", now=NOW)
    target = add(other_city, "海曙区总工会", "county")
    service.merge(county.id, target.id, ACT)

    gone = now_of(county)
    assert (gone.state, gone.merged_into, gone.path) == ("merged", target.id, county.path)
    assert now_of(firm).path == target.path + firm.path.split("/")[-2] + "/"
    assert tuple(person(clerk)) == (target.id, target.path)
    assert tuple(person(worker)) == (firm.id, now_of(firm).path)
    with reading() as session:
        ended = session.execute(select(MembershipRow.until_on).where(MembershipRow.unit_id == county.id)).scalars()
        assert all(ended.all())
        assert queries.request(session, request_id, (target.path,)).parent_id == target.id
        assert [one.action for one in queries.changes(session, county.id)] == ["merged", "created"]
        assert queries.changes(session, target.id)[0].after == {"took_in": str(county.id)}
        assert queries.changes(session, firm.id)[0].after["parent"] == str(target.id)


def test_who_is_about_to_move_away_belongs_to_the_other_unit_until_then(
    clean: Flask, land: Land, county: Unit, other_city: Unit, make_person: MakePerson
) -> None:
    mover = make_person(unit=county)
    target = add(other_city, "海曙区总工会", "county")
    day, chief = NOW.date() + timedelta(days=20), Staff(make_person(unit=land.national), (land.national.path,))
    memberships.move(mover, other_city.id, from_on=day, by=chief, reason="调动", now=NOW)
    service.merge(county.id, target.id, ACT)
    assert tuple(person(mover)) == (target.id, target.path)
    with reading() as session:
        spans = session.execute(
            select(MembershipRow.unit_id, MembershipRow.from_on, MembershipRow.until_on)
            .where(MembershipRow.person_id == mover, MembershipRow.is_primary)
            .order_by(MembershipRow.from_on, MembershipRow.id)
        ).all()
    today = max(span.from_on for span in spans if span.unit_id == target.id)
    assert [tuple(span) for span in spans if span.unit_id != county.id] == [
        (target.id, today, day),
        (other_city.id, day, None),
    ]
    assert [span.until_on for span in spans if span.unit_id == county.id] == [today]


def test_a_unit_is_dissolved_into_the_one_above(clean: Flask, city: Unit, county: Unit, firm: Unit) -> None:
    service.merge(county.id, city.id, ACT)
    assert now_of(firm).path == city.path + firm.path.split("/")[-2] + "/"


@pytest.mark.parametrize("case", ["the root", "into the root", "itself", "its own child", "ranks", "twice"])
def test_wrong_mergers_are_refused(
    clean: Flask, land: Land, city: Unit, county: Unit, firm: Unit, other_city: Unit, case: str
) -> None:
    other = add(other_city, "海曙区总工会", "county")
    gone, into = {
        "the root": (land.national, city),
        "into the root": (city, land.national),
        "itself": (city, city),
        "its own child": (city, county),
        "ranks": (city, other),
        "twice": (county, other),
    }[case]
    if case == "twice":
        service.merge(county.id, other.id, ACT)
    with reading() as session:
        before = queries.subtree(session, land.national.path, limit=99)
    with pytest.raises(DomainError):
        service.merge(gone.id, into.id, ACT)
    with reading() as session:
        assert queries.subtree(session, land.national.path, limit=99) == before


def test_a_large_subtree_moves_in_one_statement(clean: Flask, county: Unit, other_city: Unit) -> None:
    for number in range(30):
        add(county, f"第{number}厂工会")
    with updates() as seen:
        service.move(county.id, other_city.id, ACT)
    assert len(seen) == 1
    with reading() as session:
        assert queries.count_below(session, now_of(county).path, limit=99) == 30
        assert queries.count_below(session, county.path, limit=99) == 0


def test_a_settled_request_keeps_its_unit_when_that_merges(clean: Flask, county: Unit, firm: Unit) -> None:
    with unit_of_work() as session:
        session.add(
            UnitRequestRow(
                id=ids.new_id(NOW), person_id=ids.new_id(NOW), parent_id=county.id, name="x", state="settled",
                unit_id=firm.id, asked_at=NOW, decided_at=NOW,
            )
        )  # fmt: skip
    other = add(county, "另一厂工会")
    service.merge(firm.id, other.id, ACT)
    with reading() as session:
        assert session.execute(select(UnitRequestRow.unit_id)).scalar_one() == firm.id
