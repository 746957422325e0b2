"""Who has something to do first can do nothing else, on pages and in JSON alike."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from lms.access import service as access
from lms.access.domain import roles
from lms.accounts.models import AccountRow, ConsentRow
from lms.infra.db import unit_of_work
from lms.kernel import clock
from lms.web import guards
from tests.factories.accounts import PASSWORD, Account, MakeAccount, SignIn, token_on
from tests.factories.certificates import Land

NEW = "Qingtian-88-lan"
PAGES = {"password": "/me/password", "second_factor": "/me/second-factor", "privacy": "/me/privacy"}


def burden(duty: str) -> None:
    with unit_of_work() as session:
        if duty == "password":
            session.execute(update(AccountRow).values(duty_password=True))
        elif duty == "second_factor":
            session.execute(update(AccountRow).values(totp_sealed=None))
        else:
            session.execute(update(ConsentRow).values(withdrawn_at=clock.now()))


@pytest.fixture
def staff(make_account: MakeAccount) -> Account:
    return make_account("guanli01", role=roles.CLASS_MANAGER)


@pytest.mark.parametrize("duty", PAGES)
def test_every_page_leads_to_the_duty_and_the_duty_back(sign_in: SignIn, staff: Account, duty: str) -> None:
    browser = sign_in(staff)
    burden(duty)
    for path in ("/", "/staff/", "/me/hours", "/me/certificates", "/sign-in"):
        answer = browser.get(path)
        assert answer.status_code == 303, path
        assert answer.location.split("?")[0] == PAGES[duty], path
    assert "next=/me/hours" in browser.get("/me/hours").location.replace("%2F", "/")
    page = browser.get(PAGES[duty])
    assert page.status_code == 200
    assert browser.get("/verify").status_code == 200, "what strangers see stays open"
    refused = browser.get("/api/v1/me/hours")
    assert (refused.status_code, refused.json["code"], refused.json["duty"]) == (403, "duty", duty)
    assert browser.get("/nowhere").status_code == 404


def test_no_view_but_those_of_the_duties_is_open_during_one(clean: Flask) -> None:
    marked = {name for name, view in clean.view_functions.items() if getattr(view, guards.DURING_DUTY, False)}
    assert marked == {
        "accounts_api.end_json_session",
        "accounts_api.note_activity",
        "accounts_learner.accept_privacy",
        "accounts_learner.change_password",
        "accounts_learner.enrol_second_factor",
        "accounts_learner.password_form",
        "accounts_learner.privacy_form",
        "accounts_learner.second_factor_page",
        "accounts_learner.sign_out",
    }


def test_a_role_given_while_signed_in_brings_its_duty_with_the_next_request(
    sign_in: SignIn, learner_account: Account, land: Land
) -> None:
    browser = sign_in(learner_account)
    assert browser.get("/me/hours").status_code == 200
    access.appoint(learner_account.person_id, roles.CLASS_TUTOR, land.unit.id, reason="test", now=clock.now())
    assert browser.get("/me/hours").location.startswith("/me/second-factor")


def test_a_first_sign_in_changes_the_password_and_goes_on(
    client: FlaskClient, sign_in: SignIn, learner_account: Account
) -> None:
    browser = sign_in(learner_account)
    burden("password")
    wanted = browser.get("/me/hours").location
    form = {
        "csrf_token": token_on(browser, wanted),
        "old": PASSWORD,
        "password": NEW,
        "repeated": NEW,
        "next": "/me/hours",
    }
    answer = browser.post("/me/password", data=form)
    assert (answer.status_code, answer.location) == (303, "/me/hours")
    assert browser.get("/me/hours").status_code == 200


def test_who_has_a_duty_can_sign_out(sign_in: SignIn, learner_account: Account) -> None:
    browser = sign_in(learner_account)
    burden("privacy")
    assert browser.post("/sign-out", data={"csrf_token": token_on(browser, "/me/privacy")}).status_code == 303
    assert learner_account.open_sessions() == 0
