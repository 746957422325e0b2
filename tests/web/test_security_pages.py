"""The pages of password, second factor and signed-in browsers; nothing set before a sign-in lives on after it."""

import html
import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.access.domain import roles
from lms.accounts.domain import browsers
from lms.kernel import clock
from tests.factories.accounts import PASSWORD, Account, MakeAccount, SignIn, token_on

NEW = "Qingtian-88-lan"


def signed_in(client: FlaskClient) -> bool:
    return client.get("/api/v1/me/hours").status_code == 200


def session_id(client: FlaskClient) -> str:
    with client.session_transaction() as inside:
        return str(inside.get("_user_id"))


def token(client: FlaskClient) -> str:
    return str(client.get("/api/v1/session").json["csrf_token"])


# ---- fixation


def test_a_cookie_planted_before_the_sign_in_is_worth_nothing_after_it(
    clean: Flask, sign_in: SignIn, make_account: MakeAccount
) -> None:
    make_account("zhangsan"), make_account("lisi88", name="李四")
    attacker = clean.test_client()
    attacker.post("/api/v1/session", json={"username": "lisi88", "password": PASSWORD})
    planted = attacker.get_cookie("session")
    assert planted
    victim = clean.test_client()
    victim.set_cookie("session", planted.value)
    form = {"csrf_token": token_on(victim, "/"), "username": "zhangsan", "password": PASSWORD}
    before = session_id(victim)
    assert victim.post("/sign-in", data=form).status_code == 303
    assert session_id(victim) != before
    assert victim.get("/api/v1/session").json["user"]["username"] == "zhangsan"
    assert not signed_in(attacker), "the session that this browser had before is over"


def test_the_token_of_forms_is_new_after_signing_in(client: FlaskClient, learner_account: Account) -> None:
    old = token_on(client, "/sign-in")
    client.post("/sign-in", data={"csrf_token": old, "username": "zhangsan", "password": PASSWORD})
    assert client.post("/sign-out", data={"csrf_token": old}).status_code == 400
    assert signed_in(client)


def test_a_new_password_brings_a_new_session_id_here_and_ends_the_others(
    sign_in: SignIn, learner_account: Account
) -> None:
    here, there = sign_in(learner_account), sign_in(learner_account)
    before, cookie = session_id(here), here.get_cookie("session")
    form = {"csrf_token": token_on(here, "/me/password"), "old": PASSWORD, "password": NEW, "repeated": NEW}
    assert here.post("/me/password", data=form).status_code == 303
    assert signed_in(here) and session_id(here) != before
    assert not signed_in(there)
    assert cookie
    there.set_cookie("session", cookie.value)
    assert not signed_in(there), "who knew the old id is out"


@pytest.mark.parametrize(("field", "value"), [("old", "wrong"), ("password", "Short-1"), ("repeated", "x")])
def test_a_fault_stands_at_its_field_and_no_password_on_the_page(
    sign_in: SignIn, learner_account: Account, field: str, value: str
) -> None:
    browser = sign_in(learner_account)
    form = {"csrf_token": token_on(browser, "/me/password"), "old": PASSWORD, "password": NEW, "repeated": NEW}
    form |= {field: value} | ({"repeated": value} if field == "password" else {})
    answer = browser.post("/me/password", data=form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert PASSWORD not in answer.text and NEW not in answer.text


# ---- second factor


def set_up(browser: FlaskClient) -> tuple[str, list[str]]:
    page = browser.get("/me/second-factor").text
    assert "data:image/svg+xml;base64," in page
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    carried = re.search(r'name="carried"[^>]*value="([^"]+)"', page)
    assert secret and carried
    plain = secret[1].replace(" ", "")
    form = {"csrf_token": token_on(browser, "/me/second-factor"), "carried": html.unescape(carried[1])}
    form |= {"password": PASSWORD}
    wrong = browser.post("/me/second-factor", data=form | {"code": "000000"})
    assert wrong.status_code == 422 and secret[1] in wrong.text, "the same secret is offered again"
    done = browser.post("/me/second-factor", data=form | {"code": pyotp.TOTP(plain).at(clock.now())})
    assert done.status_code == 200
    return plain, re.findall(r'class="secret">([0-9A-Z-]{12})<', done.text)


def test_a_role_sets_its_second_factor_up_and_signs_in_with_a_recovery_code(
    clean: Flask, client: FlaskClient, make_account: MakeAccount
) -> None:
    make_account("banzhu01", role=roles.CLASS_TUTOR, totp=False)
    form = {"csrf_token": token_on(client, "/sign-in"), "username": "banzhu01", "password": PASSWORD}
    assert client.post("/sign-in", data=form).location == "/staff/"
    assert client.get("/staff/").location.startswith("/me/second-factor")
    secret, codes = set_up(client)
    assert len(codes) == 10
    assert client.get("/staff/").status_code == 200
    state = client.get("/me/second-factor").text
    assert secret not in state and codes[0] not in state
    body = {"username": "banzhu01", "password": PASSWORD}
    for code, status in ((codes[0], 200), (codes[0], 401), (codes[1].lower(), 200)):
        answer = clean.test_client().post("/api/v1/session", json=body | {"code": code})
        assert answer.status_code == status


def test_who_finds_a_page_open_sets_up_no_second_factor(sign_in: SignIn, learner_account: Account) -> None:
    thief, owner = sign_in(learner_account), sign_in(learner_account)
    page = thief.get("/me/second-factor").text
    secret, carried = (
        re.search(r'class="secret">([A-Z2-7 ]+)<', page),
        re.search(r'"carried"[^>]*value="([^"]+)"', page),
    )
    assert secret and carried and 'id="password"' in page
    form = {"csrf_token": token_on(thief, "/me/second-factor"), "carried": html.unescape(carried[1])}
    form["code"] = pyotp.TOTP(secret[1].replace(" ", "")).at(clock.now())
    for password in ("", "wrong"):
        answer = thief.post("/me/second-factor", data=form | {"password": password})
        assert answer.status_code == 422 and 'id="password-error"' in answer.text
        assert secret[1] in answer.text, "the same secret is offered again"
    assert signed_in(owner)
    assert thief.post("/me/second-factor", data=form | {"password": PASSWORD}).status_code == 200
    changing = thief.get("/me/second-factor?change=1").text
    assert 'name="present_code"' in changing and 'id="password"' not in changing


def test_new_recovery_codes_are_shown_once(sign_in: SignIn, make_account: MakeAccount) -> None:
    account = make_account("banzhu01", role=roles.CLASS_TUTOR)
    browser = sign_in(account)
    form = {"csrf_token": token_on(browser, "/me/second-factor")}
    assert browser.post("/me/second-factor/codes", data=form | {"code": "000000"}).status_code == 422
    answer = browser.post("/me/second-factor/codes", data=form | {"code": account.code()})
    assert answer.status_code == 200 and answer.text.count('class="secret"') == 10
    assert answer.headers["Cache-Control"] == "no-store"


# ---- sessions


def test_the_list_names_browsers_and_ends_them(
    sign_in: SignIn, learner_account: Account, make_account: MakeAccount
) -> None:
    here, there, foreign = sign_in(learner_account), sign_in(learner_account), sign_in(make_account("lisi88"))
    page = here.get("/me/sessions").text
    assert page.count('/end"') == 1 and "本机" in page
    form = {"csrf_token": token_on(here, "/me/sessions")}
    other = here.post(f"/me/sessions/{session_id(foreign)}/end", data=form)
    absent = here.post("/me/sessions/00000000-0000-4000-8000-000000000000/end", data=form)
    assert other.status_code == absent.status_code == 404
    assert signed_in(foreign)
    assert here.post(f"/me/sessions/{session_id(there)}/end", data=form).status_code == 303
    assert signed_in(here) and not signed_in(there)


def test_all_others_end_at_once_and_all_with_this_one(sign_in: SignIn, learner_account: Account) -> None:
    here, there = sign_in(learner_account), sign_in(learner_account)
    here.post("/me/sessions/end-others", data={"csrf_token": token_on(here, "/me/sessions")})
    assert signed_in(here) and not signed_in(there)
    there = sign_in(learner_account)
    here.post("/sign-out", data={"csrf_token": token_on(here, "/me/sessions"), "everywhere": "1"})
    assert not signed_in(here) and not signed_in(there)


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17) Safari/604.1 MicroMessenger/8.0.49", "微信 · iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36", "Chrome · Android"),
        ("python-requests/2.32", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named(agent: str, shown: str) -> None:
    assert browsers.describe(agent) == shown


# ---- how long it lasts


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> object:
    start = clock.now()

    def go(minutes: float) -> None:
        monkeypatch.setattr("lms.kernel.clock.now", lambda: start + timedelta(minutes=minutes))

    return go


def test_asking_keeps_nothing_alive_and_acting_does(sign_in: SignIn, learner_account: Account, later) -> None:
    browser = sign_in(learner_account)
    left = browser.get("/api/v1/session").json
    assert left["signed_in"] and 1700 < left["seconds_left"] <= 2100
    later(20)
    assert browser.get("/api/v1/session").json["seconds_left"] <= 900
    assert browser.get("/", headers={"X-Background": "1"}).status_code == 200
    assert browser.get("/api/v1/session").json["seconds_left"] <= 900
    assert browser.post("/api/v1/session/activity").status_code == 204
    assert browser.get("/api/v1/session").json["seconds_left"] > 1700
    assert browser.post("/api/v1/session/activity", headers={"X-CSRFToken": "x"}).status_code == 400
    later(56)
    over = browser.get("/api/v1/session").json
    assert (over["signed_in"], over["seconds_left"], over["user"]) == (False, 0, None)
    assert browser.post("/api/v1/session/activity").status_code == 401


def test_a_form_that_comes_too_late_leads_to_the_sign_in_and_back(
    sign_in: SignIn,
    learner_account: Account,
    later,
) -> None:
    browser = sign_in(learner_account)
    form = {"csrf_token": token_on(browser, "/me/password"), "old": PASSWORD, "password": NEW, "repeated": NEW}
    later(40)
    answer = browser.post("/me/password", data=form, headers={"Referer": "http://localhost/me/password?x=1"})
    assert answer.status_code == 303
    assert (
        answer.location.replace("%2F", "/").replace("%3F", "?").replace("%3D", "=") == "/sign-in?next=/me/password?x=1"
    )
    foreign = browser.post("/me/password", data=form, headers={"Referer": "http://evil.example/me/password"})
    assert foreign.location.replace("%2F", "/") == "/sign-in?next=/"


def test_two_tabs_after_signing_in_again_in_one(clean: Flask, sign_in: SignIn, learner_account: Account, later) -> None:
    browser = sign_in(learner_account)
    stale = token_on(browser, "/me/sessions")
    later(40)
    body = {"username": "zhangsan", "password": PASSWORD}
    fresh = browser.post("/api/v1/session", json=body).json["csrf_token"]
    del browser.environ_base["HTTP_X_CSRFTOKEN"]
    assert browser.post("/me/sessions/end-others", data={"csrf_token": stale}).status_code == 400
    assert token(browser), "the other tab asks for the token that holds now"
    assert browser.post("/me/sessions/end-others", data={"csrf_token": token(browser)}).status_code == 303
    assert browser.post("/me/sessions/end-others", data={"csrf_token": fresh}).status_code == 303


def test_an_act_on_a_page_is_written_every_five_minutes(
    sign_in: SignIn, learner_account: Account, later, statements
) -> None:
    browser = sign_in(learner_account)
    for minutes, writes in ((0.5, 0), (5.5, 1), (9.7, 0), (11, 1)):
        later(minutes)
        with statements() as seen:
            browser.get("/me/hours")
        assert sum(statement.startswith("UPDATE auth_session") for statement in seen) == writes
