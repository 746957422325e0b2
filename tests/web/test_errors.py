"""What people and programs are told when something goes wrong."""

import sqlite3

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from lms.kernel.errors import DomainError, Gone, Locked
from tests.factories.accounts import Account, SignIn, token_on

SECRET = "secret of the inside"


def break_down(*_args: object, **_kwargs: object) -> None:
    raise RuntimeError(SECRET)


@pytest.fixture
def broken(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A browser of a platform whose catalogue and OpenAPI document fail."""
    monkeypatch.setitem(clean.view_functions, "portal_learner.courses", break_down)
    monkeypatch.setitem(clean.view_functions, "portal_api.openapi", break_down)
    return clean.test_client()


def is_problem(answer: TestResponse, status: int) -> None:
    """Checks the members that RFC 9457 and the contract ask for."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["type"].startswith("/problems/")
    assert answer.json["title"] and answer.json["detail"]
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def is_page(answer: TestResponse, status: int) -> None:
    """Checks that a person gets a whole page with the request's id on it."""
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert "</html>" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert f">{status}<" in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/courses/nowhere", "/classes/not-a-uuid", "/%ff", "/verify/%00"])
def test_an_unknown_address_gives_a_page(client: FlaskClient, path: str) -> None:
    is_page(client.get(path), 404)


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/nowhere", "/api/v1/lectures/7/progress"])
def test_an_unknown_address_of_the_api_gives_a_problem(client: FlaskClient, path: str) -> None:
    is_problem(client.get(path), 404)


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    page = client.post("/courses")
    is_page(page, 405)
    problem = client.put("/api/v1/session", json={})
    is_problem(problem, 405)
    assert set(problem.headers["Allow"].split(", ")) >= {"DELETE", "POST"}


def test_a_fault_gives_a_page_that_says_nothing_of_the_inside(broken: FlaskClient) -> None:
    answer = broken.get("/courses")
    is_page(answer, 500)
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text and "RuntimeError" not in answer.text and ".py" not in answer.text


def test_a_fault_of_the_api_gives_a_problem_that_says_nothing_of_the_inside(broken: FlaskClient) -> None:
    answer = broken.get("/api/v1/openapi.json")
    is_problem(answer, 500)
    assert answer.json["code"] == "internal"
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text and "RuntimeError" not in answer.text and ".py" not in answer.text


def test_a_fault_while_somebody_is_signed_in_gives_the_same_page(
    clean: Flask, sign_in: SignIn, learner_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(learner_account)
    monkeypatch.setitem(clean.view_functions, "portal_learner.courses", break_down)
    answer = browser.get("/courses")
    is_page(answer, 500)
    assert SECRET not in answer.text


def test_a_database_that_is_busy_asks_to_come_again(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY

    def wait_in_vain() -> None:
        raise OperationalError("UPDATE", {}, locked)

    monkeypatch.setitem(clean.view_functions, "portal_learner.courses", wait_in_vain)
    monkeypatch.setitem(clean.view_functions, "portal_api.openapi", wait_in_vain)
    page, problem = (clean.test_client().get(path) for path in ("/courses", "/api/v1/openapi.json"))
    is_page(page, 503)
    assert "刚才的操作没有执行，此前已保存的内容都在" in page.text and "locked" not in page.text
    is_problem(problem, 503)
    assert problem.json["code"] == "busy"
    assert page.headers["Retry-After"] == problem.headers["Retry-After"] == "2"


@pytest.mark.parametrize("error", [Gone("课程已撤下"), Locked, DomainError], ids=str)
def test_a_refusal_keeps_its_status(clean: Flask, monkeypatch: pytest.MonkeyPatch, error: DomainError) -> None:
    def refuse() -> None:
        raise error

    monkeypatch.setitem(clean.view_functions, "portal_learner.courses", refuse)
    monkeypatch.setitem(clean.view_functions, "portal_api.openapi", refuse)
    is_page(clean.test_client().get("/courses"), error.status)
    problem = clean.test_client().get("/api/v1/openapi.json")
    is_problem(problem, error.status)
    assert problem.json["code"] == error.code


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 422),
        ("", "application/json", 422),
        ("[]", "application/json", 422),
        ("null", "application/json", 422),
        ('{"username": 7, "password": "x"}', "application/json", 422),
        ('{"username": "x"}', "application/json", 422),
        (b'{"username": "\xff", "password": "x"}', "application/json", 422),
        ("[" * 100_000, "application/json", 422),
        ("username=x&password=y", "application/x-www-form-urlencoded", 415),
        ("{}", None, 415),
    ],
)
def test_a_body_that_is_not_the_expected_json_is_refused(
    client: FlaskClient, body: str | bytes, content_type: str | None, status: int
) -> None:
    answer = client.post("/api/v1/session", data=body, content_type=content_type)
    is_problem(answer, status)


def test_a_wrong_field_is_named(client: FlaskClient) -> None:
    answer = client.post("/api/v1/session", json={"username": "x", "password": 7})
    assert list(answer.json["errors"]) == ["$.password"]


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/v1/session", data=b" " * (3 * 1024**2), content_type="application/json")
    is_problem(answer, 413)
    page = client.post("/sign-in", data={"username": "x" * (3 * 1024**2)})
    is_page(page, 413)


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(client: FlaskClient) -> None:
    answer = client.get("/me/hours?year=2026")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/me/hours?year%3D2026"
    is_problem(client.get("/api/v1/me/hours"), 401)


def test_who_may_not_is_told_so(sign_in: SignIn, learner_account: Account) -> None:
    is_page(sign_in(learner_account).get("/staff/"), 403)


def test_each_request_has_an_id_of_its_own(client: FlaskClient) -> None:
    ids = {client.get(path).headers["X-Request-ID"] for path in ("/", "/", "/nowhere", "/healthz")}
    assert len(ids) == 4
    answer = client.get("/healthz", headers={"X-Request-ID": "made-up"})
    assert answer.headers["X-Request-ID"] != "made-up"


@pytest.mark.parametrize("path", ["/sign-in", "/verify/number"])
def test_a_character_that_no_database_keeps_is_no_fault_of_ours(client: FlaskClient, path: str) -> None:
    form = {"csrf_token": token_on(client, "/sign-in"), "username": "a\x00b", "password": "x", "name": "\x00"}
    answer = client.post(path, data=form | {"number": "33-2026-SG-000001-0\x00"})
    assert 400 <= answer.status_code < 500
