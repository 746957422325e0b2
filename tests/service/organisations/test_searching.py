"""Units are found by any part of their name, by pinyin, initials and code; strangers see open ones only, each page has an end."""

import pytest
from flask import Flask

from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from lms.organisations.models import UnitImportRow
from lms.organisations.queries import Unit
from tests.factories.certificates import Land
from tests.service.organisations.changes import ACT, NOW, add

CODE = "91110000600037341L"


@pytest.fixture
def firm(land: Land) -> Unit:
    return add(land.province, "杭州晨光精密制造（集团）有限公司工会 No.7", uscc=CODE)


@pytest.mark.parametrize(
    "text",
    ["杭州晨光", "晨光", "精密制造", "制造(集团", "集团有限", "有限公司工会", "no.7", "ｎｏ７", " 晨 光 ", "hangzhouchen", "HZCG",
     CODE.lower()],
)  # fmt: skip
def test_a_unit_is_found_by(clean: Flask, land: Land, firm: Unit, text: str) -> None:
    with reading() as session:
        assert queries.search(session, text, (land.national.path,)) == (firm,)
        assert [one.id for one in queries.suggestions(session, text, kinds=queries.OWN)] == [firm.id]


@pytest.mark.parametrize(
    "text", ["", "  ", "%", "_", "·", "晨亮", "光晨", "密 精", "\x00", "'; --", "chen", "x" * 5000, "\U0010ffff"]
)
def test_nothing_is_found_by(clean: Flask, land: Land, firm: Unit, text: str) -> None:
    with reading() as session:
        assert queries.search(session, text, (land.national.path,)) == ()
        assert queries.suggestions(session, text, kinds=queries.OWN) == ()


def test_a_search_ends_at_the_scopes(clean: Flask, land: Land, firm: Unit) -> None:
    other = service.add_unit(
        parent_id=land.national.id, name="湖南省总工会", kind="province", code="43", reach=EVERYWHERE, now=ACT.now
    )
    with reading() as session:
        assert queries.search(session, "晨光", (land.province.path,)) == (firm,)
        assert queries.search(session, "晨光", (other.path,)) == ()
        assert queries.search(session, "晨光", ()) == ()
        assert queries.search(session, "晨光", (other.path, firm.path)) == (firm,)


def test_an_old_name_finds_nothing(clean: Flask, land: Land, firm: Unit) -> None:
    service.rename(firm.id, "曙光厂工会", ACT)
    with reading() as session:
        assert queries.search(session, "晨光", (land.national.path,)) == ()
        assert [one.id for one in queries.search(session, "曙光", (land.national.path,))] == [firm.id]


def test_pages_hold_everything_once_by_pinyin(clean: Flask, land: Land) -> None:
    names = ["安吉", "北仑", "慈溪", "德清", "洞头", "奉化", "淳安"]
    for name in names:
        add(land.province, f"{name}某厂工会")
    seen: list[str] = []
    after = None
    with reading() as session:
        while page := queries.search(session, "某厂", (land.national.path,), after=after, limit=3):
            seen += [one.name[:2] for one in page]
            after = page[-1].id
    assert seen == ["安吉", "北仑", "淳安", "慈溪", "德清", "洞头", "奉化"]


def test_children_come_in_pages_as_well(clean: Flask, land: Land) -> None:
    for number in range(5):
        add(land.province, f"第{number}厂工会")
    with reading() as session:
        first = queries.children(session, land.province.id, limit=4)
        rest = queries.children(session, land.province.id, after=first[-1].id, limit=4)
    assert len(first) == 4 and len({one.id for one in (*first, *rest)}) == 6


def test_strangers_are_offered_open_units_and_never_the_nation(clean: Flask, land: Land, firm: Unit) -> None:
    service.close(firm.id, ACT)
    with reading() as session:
        assert queries.suggestions(session, "晨光", kinds=queries.OWN) == ()
        assert {one.name for one in queries.suggestions(session, "工会", kinds=queries.OWN)} == {
            land.province.name,
            land.unit.name,
        }
        assert [one.name for one in queries.suggestions(session, "工会", kinds=queries.NEAREST)] == [land.province.name]


def test_what_begins_so_comes_first_then_what_stands_higher(clean: Flask, land: Land) -> None:
    city = add(land.province, "晨光市总工会", "city")
    inner = add(city, "杭州晨光厂工会")
    lower = add(city, "晨光厂工会")
    with reading() as session:
        found = queries.suggestions(session, "晨光", kinds=queries.OWN)
    assert [one.id for one in found] == [city.id, lower.id, inner.id]
    assert [one.parent for one in found] == [land.province.name, city.name, city.name]


def test_a_choice_is_offered_again_only_while_it_may_be_made(clean: Flask, land: Land, firm: Unit) -> None:
    with reading() as session:
        chosen = queries.choices(session, "", firm.id, kinds=queries.OWN)
        assert chosen.chosen and chosen.chosen.id == firm.id and chosen.found == (chosen.chosen,)
        for wrong in (land.national.id, firm.id):
            kinds = queries.NEAREST if wrong == firm.id else queries.OWN
            assert queries.choices(session, "", wrong, kinds=kinds).chosen is None
        assert queries.choices_within(session, "", firm.id, ("/elsewhere/",), kinds=queries.OWN).chosen is None


def test_a_union_is_offered_first_among_very_many_units(clean: Flask, land: Land) -> None:
    """More units fit than are looked at; the union of that name is what people without a listed unit look for."""
    rows = [[number, f"西湖一{number:03}厂工会", "", "", ""] for number in range(2, 252)]
    with unit_of_work() as session:
        values = {"id": ids.new_id(NOW), "unit_id": land.province.id, "actor_id": ids.new_id(NOW), "state": "waiting"}
        session.add(UnitImportRow(**values, file_name="x", sha256="x", rows=rows, read_at=NOW))
    assert service.apply_sheet(values["id"], actor_id=values["actor_id"], reach=EVERYWHERE, now=NOW) == 250
    county = add(land.province, "西湖区总工会", "county")
    with reading() as session:
        for kinds in (queries.OWN, queries.NEAREST):
            assert queries.suggestions(session, "西湖", kinds=kinds)[0].id == county.id
