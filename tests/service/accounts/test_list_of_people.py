"""The list of people shows everybody of a scope once, in the order of pinyin, whatever the filters and wherever one turns the page."""

import random
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import update

from lms.accounts import queries
from lms.accounts.models import PersonRow
from lms.accounts.queries import Sought
from lms.accounts.service import identity, people, standing
from lms.accounts.service.people import NewPerson
from lms.infra.db import reading, unit_of_work
from tests.conftest import empty_tables
from tests.factories.cadres import NOW, Land, at_work, make_admin, make_facts
from tests.factories.people import make_land

NAMES = (
    "王建国",
    "王建军",
    "单小明",
    "曾重庆",
    "张三",
    "章三",
    "阿依古丽·买买提",
    "𠮷田㐂",
    "Zoë O'Neil",
    "李四",
    "李四",
)


@pytest.fixture
def country(clean: Flask) -> Land:
    return make_land()


def fill(land: Land, names: tuple[str, ...], *, seed: int = 1) -> dict[UUID, str]:
    """People with these names, in either province by turns."""
    admin = make_admin(land.national)
    by, rng = at_work(admin, land.national), random.Random(seed)
    made = {}
    for number, name in enumerate(names):
        facts = make_facts(name, f"139{number:08}", category=rng.choice(["division", "other"]))
        unit = (land.unit, land.other_unit)[number % 2]
        made[people.create(NewPerson(facts, unit.id, ""), by=by, now=NOW)] = name
    return made


def turn(sought: Sought, *, limit: int) -> list[list[UUID]]:
    """All pages, forwards."""
    pages, after = [], None
    while True:
        with reading() as session:
            page = queries.people_page(session, sought, after=after, limit=limit)
        pages.append([one.id for one in page.people])
        assert page.more_before == (after is not None)
        if not page.more_after:
            return pages
        after = page.people[-1].id


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=14), limit=st.integers(1, 5))
def test_pages_hold_everybody_once_and_lead_back_the_same_way(clean: Flask, names: list[str], limit: int) -> None:
    empty_tables()
    land = make_land()
    made = fill(land, tuple(names))
    sought = Sought((land.province.path, land.other_province.path))
    pages = turn(sought, limit=limit)
    flat = [one for page in pages for one in page]
    assert sorted(flat) == sorted(made)
    with reading() as session:
        keys = [session.get_one(PersonRow, one).name_key for one in flat]
        assert keys == sorted(keys, key=str.encode)
        back, before = [pages[-1]], pages[-1][0]
        while True:
            page = queries.people_page(session, sought, before=before, limit=limit)
            if not page.people:
                break
            back.append([one.id for one in page.people])
            before = page.people[0].id
            if not page.more_before:
                break
    assert [one for page in reversed(back) for one in page] == flat


def found(sought: Sought) -> set[str]:
    with reading() as session:
        return {one.name for one in queries.people_page(session, sought, limit=100).people}


FILTERS = {
    "the beginning of a name": ({"text": "王建"}, {"王建国", "王建军"}),
    "a name whose reading depends on what follows": ({"text": "曾重"}, {"曾重庆"}),
    "pinyin": ({"text": "wangjian"}, {"王建国", "王建军"}),
    "pinyin in capitals": ({"text": "WangJianG"}, {"王建国"}),
    "a family name with a reading of its own": ({"text": "shan"}, {"单小明"}),
    "initials": ({"text": "wj"}, {"王建国", "王建军"}),
    "a rare character": ({"text": "𠮷"}, {"𠮷田㐂"}),
    "a name with a dot": ({"text": "阿依古丽·"}, {"阿依古丽·买买提"}),
    "what looks like a pattern": ({"text": "王%"}, set()),
    "quotes": ({"text": "' OR 1=1 --"}, set()),
    "nothing but signs": ({"text": "%_"}, set()),
    "a mobile number": ({"mobile": "13900000004"}, {"张三"}),
    "a part of a mobile number": ({"mobile": "1390000000"}, set()),
}


@pytest.mark.parametrize("case", FILTERS)
def test_people_are_found_by(country: Land, case: str) -> None:
    fill(country, NAMES)
    given_, names = FILTERS[case]
    assert found(Sought((country.national.path,), **given_)) == names


def test_a_scope_shows_its_own_people_and_a_unit_narrows_it(country: Land) -> None:
    fill(country, NAMES)
    own, other = set(NAMES[::2]), set(NAMES[1::2])
    assert found(Sought((country.province.path,))) == own
    assert found(Sought((country.national.path,), path=country.other_unit.path)) == other
    assert found(Sought((country.unit.path,), path=country.national.path)) == own
    assert found(Sought((country.province.path,), path=country.other_unit.path)) == set()
    assert found(Sought(())) == set()


def test_states_and_levels_filter(country: Land) -> None:
    made = fill(country, NAMES)
    admin = make_admin(country.national, "全国管理员")
    by = at_work(admin, country.national)
    one, other, *_rest = made
    standing.disable(one, by=by, reason="离职", now=NOW)
    identity.confirm(other, by=by, reason="查验证件", now=NOW)
    nation = Sought((country.province.path, country.other_province.path))
    assert found(replace(nation, state="disabled")) == {made[one]}
    assert found(replace(nation, identity_level="unit")) == {made[other]}
    with reading() as session:
        waiting = queries.people_page(session, replace(nation, unconfirmed=True), limit=100)
    assert {person.id for person in waiting.people} == set(made) - {one, other}


def test_who_left_is_not_listed(country: Land) -> None:
    made = fill(country, ("张三", "李四"))
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == next(iter(made))).values(closed_at=NOW))
    assert found(Sought((country.province.path, country.other_province.path))) == {"李四"}


def test_a_page_begins_anew_after_somebody_out_of_reach(country: Land) -> None:
    made = fill(country, NAMES)
    foreign = list(made)[1]
    with reading() as session:
        page = queries.people_page(session, Sought((country.province.path,)), after=foreign, limit=3)
    assert not page.more_before
    assert [one.id for one in page.people] == turn(Sought((country.province.path,)), limit=3)[0]
