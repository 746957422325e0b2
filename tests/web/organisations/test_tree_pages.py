"""Administrators browse, search and change the tree within their own unions; to others its pages are as if absent."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.infra.db import reading
from lms.kernel import ids
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from lms.organisations.queries import Unit
from tests.factories.people import NOW, post
from tests.web.conftest import Statements
from tests.web.organisations.conftest import Office

NAUGHTY = [
    "<script>alert(1)</script>工会",
    "阿不都·热合曼公司工会",
    "𠮷祥（集团）有限公司工会",
    "'; DROP TABLE unit; --工会",
    "=cmd|'/c calc'!A1工会",
    "{{ 7*7 }}工会",
    "الاتحاد工会",
    "👨‍👩‍👧工会",
]
CHANGES = ("name", "code", "parent", "merger", "closing", "reopening")


def state_of(unit: Unit) -> Unit:
    with reading() as session:
        return queries.unit(session, unit.id)


def seen_on(client: FlaskClient, address: str) -> str:
    found = re.search(r'name="seen"[^>]*value="([^"]*)"', client.get(address).text)
    assert found
    return found[1]


def change(client: FlaskClient, unit: Unit, what: str, **fields: str) -> TestResponse:
    address = f"/staff/units/{unit.id}/{what}"
    form = {"seen": seen_on(client, address), "effective_on": "2026-10-01", "reason": "文件〔2026〕1号"}
    return post(client, address, form | fields)


def scrubbed(answer: TestResponse) -> str:
    """The page without what differs from request to request: token, request id, the address that was asked."""
    text = answer.text.replace(answer.request.path, "")
    text = re.sub(r'name="csrf_token"[^>]*>', "", text)
    return text.replace(answer.headers["X-Request-Id"], "")


def test_the_list_begins_at_ones_own_unions(office: Office) -> None:
    answer = office.admin.get("/staff/units")
    assert answer.location == f"/staff/units/{office.land.province.id}"
    page = office.admin.get(answer.location).text
    assert "宁波市总工会" in page and "杭州某公司工会" in page
    assert "湖南" not in page


def test_a_search_stays_within_them(office: Office) -> None:
    assert "杭州某公司工会" in office.admin.get("/staff/units?q=公司").text
    assert "长沙某公司工会" not in office.admin.get("/staff/units?q=公司").text
    assert "长沙某公司工会" in office.national_admin.get("/staff/units?q=公司").text
    assert "没有找到" in office.admin.get("/staff/units?q=查无此名").text


@pytest.mark.parametrize("path", ["", "/units/new", *(f"/{what}" for what in CHANGES)])
def test_another_province_is_as_if_absent(office: Office, path: str) -> None:
    foreign = office.admin.get(f"/staff/units/{office.land.other_unit.id}{path}")
    absent = office.admin.get(f"/staff/units/{ids.new_id()}{path}")
    assert foreign.status_code == absent.status_code == 404
    assert scrubbed(foreign) == scrubbed(absent)
    assert office.admin.get(f"/staff/units/{office.land.unit.id}").status_code == 200


@pytest.mark.parametrize("path", ["/units", *(f"/{what}" for what in CHANGES)])
def test_another_province_is_not_changed(office: Office, path: str) -> None:
    other = office.land.other_unit
    form = {"name": "夺来的", "kind": "unit", "reason": "x", "effective_on": "2026-01-01", "seen": ""}
    form["target_id"] = str(office.land.province.id)
    for unit_id in (other.id, office.land.other_province.id, ids.new_id()):
        assert post(office.admin, f"/staff/units/{unit_id}{path}", form).status_code == 404
    assert state_of(other) == other


def test_learners_have_no_such_pages(office: Office) -> None:
    unit = office.land.unit
    for address in ("/staff/units", f"/staff/units/{unit.id}", f"/staff/units/{unit.id}/name", "/staff/unit-requests"):
        assert office.learner.get(address).status_code == 403
    assert post(office.learner, f"/staff/units/{unit.id}/name", {"name": "x"}).status_code == 403


@pytest.mark.parametrize("name", NAUGHTY)
def test_any_name_is_stored_as_given_and_shown_escaped(office: Office, name: str) -> None:
    parent = office.land.province
    answer = post(office.admin, f"/staff/units/{parent.id}/units", {"name": name, "kind": "unit"})
    assert answer.status_code == 303, answer.text
    page = office.admin.get(answer.location).text
    with reading() as session:
        kept = {one.name for one in queries.children(session, parent.id)}
    assert name.replace("\u200d", "") in kept  # joiners draw nothing and could make two names look alike
    assert "<script>alert" not in page and "49工会" not in page
    assert "变更记录" in page


def test_a_unit_is_founded_once_by_two_clicks(office: Office) -> None:
    form = {"name": "晨光厂工会", "kind": "unit", "uscc": "91110000600037341l"}
    address = f"/staff/units/{office.city.id}/units"
    assert post(office.admin, address, form).status_code == 303
    again = post(office.admin, address, form)
    assert again.status_code == 422
    assert "同名" in again.text
    with reading() as session:
        (made,) = queries.children(session, office.city.id)
    assert made.uscc == "91110000600037341L"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "请填写此项"),
        ({"name": "（）"}, "1 至 120 个字"),
        ({"kind": "province"}, "Not a valid choice"),
        ({"kind": ""}, ""),
        ({"uscc": "91110000600037341X"}, "校验位"),
        ({"uscc": "4.4E+17"}, "18 位"),
    ],
)
def test_a_wrong_new_unit_comes_back(office: Office, fields: dict[str, str], message: str) -> None:
    form = {"name": "晨光厂工会", "kind": "unit"} | fields
    answer = post(office.admin, f"/staff/units/{office.city.id}/units", form)
    assert answer.status_code == 422
    if not message.isascii():
        assert message in answer.text
    with reading() as session:
        assert queries.children(session, office.city.id) == ()


def test_each_change_goes_through_its_page(office: Office) -> None:
    unit, city = office.land.unit, office.city
    assert change(office.admin, unit, "name", name="晨光厂工会").status_code == 303
    assert change(office.admin, unit, "code", uscc="91110000600037341L").status_code == 303
    assert change(office.admin, unit, "parent", target_id=str(city.id)).status_code == 303
    now = state_of(unit)
    assert (now.name, now.uscc, now.parent_id) == ("晨光厂工会", "91110000600037341L", city.id)
    page = office.admin.get(f"/staff/units/{unit.id}").text
    assert "杭州某公司工会 → 晨光厂工会" in page and "文件〔2026〕1号" in page and "省管理员" in page


def test_closing_and_opening_again(office: Office) -> None:
    assert change(office.admin, office.city, "closing").status_code == 303
    assert state_of(office.city).state == "closed"
    assert change(office.admin, office.city, "reopening").status_code == 303
    assert state_of(office.city).state == "open"


def test_a_merger_names_where_it_went(office: Office) -> None:
    other = service.add_unit(parent_id=office.city.id, name="晨光厂工会", kind="unit", reach=EVERYWHERE, now=NOW)
    assert change(office.admin, office.land.unit, "merger", target_id=str(other.id)).status_code == 303
    page = office.admin.get(f"/staff/units/{office.land.unit.id}").text
    assert "本单位已并入：晨光厂工会" in page
    assert state_of(office.land.unit).merged_into == other.id


def test_nothing_is_taken_to_another_province(office: Office) -> None:
    for what in ("parent", "merger"):
        answer = change(office.admin, office.land.unit, what, target_id=str(office.land.other_province.id))
        assert answer.status_code == 422
        assert "湖南" not in answer.text
    assert state_of(office.land.unit) == office.land.unit


def test_ones_own_topmost_union_is_not_moved_merged_or_closed(office: Office) -> None:
    province = office.land.province
    for what in ("parent", "merger", "closing"):
        assert office.admin.get(f"/staff/units/{province.id}/{what}").status_code == 403
        assert post(office.admin, f"/staff/units/{province.id}/{what}", {"reason": "x"}).status_code == 403
    assert change(office.admin, province, "name", name="浙江总工会").status_code == 303


def test_the_place_is_found_by_the_server(office: Office) -> None:
    address = f"/staff/units/{office.land.unit.id}/parent"
    answer = post(office.admin, address, {"find": "target_id", "target_query": "宁波"})
    assert answer.status_code == 200
    assert f'value="{office.city.id}"' in answer.text
    assert "请写明理由" not in answer.text


def test_what_a_change_touches_is_told(office: Office) -> None:
    page = office.national_admin.get(f"/staff/units/{office.land.province.id}/parent").text
    assert re.search(r"涉及下级单位</dt><dd[^>]*>2 个", page)
    assert re.search(r"涉及人员</dt><dd[^>]*>2 人", page)


def test_a_second_click_meets_a_changed_unit(office: Office) -> None:
    address = f"/staff/units/{office.city.id}/closing"
    form = {"seen": seen_on(office.admin, address), "effective_on": "2026-10-01", "reason": "x"}
    assert post(office.admin, address, form).status_code == 303
    assert post(office.admin, address, form).status_code == 409
    with reading() as session:
        assert len(queries.changes(session, office.city.id)) == 2


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"reason": ""}, 422), ({"effective_on": "2099-01-01"}, 422), ({"effective_on": "x"}, 422), ({"seen": "x"}, 409)],
)
def test_a_change_needs_a_day_a_reason_and_a_fresh_page(office: Office, fields: dict[str, str], status: int) -> None:
    assert change(office.admin, office.city, "closing", **fields).status_code == status
    assert state_of(office.city).state == "open"


@pytest.mark.parametrize(
    "address", ["/staff/units?after=x", "/staff/units?q=a&after=1", "/staff/unit-requests?after=%00"]
)
def test_a_made_up_page_is_absent(office: Office, address: str) -> None:
    assert office.admin.get(address).status_code in {303, 404}


def test_pages_ask_the_same_few_statements_of_many_units(office: Office, statements: Statements) -> None:
    def count(address: str) -> int:
        with statements() as seen:
            assert office.national_admin.get(address).status_code == 200
        return len(seen)

    addresses = [f"/staff/units/{office.city.id}", "/staff/units?q=工会"]
    before = [count(address) for address in addresses]
    for number in range(60):
        service.add_unit(parent_id=office.city.id, name=f"第{number}厂工会", kind="unit", reach=EVERYWHERE, now=NOW)
    assert [count(address) for address in addresses] == before
    page = office.national_admin.get(addresses[0]).text
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    assert "回到第一页" in office.national_admin.get(following[1].replace("&amp;", "&")).text


def test_where_a_list_goes_on_tells_nothing_of_other_unions(office: Office) -> None:
    for address in ("/staff/units?q=工会", f"/staff/units/{office.land.province.id}?x=1"):
        foreign, absent = (
            office.admin.get(f"{address}&after={unit_id}")
            for unit_id in (office.land.other_unit.id, ids.new_secret_id())
        )
        assert (foreign.status_code, absent.status_code) == (404, 404)


def test_who_changed_a_unit_is_named_to_those_who_reach_them(office: Office) -> None:
    unit = office.land.unit
    for client, name in ((office.national_admin, "甲公司工会"), (office.admin, "乙公司工会")):
        assert change(client, unit, "name", name=name).status_code == 303
    address = f"/staff/units/{unit.id}"
    assert "省管理员" in office.admin.get(address).text
    above, below = (client.get(address).text for client in (office.national_admin, office.admin))
    assert above.count("全国管理员") > below.count("全国管理员") == 0
    assert "其他工会的管理员" in below and "其他工会的管理员" not in above
