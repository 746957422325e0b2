"""Who is acting is found out by exactly one statement a request, and only when somebody is signed in."""

from collections.abc import Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.access.domain import roles
from tests.factories.accounts import Account, MakeAccount, SignIn
from tests.web.conftest import Statements

PAGES = ("/", "/courses", "/me/hours", "/me/certificates", "/verify", "/nowhere", "/staff/", "/api/v1/me/hours")


def loads(seen: Sequence[str]) -> int:
    return sum("auth_session" in statement and statement.lstrip().startswith("SELECT") for statement in seen)


@pytest.mark.parametrize("path", PAGES)
def test_a_learner_is_loaded_once(sign_in: SignIn, learner_account: Account, statements: Statements, path: str) -> None:
    browser = sign_in(learner_account)
    with statements() as seen:
        browser.get(path)
    assert loads(seen) == 1


@pytest.mark.parametrize("path", ["/staff/", "/staff/classes"])
def test_staff_with_several_roles_are_loaded_once_with_all_of_them(
    clean: Flask, sign_in: SignIn, make_account: MakeAccount, statements: Statements, path: str
) -> None:
    browser = sign_in(make_account("guanli01", role=roles.CLASS_MANAGER))
    with statements() as seen:
        answer = browser.get(path)
    assert answer.status_code == 200
    assert loads(seen) == 1
    assert not [statement for statement in seen if "role_grant" in statement and "auth_session" not in statement]


def test_a_fault_does_not_load_them_again(
    clean: Flask, sign_in: SignIn, learner_account: Account, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(learner_account)
    monkeypatch.setitem(clean.view_functions, "hours_learner.my_hours", lambda: 1 // 0)
    with statements() as seen:
        assert browser.get("/me/hours").status_code == 500
    assert loads(seen) <= 1


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_costs_no_statement_to_know(client: FlaskClient, statements: Statements, path: str) -> None:
    with statements() as seen:
        client.get(path)
    assert loads(seen) == 0


def test_a_session_that_is_over_is_asked_for_once(
    sign_in: SignIn, learner_account: Account, statements: Statements
) -> None:
    browser = sign_in(learner_account)
    cookie = browser.get_cookie("session")
    browser.delete("/api/v1/session")
    assert cookie
    browser.set_cookie("session", cookie.value)
    with statements() as seen:
        assert browser.get("/").status_code == 200
    assert loads(seen) == 1
