"""Strangers who register get suggestions of units: names only, few at a time, not without end."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.kernel.scope import EVERYWHERE
from lms.organisations import service
from tests.factories.certificates import NOW, Land
from tests.factories.people import csrf_token


def test_names_and_what_stands_above(client: FlaskClient, land: Land) -> None:
    answer = client.get("/api/v1/units?q=某公司")
    assert answer.status_code == 200
    assert answer.json == {
        "units": [{"id": str(land.unit.id), "name": "某某公司工会", "parent": "浙江省总工会"}],
        "more": False,
    }


def test_unions_above_and_never_the_nation(client: FlaskClient, land: Land) -> None:
    above = client.get("/api/v1/units?q=工会&above=1").json
    assert [one["name"] for one in above["units"]] == ["浙江省总工会"]
    assert {one["name"] for one in client.get("/api/v1/units?q=工会").json["units"]} == {"浙江省总工会", "某某公司工会"}


def test_twenty_at_most(client: FlaskClient, land: Land) -> None:
    for number in range(25):
        service.add_unit(parent_id=land.province.id, name=f"第{number}厂工会", kind="unit", reach=EVERYWHERE, now=NOW)
    answer = client.get("/api/v1/units?q=厂").json
    assert (len(answer["units"]), answer["more"]) == (20, True)


@pytest.mark.parametrize(
    "query", ["", "?q=", "?q=%20", "?q=%00", "?q=%25", "?q=%ff%fe", "?q=" + "x" * 3000, "?above=1"]
)
def test_nothing_asked_is_nothing_found(client: FlaskClient, land: Land, query: str) -> None:
    answer = client.get(f"/api/v1/units{query}")
    assert (answer.status_code, answer.json) == (200, {"units": [], "more": False})


def test_an_address_cannot_ask_without_end(clean: Flask, land: Land) -> None:
    client = clean.test_client()
    for _number in range(598):
        service.allow_search("127.0.0.1", per_minute=600)
    assert [client.get("/api/v1/units?q=某").status_code for _number in range(4)] == [200, 200, 429, 429]
    answer = client.post("/register", data={"csrf_token": csrf_token(client), "unit_query": "某", "find": "unit_id"})
    assert answer.status_code == 429
