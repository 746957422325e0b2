"""Nothing is changed by a request that the platform's own pages did not make."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from werkzeug.routing import Rule

from lms.kernel import clock
from lms.web import jsonapi
from tests.factories.accounts import PASSWORD, Account, SignIn, token_on

NOBODY = UUID(int=0)
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
CHECKED_BY_ORIGIN = {
    "accounts_api.open_json_session",
    "learning_api.take_beat",
    "learning_api.answer_presence",
    "learning_api.take_report",
    "learning_api.answer_host_presence",
}
"""Views that check the sender in another way: a sign-in has no session yet, a beacon can carry no header, and what plays a
lecture names it by 128 random bits."""


def writing_rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & WRITES):
            yield rule, method


def address(app: Flask, rule: Rule) -> str:
    with app.test_request_context():
        values = {name: 1 if "Integer" in type(kind).__name__ else NOBODY for name, kind in rule._converters.items()}
        return app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods & WRITES)))


def exempt(app: Flask) -> set[str]:
    views = {name: jsonapi.spec_of(view) for name, view in app.view_functions.items()}
    return {name for name, spec in views.items() if spec is not None and spec.csrf_exempt}


def test_only_reviewed_views_do_without_the_token(app: Flask) -> None:
    assert exempt(app) == CHECKED_BY_ORIGIN


def test_every_other_write_is_refused_without_the_token(
    clean: Flask, sign_in: SignIn, learner_account: Account
) -> None:
    browser = sign_in(learner_account)
    del browser.environ_base["HTTP_X_CSRFTOKEN"]
    tried = 0
    for rule, method in writing_rules(clean):
        if rule.endpoint in CHECKED_BY_ORIGIN:
            continue
        answer = browser.open(address(clean, rule), method=method)
        assert answer.status_code == 400, (method, rule.rule)
        if rule.rule.startswith("/api/"):
            assert answer.json["code"] == "csrf", rule.rule
        tried += 1
    assert tried > 8


@pytest.mark.parametrize("token", ["", "x", "eyJ", "a.b.c", "中文"])
def test_a_made_up_token_is_refused(client: FlaskClient, token: str) -> None:
    client.get("/sign-in")
    assert client.post("/language", data={"csrf_token": token, "locale": "en"}).status_code == 400
    assert "lms_language" not in {cookie.key for cookie in client._cookies.values()}


def test_a_token_of_another_session_is_refused(clean: Flask) -> None:
    mine, theirs = clean.test_client(), clean.test_client()
    mine.get("/sign-in")
    stolen = token_on(theirs, "/sign-in")
    assert mine.post("/language", data={"csrf_token": stolen, "locale": "en"}).status_code == 400


def test_the_api_takes_the_token_from_its_header(sign_in: SignIn, learner_account: Account) -> None:
    browser = sign_in(learner_account)
    right = browser.environ_base.pop("HTTP_X_CSRFTOKEN")
    assert browser.delete("/api/v1/session", headers={"X-CSRFToken": "wrong"}).status_code == 400
    assert browser.get("/api/v1/me/hours").status_code == 200
    assert browser.delete("/api/v1/session", headers={"X-CSRFToken": right}).status_code == 204


def test_the_token_lives_as_long_as_the_session(
    sign_in: SignIn, learner_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(learner_account)
    later = int(clock.now().timestamp()) + 11 * 3600
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: later)
    assert browser.delete("/api/v1/session").status_code == 204


def test_a_refused_form_says_that_the_page_is_too_old(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"username": "zhangsan", "password": PASSWORD})
    assert answer.status_code == 400
    assert "页面已过期" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
    ids=str,
)
def test_another_site_can_sign_nobody_in(
    client: FlaskClient, learner_account: Account, headers: dict[str, str]
) -> None:
    body = {"username": learner_account.username, "password": PASSWORD}
    answer = client.post("/api/v1/session", json=body, headers=headers)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}],
    ids=str,
)
def test_this_site_and_programs_can(client: FlaskClient, learner_account: Account, headers: dict[str, str]) -> None:
    body = {"username": learner_account.username, "password": PASSWORD}
    assert client.post("/api/v1/session", json=body, headers=headers).status_code == 200
