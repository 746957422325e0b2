"""Every answer carries the headers that keep a browser safe; cookies are marked as the settings say."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms import settings as settings_module
from lms.app import create_app
from lms.infra import crypto, db, storage
from lms.settings import Settings
from tests.factories.accounts import PASSWORD, Account, SignIn, token_on


def policy_of(answer: TestResponse) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {part[0]: part[1:] for part in parts}


def is_safe(answer: TestResponse) -> None:
    policy = policy_of(answer)
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    weak = {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "http:", "https:"}
    assert not weak & {source for sources in policy.values() for source in sources}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Request-ID"]


Ask = Callable[[FlaskClient], TestResponse]
ANSWERS: dict[str, Ask] = {
    "page": lambda client: client.get("/"),
    "form": lambda client: client.get("/sign-in"),
    "refused form": lambda client: client.post("/sign-in", data={"csrf_token": token_on(client, "/sign-in")}),
    "no token": lambda client: client.post("/sign-in"),
    "redirect": lambda client: client.post("/language", data={"csrf_token": token_on(client, "/sign-in")}),
    "sign-in needed": lambda client: client.get("/me/hours"),
    "unknown address": lambda client: client.get("/nowhere"),
    "wrong method": lambda client: client.post("/courses"),
    "missing slash": lambda client: client.get("/staff"),
    "too large": lambda client: client.post("/sign-in", data={"username": "x" * (3 * 1024**2)}),
    "json": lambda client: client.get("/healthz"),
    "document": lambda client: client.get("/api/v1/openapi.json"),
    "problem": lambda client: client.get("/api/v1/nowhere"),
    "refused json": lambda client: client.post("/api/v1/session", json={"username": "a", "password": "b"}),
    "film without a grant": lambda client: client.get("/media/00000000-0000-0000-0000-000000000000/master.m3u8"),
    "options": lambda client: client.options("/"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_kind_of_answer_is_safe(client: FlaskClient, kind: str) -> None:
    is_safe(ANSWERS[kind](client))


@pytest.mark.parametrize("path", ["/courses", "/api/v1/openapi.json"])
def test_a_fault_is_safe_too(clean: Flask, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    for view in ("portal_learner.courses", "portal_api.openapi"):
        monkeypatch.setitem(clean.view_functions, view, lambda: 1 // 0)
    answer = clean.test_client().get(path)
    assert answer.status_code == 500
    is_safe(answer)


def test_pages_of_a_person_are_never_kept_by_caches(sign_in: SignIn, learner_account: Account) -> None:
    browser = sign_in(learner_account)
    for path in ("/", "/courses", "/me/hours", "/me/certificates", "/api/v1/me/hours", "/api/v1/me/certificates"):
        assert "no-store" in browser.get(path).headers["Cache-Control"], path


def test_a_bundle_is_kept_for_a_year_and_its_name_carries_its_hash(client: FlaskClient) -> None:
    page = client.get("/").text
    url = next(part.split('"')[0] for part in page.split('"/static/')[1:] if part.split('"')[0].endswith(".css"))
    with client.get(f"/static/{url}") as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.mimetype == "text/css"


@pytest.fixture
def https(clean: Flask, settings: Settings, tmp_path: Path) -> Iterator[FlaskClient]:
    """A browser on a second application that is set up for https; the first one is put back afterwards."""
    strict = dataclasses.replace(settings, secure_cookies=True, home=tmp_path, base_url="https://localhost")
    browser = create_app(strict).test_client()
    browser.environ_base["wsgi.url_scheme"] = "https"
    yield browser
    db.engine().dispose()
    settings_module.use(settings)
    crypto.configure(settings.field_key, settings.field_key_id)
    storage.configure(settings.home / "storage")
    with clean.app_context():
        db.bind(db.db.engine)


def test_over_https_the_session_is_a_host_cookie(https: FlaskClient, learner_account: Account) -> None:
    answer = https.post("/api/v1/session", json={"username": learner_account.username, "password": PASSWORD})
    assert answer.status_code == 200
    cookie = answer.headers["Set-Cookie"]
    name, *rest = [part.strip() for part in cookie.split(";")]
    assert name.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(rest)
    assert not any(part.lower().startswith("domain") for part in rest)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_over_https_every_cookie_is_secure(https: FlaskClient) -> None:
    token = token_on(https, "/sign-in")
    answer = https.post(
        "/language", data={"csrf_token": token, "locale": "en"}, headers={"Referer": "https://localhost/"}
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(cookie.startswith("lms_language=") for cookie in cookies)
    for cookie in cookies:
        assert "; Secure" in cookie and "; HttpOnly" in cookie, cookie


def test_over_plain_http_the_session_works_without_secure(client: FlaskClient, learner_account: Account) -> None:
    answer = client.post("/api/v1/session", json={"username": learner_account.username, "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("session=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert "Strict-Transport-Security" not in answer.headers
    assert client.get("/api/v1/me/hours").status_code == 200
