"""`/api/v1/session` as the contract describes it."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.access.domain import roles
from tests.factories.accounts import PASSWORD, Account, MakeAccount, SignIn


def enter(client: FlaskClient, username: object, password: object = PASSWORD, **more: object) -> TestResponse:
    return client.post("/api/v1/session", json={"username": username, "password": password} | more)


def refused(answer: TestResponse, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(answer.json)
    assert (answer.json["status"], answer.json["code"]) == (status, code)
    assert "_user_id" not in answer.headers.get("Set-Cookie", "")


def test_a_right_password_opens_a_session(client: FlaskClient, learner_account: Account) -> None:
    answer = enter(client, "zhangsan")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert set(answer.json) == {"csrf_token", "user"}
    user = answer.json["user"]
    assert UUID(user["id"]) == learner_account.person_id
    assert (user["username"], user["name"], user["roles"]) == ("zhangsan", "张三", ["learner"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/api/v1/me/hours").status_code == 200


def test_the_answers_token_serves_the_next_write(client: FlaskClient, learner_account: Account) -> None:
    token = enter(client, "zhangsan").json["csrf_token"]
    answer = client.delete("/api/v1/session", headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.data) == (204, b"")
    refused(client.get("/api/v1/me/hours"), 401, "sign_in_needed")
    assert learner_account.open_sessions() == 0


def test_signing_out_without_a_session_is_refused(
    client: FlaskClient, sign_in: SignIn, learner_account: Account
) -> None:
    browser = sign_in(learner_account)
    assert browser.delete("/api/v1/session").status_code == 204
    assert browser.delete("/api/v1/session").status_code in {400, 401}


@pytest.mark.parametrize(("username", "password"), [("zhangsan", "wrong"), ("nobody99", PASSWORD), ("nobody99", "x")])
def test_a_wrong_name_or_password_is_401(
    client: FlaskClient, learner_account: Account, username: str, password: str
) -> None:
    refused(enter(client, username, password), 401, "wrong_credentials")


def test_known_and_unknown_names_get_the_same_answer(client: FlaskClient, learner_account: Account) -> None:
    known, unknown = enter(client, "zhangsan", "wrong").json, enter(client, "nobody99", "wrong").json
    known.pop("request_id"), unknown.pop("request_id")
    assert known == unknown


@pytest.mark.parametrize("name", ["zhangsan", "nobody99"])
def test_after_five_wrong_tries_the_name_is_locked(client: FlaskClient, learner_account: Account, name: str) -> None:
    for _ in range(5):
        refused(enter(client, name, "wrong"), 401, "wrong_credentials")
    refused(enter(client, name), 423, "name_locked")
    refused(enter(client, name.upper()), 423, "name_locked")


def test_one_address_cannot_try_without_end(
    client: FlaskClient, learner_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.accounts.service.passwords.verify", lambda _hash, password: password == PASSWORD)
    for number in range(60):
        refused(enter(client, f"nobody{number}", "wrong"), 401, "wrong_credentials")
    refused(enter(client, "zhangsan"), 429, "address_limited")


def test_a_role_needs_its_code(client: FlaskClient, make_account: MakeAccount) -> None:
    reviewer = make_account("shenhe01", role=roles.NATIONAL_REVIEWER)
    refused(enter(client, "shenhe01"), 401, "code_needed")
    refused(enter(client, "shenhe01", code=""), 401, "code_needed")
    wrong = "000000" if reviewer.code() != "000000" else "000001"
    refused(enter(client, "shenhe01", code=wrong), 401, "wrong_credentials")
    answer = enter(client, "shenhe01", code=reviewer.code())
    assert answer.status_code == 200
    assert answer.json["user"]["roles"] == ["national_reviewer"]


def test_a_wrong_password_says_nothing_of_the_code(client: FlaskClient, make_account: MakeAccount) -> None:
    reviewer = make_account("shenhe01", role=roles.NATIONAL_REVIEWER)
    refused(enter(client, "shenhe01", "wrong"), 401, "wrong_credentials")
    refused(enter(client, "shenhe01", "wrong", code=reviewer.code()), 401, "wrong_credentials")


def test_a_role_without_a_second_factor_enters_and_can_only_set_one_up(
    client: FlaskClient, make_account: MakeAccount
) -> None:
    make_account("shenhe01", role=roles.CLASS_MANAGER, totp=False)
    answer = enter(client, "shenhe01")
    assert (answer.status_code, answer.json["user"]["duty"]) == (200, "second_factor")
    refused(client.get("/api/v1/me/hours"), 403, "duty")
    assert client.get("/api/v1/me/hours").json["duty"] == "second_factor"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": "x"}, "$"),
        ({"username": "x"}, "$"),
        ({"username": "", "password": "x"}, "$.username"),
        ({"username": "x" * 41, "password": "x"}, "$.username"),
        ({"username": "x", "password": ""}, "$.password"),
        ({"username": "x", "password": "x" * 129}, "$.password"),
        ({"username": "x", "password": "x", "code": "x" * 21}, "$.code"),
        ({"username": None, "password": "x"}, "$.username"),
        ({"username": ["x"], "password": "x"}, "$.username"),
        ([], "$"),
    ],
    ids=str,
)
def test_a_wrong_body_is_422_and_names_the_field(client: FlaskClient, body: object, field: str) -> None:
    answer = client.post("/api/v1/session", json=body)
    refused(answer, 422, "invalid")
    assert list(answer.json["errors"]) == [field]


@pytest.mark.parametrize("password", ["\x00", "密码" * 60, "a\u202eb", "\U0001f600" * 20], ids=ascii)
def test_strange_characters_are_only_a_wrong_password(
    client: FlaskClient, learner_account: Account, password: str
) -> None:
    refused(enter(client, "zhangsan", password), 401, "wrong_credentials")


@pytest.mark.parametrize(
    "username", ["\x00", "张三", "'; DROP TABLE person;--", "\U0001f600", "a\u202eb", "İ"], ids=ascii
)
def test_strange_names_are_only_unknown_names(client: FlaskClient, learner_account: Account, username: str) -> None:
    answer = enter(client, username)
    assert answer.status_code in {401, 422}, answer.text
    assert answer.mimetype == "application/problem+json"
