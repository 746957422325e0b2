"""Requests of people whose unit is not listed wait in a queue of the unions above them and are settled there."""

import pytest
from sqlalchemy import update

from lms.accounts.models import PersonRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from tests.factories.people import NOW, make_person, post
from tests.web.organisations.conftest import Office


@pytest.fixture
def request_id(office: Office) -> object:
    person = make_person(office.city, "钱学敏")
    return service.ask(person.person_id, office.city.id, "<b>曙光厂</b>工会", now=NOW)


def test_it_waits_in_the_queue(office: Office, request_id: object) -> None:
    page = office.admin.get("/staff/unit-requests").text
    assert "&lt;b&gt;曙光厂&lt;/b&gt;工会" in page and "钱学敏" in page and "宁波市总工会" in page
    assert "单位申请" in office.admin.get(f"/staff/units/{office.land.province.id}").text
    assert office.admin.get(f"/staff/unit-requests/{request_id}").status_code == 200


def test_who_has_left_is_named_no_more(office: Office, request_id: object) -> None:
    with unit_of_work() as session:
        far = office.land.other_province
        session.execute(update(PersonRow).where(PersonRow.name == "钱学敏").values(unit_id=far.id, unit_path=far.path))
    page = office.admin.get("/staff/unit-requests").text
    assert "曙光厂" in page and "钱学敏" not in page
    assert "钱学敏" not in office.admin.get(f"/staff/unit-requests/{request_id}").text


def test_in_another_province_it_is_as_if_absent(office: Office) -> None:
    person = make_person(office.land.other_province, "外省人")
    foreign = service.ask(person.person_id, office.land.other_province.id, "长沙厂工会", now=NOW)
    assert "长沙厂" not in office.admin.get("/staff/unit-requests").text
    for request_id in (foreign, ids.new_id()):
        assert office.admin.get(f"/staff/unit-requests/{request_id}").status_code == 404
        for what in ("settlement", "refusal"):
            assert post(office.admin, f"/staff/unit-requests/{request_id}/{what}", {"comment": "x"}).status_code == 404
    with reading() as session:
        assert len(queries.requests(session, (office.land.national.path,))) == 1


def test_it_is_settled_with_a_new_unit_once(office: Office, request_id: object) -> None:
    address = f"/staff/unit-requests/{request_id}/settlement"
    form = {"new": "1", "name": "曙光厂工会", "kind": "unit"}
    assert post(office.admin, address, form).status_code == 303
    assert post(office.admin, address, form).status_code in {409, 422}
    with reading() as session:
        (made,) = queries.children(session, office.city.id)
    assert made.name == "曙光厂工会"
    assert "曙光厂工会" in office.admin.get(f"/staff/unit-requests/{request_id}").text


def test_it_is_settled_with_a_listed_unit(office: Office, request_id: object) -> None:
    listed = service.add_unit(parent_id=office.city.id, name="曙光机械厂工会", kind="unit", reach=EVERYWHERE, now=NOW)
    address = f"/staff/unit-requests/{request_id}/settlement"
    found = post(office.admin, address, {"find": "target_id", "target_query": "曙光"})
    assert found.status_code == 200 and f'value="{listed.id}"' in found.text
    outside = post(office.admin, address, {"target_id": str(office.land.unit.id)})
    assert outside.status_code == 422
    assert post(office.admin, address, {"target_id": str(listed.id)}).status_code == 303


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"new": "1"},
        {"new": "1", "name": "（）", "kind": "unit"},
        {"new": "1", "name": "x", "kind": "city"},
        {"target_id": "x"},
    ],
)
def test_a_wrong_answer_comes_back(office: Office, request_id: object, form: dict[str, str]) -> None:
    assert post(office.admin, f"/staff/unit-requests/{request_id}/settlement", form).status_code == 422
    with reading() as session:
        assert len(queries.requests(session, (office.land.national.path,))) == 1


def test_it_is_declined_with_a_reason(office: Office, request_id: object) -> None:
    address = f"/staff/unit-requests/{request_id}/refusal"
    assert post(office.admin, address, {"comment": " "}).status_code == 422
    assert post(office.admin, address, {"comment": "查无此单位"}).status_code == 303
    assert post(office.admin, address, {"comment": "查无此单位"}).status_code == 409
    assert "查无此单位" in office.admin.get(f"/staff/unit-requests/{request_id}").text
