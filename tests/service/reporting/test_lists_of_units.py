"""The list of a unit's people by where they stand: limited to the reach, filtered, in two orders, page by page."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import update

from lms.accounts.models import PersonRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.principal import Principal
from lms.reporting import queries, service
from lms.reporting.queries import Sought
from tests.factories.ledger import credit
from tests.factories.people import NOW, Land, make_person


@pytest.fixture
def people(land: Land, rule: UUID) -> dict[str, Principal]:
    """Four of one unit and one of another province, with what they earned in their names."""
    earned = {"阿零": 0, "白二十": 2000, "陈五十": 5000, "丁四十": 4000}
    found = {name: make_person(land.unit, name) for name in earned}
    found["外省"] = make_person(land.other_unit, "外省")
    for name, hours in earned.items():
        if hours:
            credit(rule, found[name].person_id, hours)
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == found["丁四十"].person_id).values(category="section"))
    service.count_all(now=NOW)
    return found


def listed(sought: Sought, people: dict[str, Principal]) -> list[str]:
    with reading() as session:
        found = queries.people_page(session, sought).people
    return [one.name for one in found if one.name in people]


def test_the_list_goes_by_pinyin(land: Land, people: dict[str, Principal]) -> None:
    assert listed(Sought((land.unit.path,), 2026), people) == ["阿零", "白二十", "陈五十", "丁四十"]


def test_or_by_what_is_missing(land: Land, people: dict[str, Principal]) -> None:
    sought = Sought((land.unit.path,), 2026, order="missing")
    assert listed(sought, people) == [
        "丁四十",
        "阿零",
        "白二十",
        "陈五十",
    ]  # 丁四十 lacks 90 of centralised training too


@pytest.mark.parametrize(
    ("limits", "names"),
    [
        ({"standing": "behind"}, ["阿零", "白二十", "丁四十"]),
        ({"standing": "reached"}, ["陈五十"]),
        ({"standing": "behind", "ledger": "self_study"}, ["阿零", "白二十", "丁四十"]),
        ({"standing": "behind", "ledger": "centralized"}, ["丁四十"]),
        ({"standing": "reached", "ledger": "centralized"}, ["阿零", "白二十", "陈五十"]),
        ({"category": "section"}, ["丁四十"]),
        ({"category": "section", "standing": "reached"}, []),
        ({"year": 2025}, []),
    ],
)
def test_filters(land: Land, people: dict[str, Principal], limits: dict[str, object], names: list[str]) -> None:
    assert listed(replace(Sought((land.unit.path,), 2026), **limits), people) == names  # type: ignore[arg-type]


def test_nobody_outside_the_scopes_is_listed(land: Land, people: dict[str, Principal]) -> None:
    assert listed(Sought((land.other_province.path,), 2026, path=land.national.path), people) == ["外省"]
    assert listed(Sought((land.other_province.path,), 2026, path=land.unit.path), people) == []
    assert listed(Sought((), 2026), people) == []


def test_who_moved_away_is_gone_at_once(land: Land, people: dict[str, Principal]) -> None:
    with unit_of_work() as session:
        session.execute(
            update(PersonRow)
            .where(PersonRow.id == people["阿零"].person_id)
            .values(unit_id=land.other_unit.id, unit_path=land.other_unit.path)
        )
    assert "阿零" not in listed(Sought((land.unit.path,), 2026), people)


@pytest.mark.parametrize("order", ["name", "missing"])
def test_pages_follow_each_other_without_gap_or_double(land: Land, people: dict[str, Principal], order: str) -> None:
    sought = Sought((land.national.path,), 2026, order=order)
    seen: list[UUID] = []
    after = None
    with reading() as session:
        whole = [one.id for one in queries.people_in(session, sought, limit=99)]
        while True:
            page = queries.people_page(session, sought, after=after, limit=2)
            seen += [one.id for one in page.people]
            if not page.more:
                break
            after = seen[-1]
    assert seen == whole
    assert len(seen) == len(set(seen)) >= 5


def test_an_anchor_out_of_reach_begins_anew(land: Land, people: dict[str, Principal]) -> None:
    sought = Sought((land.unit.path,), 2026)
    with reading() as session:
        page = queries.people_page(session, sought, after=people["外省"].person_id)
    assert page.people[0].name == "阿零"


def test_jobs_walk_through_a_list_by_id(land: Land, people: dict[str, Principal]) -> None:
    sought = Sought((land.unit.path,), 2026, standing="behind")
    with reading() as session:
        first = queries.persons(session, sought, after=None, limit=2)
        rest = queries.persons(session, sought, after=first[-1][0], limit=99)
    found = {person_id: missing for person_id, missing, _ in (*first, *rest)}
    assert found[people["白二十"].person_id] == 3000
    assert people["陈五十"].person_id not in found


def test_a_count_stops_at_its_limit(land: Land, people: dict[str, Principal]) -> None:
    with reading() as session:
        assert queries.count_up_to(session, Sought((land.national.path,), 2026), limit=3) == 3
