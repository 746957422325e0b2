"""Who registers finds their unit by a part of its name, without scripts too, or names the nearest union when it is not listed."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.accounts import queries as accounts
from lms.accounts.models import PersonRow
from lms.infra.db import reading
from lms.kernel.scope import EVERYWHERE
from lms.organisations import queries, service
from lms.organisations.queries import Unit
from tests.factories.certificates import NOW, Land
from tests.factories.people import post
from tests.web.test_registration import form

__all__ = ["form"]


def people() -> list[object]:
    with reading() as session:
        return list(session.execute(select(PersonRow.unit_id, PersonRow.unit_path)))


def offered(page: str, field: str) -> list[str]:
    """The ids that a page offers for a field, without the empty row that scripts copy."""
    page = re.sub(r"<template.*?</template>", "", page, flags=re.DOTALL)
    return re.findall(rf'name="{field}" value="([^"]+)"', page)


@pytest.fixture
def unlisted(form: dict[str, str], land: Land) -> dict[str, str]:
    """A form in which the unit is not listed."""
    return form | {"unit_id": "", "unlisted": "y", "unlisted_name": "曙光厂 工会", "parent_id": str(land.province.id)}


def test_the_page_lists_nothing_before_it_is_asked(client: FlaskClient, land: Land) -> None:
    page = client.get("/register").text
    assert offered(page, "unit_id") == offered(page, "parent_id") == []
    assert land.unit.name not in page


def test_the_server_lists_what_fits_and_keeps_what_was_typed(
    client: FlaskClient, land: Land, form: dict[str, str]
) -> None:
    answer = client.post("/register", data=form | {"unit_id": "", "unit_query": "某公司", "find": "unit_id"})
    assert answer.status_code == 200
    assert offered(answer.text, "unit_id") == [str(land.unit.id)]
    assert 'value="王 小明"' in answer.text and 'value="某公司"' in answer.text
    assert "form-error" not in answer.text
    assert people() == []


def test_the_nearest_union_is_found_the_same_way(client: FlaskClient, land: Land, form: dict[str, str]) -> None:
    answer = client.post("/register", data=form | {"unlisted": "y", "parent_query": "工会", "find": "parent_id"})
    assert offered(answer.text, "parent_id") == [str(land.province.id)]
    assert re.search(r'id="unlisted"[^>]*checked|checked[^>]*id="unlisted"', answer.text)


def test_what_was_chosen_stays_chosen(client: FlaskClient, land: Land, form: dict[str, str]) -> None:
    page = client.post("/register", data=form | {"mobile": "1"}).text
    assert re.search(rf'value="{land.unit.id}" checked', page)


def test_a_name_typed_but_not_chosen_is_asked_for(client: FlaskClient, land: Land, form: dict[str, str]) -> None:
    answer = client.post("/register", data=form | {"unit_id": "", "unit_query": "某公司"})
    assert answer.status_code == 422
    assert 'id="unit_id-error"' in answer.text
    assert offered(answer.text, "unit_id") == [str(land.unit.id)]


def test_an_official_of_a_union_belongs_to_it(client: FlaskClient, land: Land, form: dict[str, str]) -> None:
    assert client.post("/register", data=form | {"unit_id": str(land.province.id)}).status_code == 303
    assert people() == [(land.province.id, land.province.path)]


def test_a_closed_or_merged_unit_is_nobodys(client: FlaskClient, land: Land, form: dict[str, str]) -> None:
    service.close(land.unit.id, service.Act(None, "x", NOW, reach=EVERYWHERE))
    answer = client.post("/register", data=form)
    assert answer.status_code == 422 and 'id="unit_id-error"' in answer.text
    assert people() == []


def test_an_unlisted_unit_makes_a_request(client: FlaskClient, land: Land, unlisted: dict[str, str]) -> None:
    assert client.post("/register", data=unlisted).status_code == 303
    assert people() == [(land.province.id, land.province.path)]
    with reading() as session:
        (request,) = queries.requests(session, (land.national.path,))
        person = accounts.person_of_username(session, "wangxm")
    assert (request.name, request.person_id, request.parent_id) == ("曙光厂 工会", person.id, land.province.id)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("unlisted_name", ""),
        ("unlisted_name", "　"),
        ("unlisted_name", "（）"),
        ("unlisted_name", "长" * 121),
        ("parent_id", ""),
        ("parent_id", "x"),
        ("parent_id", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_an_incomplete_answer_comes_back(
    client: FlaskClient, land: Land, unlisted: dict[str, str], field: str, value: str
) -> None:
    answer = client.post("/register", data=unlisted | {field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert people() == []


def test_neither_the_nation_nor_a_unit_is_the_nearest_union(
    client: FlaskClient, land: Land, unlisted: dict[str, str]
) -> None:
    for wrong in (land.national, land.unit):
        answer = client.post("/register", data=unlisted | {"parent_id": str(wrong.id)})
        assert answer.status_code == 422 and 'id="parent_id-error"' in answer.text
    assert people() == []


def test_a_taken_user_name_leaves_no_request(client: FlaskClient, land: Land, unlisted: dict[str, str]) -> None:
    assert client.post("/register", data=unlisted).status_code == 303
    post(client, "/sign-out")
    assert client.post("/register", data=unlisted | {"username": "WANGXM"}).status_code != 303
    with reading() as session:
        assert len(queries.requests(session, (land.national.path,))) == 1


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>工会", "阿不都·热合曼工会", "𠮷祥工会", "'; DROP TABLE unit--工会"]
)
def test_any_name_is_stored_as_given(client: FlaskClient, land: Land, unlisted: dict[str, str], name: str) -> None:
    wrong = client.post("/register", data=unlisted | {"unlisted_name": name, "mobile": "1"})
    assert wrong.status_code == 422 and "<script>alert" not in wrong.text
    assert client.post("/register", data=unlisted | {"unlisted_name": name}).status_code == 303
    with reading() as session:
        assert queries.requests(session, (land.national.path,))[0].name == name


def test_the_unit_may_be_found_among_many(client: FlaskClient, land: Land, form: dict[str, str]) -> None:
    units: list[Unit] = [
        service.add_unit(
            parent_id=land.province.id, name=f"杭州第{number}厂工会", kind="unit", reach=EVERYWHERE, now=NOW
        )
        for number in range(25)
    ]
    page = client.post("/register", data=form | {"unit_query": "杭州第2", "find": "unit_id"}).text
    listed = offered(page, "unit_id")
    assert str(units[2].id) in listed and str(units[3].id) not in listed
    assert listed[0] == str(land.unit.id), "what is chosen stands first though it no longer fits"
