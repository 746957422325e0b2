"""Signing in and out in a browser."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.access.domain import roles
from lms.accounts import service
from lms.accounts.models import AuthSessionRow
from lms.infra.db import reading
from lms.kernel import clock
from tests.factories.accounts import PASSWORD, Account, MakeAccount, SignIn, token_on

WRONG = "用户名、密码或动态验证码不正确"
LOCKED = "连续输错次数过多，此用户名暂时不能登录，请稍后再试"


def enter(client: FlaskClient, username: str, password: str = PASSWORD, **more: str) -> TestResponse:
    form = {"csrf_token": token_on(client, "/sign-in"), "username": username, "password": password}
    return client.post("/sign-in", data=form | more)


def signed_in(client: FlaskClient) -> bool:
    return client.get("/api/v1/me/hours").status_code == 200


def test_a_learner_enters_without_a_code(client: FlaskClient, learner_account: Account) -> None:
    answer = enter(client, "zhangsan")
    assert (answer.status_code, answer.location) == (303, "/")
    assert signed_in(client)
    assert "张三" in client.get("/").text


def test_the_user_name_is_taken_in_any_case_and_with_spaces(client: FlaskClient, learner_account: Account) -> None:
    assert enter(client, "  ZhangSan ").status_code == 303
    assert signed_in(client)


@pytest.mark.parametrize("password", ["wrong", PASSWORD.lower(), PASSWORD + " ", "x" * 128])
def test_a_wrong_password_is_refused(client: FlaskClient, learner_account: Account, password: str) -> None:
    answer = enter(client, "zhangsan", password)
    assert answer.status_code == 401
    assert WRONG in answer.text
    assert password not in answer.text
    assert not signed_in(client)
    assert learner_account.open_sessions() == 0


def test_an_unknown_name_reads_like_a_wrong_password(client: FlaskClient, learner_account: Account) -> None:
    def essence(answer: TestResponse, name: str) -> str:
        text = answer.text.replace(name, "NAME")
        return text[text.index("<main") : text.index("</main>")].split('name="csrf_token"')[0]

    known = enter(client, "zhangsan", "wrong")
    unknown = enter(client, "nobody99", "wrong")
    assert known.status_code == unknown.status_code == 401
    assert essence(known, "zhangsan") == essence(unknown, "nobody99")


@pytest.mark.parametrize("name", ["zhangsan", "nobody99"])
def test_five_wrong_tries_lock_the_name_whether_or_not_it_exists(
    client: FlaskClient, learner_account: Account, name: str
) -> None:
    for _ in range(5):
        assert WRONG in enter(client, name, "wrong").text
    answer = enter(client, name)
    assert answer.status_code == 423
    assert LOCKED in answer.text
    assert not signed_in(client)


def test_another_name_stays_open(client: FlaskClient, make_account: MakeAccount) -> None:
    make_account("zhangsan")
    make_account("lisi88")
    for _ in range(5):
        enter(client, "zhangsan", "wrong")
    assert enter(client, "lisi88").status_code == 303


def test_the_lock_ends_after_its_minutes(
    client: FlaskClient, learner_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        enter(client, "zhangsan", "wrong")
    later = clock.now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr("lms.accounts.views.sign_in.clock.now", lambda: later)
    assert enter(client, "zhangsan").status_code == 303


def test_a_right_sign_in_forgets_the_wrong_tries(client: FlaskClient, learner_account: Account) -> None:
    for _ in range(2):
        for _ in range(4):
            enter(client, "zhangsan", "wrong")
        assert enter(client, "zhangsan").status_code == 303
        client.post("/sign-out", data={"csrf_token": token_on(client, "/")})


def test_a_role_is_asked_for_its_code_on_a_second_page(client: FlaskClient, make_account: MakeAccount) -> None:
    reviewer = make_account("shenhe01", role=roles.PROVINCE_REVIEWER)
    asked = enter(client, "shenhe01")
    assert asked.status_code == 200
    assert "请输入动态验证码" in asked.text
    assert PASSWORD not in asked.text
    assert not signed_in(client)
    carried = asked.text.split('name="carried"')[1].split('value="')[1].split('"')[0]
    answer = enter(client, "shenhe01", "", carried=carried, code=reviewer.code())
    assert (answer.status_code, answer.location) == (303, "/staff/")
    assert signed_in(client)


@pytest.mark.parametrize("code", ["000000", "12345", "中文", "1234567890"])
def test_a_wrong_code_is_refused_and_counted(client: FlaskClient, make_account: MakeAccount, code: str) -> None:
    reviewer = make_account("shenhe01", role=roles.PROVINCE_REVIEWER)
    if code == reviewer.code():
        pytest.skip("the one time in a million")
    for _ in range(5):
        assert enter(client, "shenhe01", code=code).status_code == 401
    assert enter(client, "shenhe01", code=reviewer.code()).status_code == 423


def test_a_carried_password_of_another_key_or_too_old_is_worth_nothing(
    client: FlaskClient, make_account: MakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = make_account("shenhe01", role=roles.PROVINCE_REVIEWER)
    old = service.carry(PASSWORD, now=clock.now() - timedelta(minutes=6))
    for carried in (old, "k1.AAAA", "nonsense", ""):
        answer = enter(client, "shenhe01", "", carried=carried, code=reviewer.code())
        assert answer.status_code in {401, 422}
        assert not signed_in(client)


def test_empty_fields_are_named(client: FlaskClient) -> None:
    answer = enter(client, "", "")
    assert answer.status_code == 422
    assert answer.text.count("请填写此项") >= 2


def test_the_way_on_leads_where_the_person_wanted_to_go(client: FlaskClient, learner_account: Account) -> None:
    wanted = client.get("/me/hours").location
    assert 'value="/me/hours"' in client.get(wanted).text
    assert enter(client, "zhangsan", next="/me/hours").location == "/me/hours"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_way_on_never_leaves_the_site(client: FlaskClient, learner_account: Account, target: str) -> None:
    assert enter(client, "zhangsan", next=target).location == "/"
    assert client.get("/sign-in", query_string={"next": target}).location == "/"


def test_signing_out_ends_the_session_in_the_database(client: FlaskClient, learner_account: Account) -> None:
    enter(client, "zhangsan")
    stolen = client.get_cookie("session")
    assert stolen and learner_account.open_sessions() == 1
    answer = client.post("/sign-out", data={"csrf_token": token_on(client, "/")})
    assert (answer.status_code, answer.location) == (303, "/")
    assert learner_account.open_sessions() == 0
    client.set_cookie("session", stolen.value)
    assert not signed_in(client)


def test_signing_out_leaves_other_browsers_alone(sign_in: SignIn, learner_account: Account) -> None:
    one, other = sign_in(learner_account), sign_in(learner_account)
    one.delete("/api/v1/session")
    assert not signed_in(one) and signed_in(other)


def test_a_disabled_account_is_out_at_the_next_request(sign_in: SignIn, learner_account: Account) -> None:
    browser = sign_in(learner_account)
    assert signed_in(browser)
    service.disable("zhangsan", reason="离职", now=clock.now())
    assert not signed_in(browser)
    assert browser.get("/me/hours").status_code == 303
    assert "张三" not in browser.get("/").text


def test_a_disabled_account_cannot_enter_again(client: FlaskClient, learner_account: Account) -> None:
    service.disable("ZhangSan", reason="离职", now=clock.now())
    answer = enter(client, "zhangsan")
    assert answer.status_code == 401
    assert WRONG in answer.text


def test_a_session_ends_after_its_hours(
    clean: Flask, sign_in: SignIn, learner_account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(learner_account)
    later = clock.now() + timedelta(hours=12, seconds=1)
    monkeypatch.setattr("lms.web.login.clock.now", lambda: later)
    assert not signed_in(browser)


def test_a_made_up_session_is_nobodys(clean: Flask, sign_in: SignIn, learner_account: Account) -> None:
    browser = sign_in(learner_account)
    for made_up in ("00000000-0000-0000-0000-000000000000", "x", ""):
        with browser.session_transaction() as inside:
            inside["_user_id"] = made_up
        assert not signed_in(browser)


def test_each_sign_in_opens_a_session_of_its_own(sign_in: SignIn, learner_account: Account) -> None:
    sign_in(learner_account), sign_in(learner_account)
    with reading() as session:
        ids = session.execute(select(AuthSessionRow.id)).scalars().all()
    assert len(set(ids)) == 2


def test_who_is_signed_in_needs_no_sign_in_page(sign_in: SignIn, learner_account: Account) -> None:
    assert sign_in(learner_account).get("/sign-in?next=/courses").location == "/courses"
