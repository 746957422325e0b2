"""An ID number that somebody searches for makes no address: neither a page's links nor the way back after signing in."""

import logging
import sys
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.accounts.views.sign_in import inside
from lms.infra.gunicorn_config import WithoutNumbers
from tests.factories.accounts import token_on
from tests.factories.cadres import make_admin
from tests.factories.people import make_land, make_person, post, signed_in
from tests.factories.qualification import id_number_of

NUMBER = id_number_of(1)
SPACED = f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"


@pytest.mark.parametrize("number", [NUMBER, SPACED, f"张某{NUMBER}"])
@pytest.mark.parametrize(
    "path", ["/staff/units?q={}", "/staff/banks/X/items/new?point={}", "/courses?x={}", "/sign-in?next=/a?q={}"]
)
def test_the_address_is_refused(client: FlaskClient, path: str, number: str) -> None:
    answer = client.get(path.format(number))
    assert answer.status_code == 422 and "Location" not in answer.headers
    assert NUMBER not in answer.text and SPACED not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer", "or its bundles and links would be asked for with it"


@pytest.mark.parametrize(
    "path", [f"/courses?x=1&x={NUMBER}", f"/courses?{NUMBER}=1", f"/staff/banks/{NUMBER}/import", f"/a/{NUMBER}"]
)
def test_nor_in_a_second_value_a_name_or_the_path(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 422 and NUMBER not in answer.text and "Location" not in answer.headers


def test_the_way_back_after_signing_in_leaves_it_out(client: FlaskClient) -> None:
    there = {"Referer": f"http://localhost/staff/units?q={SPACED.replace(' ', '+')}&page=2"}
    token = token_on(client, "/sign-in")
    answer = client.post("/me/closing", data={"csrf_token": token}, headers=there)
    assert answer.status_code == 303 and answer.location == "/sign-in?next=/staff/units"


def test_whoever_gives_roles_gets_no_such_address(clean: Flask) -> None:
    land = make_land()
    browser, person = signed_in(clean, make_admin(land.national)), make_person(land.unit)
    fields = {"find": "1", "username": person.username or "", "unit_name": "杭州"}
    assert post(browser, "/staff/roles", fields).status_code == 303
    assert post(browser, "/staff/roles", fields | {"unit_name": SPACED}).status_code == 200


def test_programs_are_told(client: FlaskClient) -> None:
    answer = client.get(f"/api/v1/units?q={NUMBER}")
    assert (answer.status_code, answer.json["code"]) == (422, "number_in_address") and NUMBER not in answer.text


def test_names_codes_and_ids_pass(clean: Flask) -> None:
    browser = signed_in(clean, make_admin(make_land().national))
    for value in ("上海 2018-2021", "91110000100017643K", "11010119-9003-4076-8634-110101199003", "13812345678"):
        assert browser.get("/staff/units", query_string={"q": value}).status_code != 422, value


def test_what_gunicorn_says_of_a_request_holds_none() -> None:
    record = logging.LogRecord(
        "gunicorn.error", 30, "", 0, "Invalid request from ip=%s: %s", ("10.1.2.3", f"GET /?q=å{NUMBER}"), None
    )
    assert WithoutNumbers().filter(record)
    assert record.getMessage() == "Invalid request from ip=10.1.2.3: GET /…"
    assert any(isinstance(one, WithoutNumbers) for one in logging.getLogger("gunicorn.error").filters)


@pytest.mark.parametrize(
    "asked",
    [
        f"/a/{NUMBER}",
        f"/a/{quote(SPACED)}",
        f"/courses?q={quote(SPACED)}",
        "/courses?q=" + quote("１１０１０５" + NUMBER),
    ],
)
def test_what_gunicorn_says_of_a_request_that_failed_holds_none(asked: str) -> None:
    record = logging.LogRecord("gunicorn.error", 40, "", 0, "Error handling request %s", (asked,), None)
    assert WithoutNumbers().filter(record)
    assert record.getMessage() == "Error handling request …"


@pytest.mark.parametrize("between", [r"\t", r"\xa0", "ã\\x80\\x80", "' '", "-"])
def test_what_gunicorn_quotes_of_a_request_goes_as_a_whole(between: str) -> None:
    line = f"'GET /{NUMBER[:6]}{between}{NUMBER[6:14]}{between}{NUMBER[14:]}'"
    record = logging.LogRecord(
        "gunicorn.error",
        30,
        "",
        0,
        "Invalid request from ip=%s: %s",
        ("::1", f"Invalid HTTP request line: {line}"),
        None,
    )
    assert WithoutNumbers().filter(record)
    assert record.getMessage() == "Invalid request from ip=::1: Invalid HTTP request line: …"


def test_where_it_listens_is_told() -> None:
    record = logging.LogRecord("gunicorn.error", 40, "", 0, "Connection in use: %s", (("127.0.0.1", 8000),), None)
    assert WithoutNumbers().filter(record)
    assert record.getMessage() == "Connection in use: ('127.0.0.1', 8000)"


def test_the_way_back_holds_no_number_of_the_page_that_sent(client: FlaskClient) -> None:
    token = token_on(client, "/sign-in")
    for path, back in ((f"/verify/{NUMBER}", "/"), ("/courses", "/courses")):
        answer = client.post("/sign-out", data={"csrf_token": token}, headers={"Referer": f"http://localhost{path}"})
        assert NUMBER not in answer.headers["Location"] and answer.headers["Location"].endswith(f"next={back}")


def test_what_gunicorn_quotes_of_a_fault_holds_none() -> None:
    try:
        raise ValueError(f"bad value {NUMBER}")
    except ValueError:
        record = logging.LogRecord("gunicorn.error", 40, "", 0, "Error", (), sys.exc_info())
    assert WithoutNumbers().filter(record)
    told = logging.Formatter().format(record)
    assert "bad value ***" in told and NUMBER not in told


@pytest.mark.parametrize("target", [f"/courses?q={NUMBER}", f"/courses?q={quote(SPACED)}", f"/a/{quote(NUMBER)}"])
def test_the_way_on_after_signing_in_holds_none(clean: Flask, target: str) -> None:
    browser = signed_in(clean, make_person(make_land().unit, "学员"))
    answer = browser.get("/sign-in", query_string={"next": target})
    assert answer.status_code == 422 or answer.headers["Location"] == "/"
    with clean.test_request_context():
        assert inside(target) == "/"
        assert inside("/courses?q=%E5%B7%A5%E4%BC%9A") == "/courses?q=%E5%B7%A5%E4%BC%9A"
