"""A slip is made for who may get one, opens the account once, and no page tells which names exist."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms import settings as settings_module
from lms.access.domain import roles
from lms.infra import jobs
from lms.infra.db import reading
from lms.infra.jobs import JobRow
from lms.kernel import ids
from tests.factories.accounts import Account, MakeAccount, SignIn, token_on

NEW = "Qingtian-88-lan"


@pytest.fixture
def admin(make_account: MakeAccount) -> Account:
    return make_account("guanli01", name="管理员", role=roles.UNIT_ADMIN)


@pytest.fixture
def tutor(make_account: MakeAccount) -> Account:
    return make_account("banzhu01", name="班主任", role=roles.CLASS_TUTOR)


def help_page(account: Account) -> str:
    return f"/staff/people/{account.person_id}/sign-in-help"


def print_slip(browser: FlaskClient, account: Account) -> TestResponse:
    form = {"csrf_token": token_on(browser, "/me/sessions")}
    return browser.post(f"/staff/people/{account.person_id}/sign-in-code", data=form)


def code_on(answer: TestResponse) -> str:
    found = re.search(r"slip-code\">([0-9A-Z-]{14})<", answer.text)
    assert found
    return found[1]


def enter(client: FlaskClient, username: str, code: str) -> TestResponse:
    form = {"csrf_token": token_on(client, "/sign-in/code"), "username": username, "one_time": code}
    return client.post("/sign-in/code", data=form)


def test_a_slip_leads_to_a_new_password(
    clean: Flask, sign_in: SignIn, tutor: Account, learner_account: Account
) -> None:
    staff = sign_in(tutor)
    assert "签发验证码单" in staff.get(help_page(learner_account)).text
    slip = print_slip(staff, learner_account)
    assert slip.status_code == 200 and slip.headers["Cache-Control"] == "no-store"
    for text in ("张三", "zhangsan", "http://localhost/sign-in/code", "data:image/svg+xml;base64,"):
        assert text in slip.text
    code = code_on(slip)
    assert code not in staff.get(help_page(learner_account)).text, "shown this once"
    phone = clean.test_client()
    answer = enter(phone, "zhangsan", code)
    assert (answer.status_code, answer.location) == (303, "/me/password?next=/")
    assert phone.get("/me/hours").location.startswith("/me/password")
    page = phone.get("/me/password")
    assert 'name="old"' not in page.text
    form = {"csrf_token": token_on(phone, "/me/password"), "password": NEW, "repeated": NEW}
    assert phone.post("/me/password", data=form).status_code == 303
    assert phone.get("/me/hours").status_code == 200
    assert enter(clean.test_client(), "zhangsan", code).status_code == 401


def test_the_second_factor_is_asked_on_a_second_page(
    clean: Flask, sign_in: SignIn, admin: Account, tutor: Account
) -> None:
    code = code_on(print_slip(sign_in(admin), tutor))
    phone = clean.test_client()
    asked = enter(phone, "banzhu01", code)
    assert asked.status_code == 200 and code not in asked.text
    carried = asked.text.split('name="carried"')[1].split('value="')[1].split('"')[0]
    form = {"csrf_token": token_on(phone, "/sign-in/code"), "username": "banzhu01", "carried": carried}
    assert phone.post("/sign-in/code", data=form | {"code": "000000"}).status_code == 401
    assert phone.post("/sign-in/code", data=form | {"code": tutor.code()}).status_code == 303


def test_more_powerful_people_and_oneself_are_refused_on_page_and_act(
    sign_in: SignIn, admin: Account, tutor: Account
) -> None:
    staff = sign_in(tutor)
    for person in (admin, tutor):
        page = staff.get(help_page(person))
        assert page.status_code == 200 and "签发验证码单" not in page.text
        assert print_slip(staff, person).status_code == 403


def test_a_person_elsewhere_reads_like_nobody(
    clean: Flask, sign_in: SignIn, make_account: MakeAccount, tutor: Account, land
) -> None:
    from sqlalchemy import update

    from lms.accounts.models import PersonRow
    from lms.infra.db import unit_of_work

    other = make_account("lisi88", name="李四")
    with unit_of_work() as session:
        session.execute(
            update(PersonRow)
            .where(PersonRow.id == other.person_id)
            .values(unit_id=land.province.id, unit_path=land.province.path)
        )
    staff = sign_in(tutor)

    def essence(answer: TestResponse) -> tuple[int, str]:
        text = re.sub(r'[0-9a-f]{16}|value="[^"]{60,}"|data-seconds-left="\d+"', "", answer.text)
        return answer.status_code, text

    absent = ids.new_id()
    for path in ("/staff/people/{}/sign-in-help", "/staff/people/{}/sign-in-code"):
        form = {"csrf_token": token_on(staff, "/me/sessions")}
        call = staff.get if path.endswith("help") else lambda where, form=form: staff.post(where, data=form)
        foreign, nobody = call(path.format(other.person_id)), call(path.format(absent))
        assert essence(foreign) == essence(nobody)
        assert foreign.status_code == 404


def test_a_reset_asks_for_a_reason_and_signs_out(sign_in: SignIn, admin: Account, tutor: Account) -> None:
    lost, staff = sign_in(tutor), sign_in(admin)
    address = f"/staff/people/{tutor.person_id}/second-factor/reset"
    form = {"csrf_token": token_on(staff, "/me/sessions")}
    assert staff.post(address, data=form).status_code == 422
    assert staff.post(address, data=form | {"reason": "手机丢失，已当面核对身份"}).status_code == 303
    assert lost.get("/api/v1/me/hours").status_code == 401
    again = sign_in(Account(tutor.person_id, tutor.account_id, tutor.username, None))
    assert again.get("/staff/").location.startswith("/me/second-factor")


# ---- who is asked for, and who exists


def essence(answer: TestResponse, name: str) -> str:
    text = answer.text.replace(name, "NAME")
    return re.sub(r'name="csrf_token"[^>]*value="[^"]+"|[0-9a-f]{16}', "", text)


def test_a_wrong_code_reads_alike_for_every_name(client: FlaskClient, learner_account: Account) -> None:
    known, unknown = (enter(client, name, "ABCD-EFGH-JKMN") for name in ("zhangsan", "nobody99"))
    assert known.status_code == unknown.status_code == 401
    assert essence(known, "zhangsan") == essence(unknown, "nobody99")


def test_forgetting_reads_alike_for_every_name_and_costs_the_same_statements(
    client: FlaskClient, learner_account: Account, statements
) -> None:
    answers, counts = [], []
    for name in ("zhangsan", "nobody99"):
        form = {"csrf_token": token_on(client, "/forgotten"), "username": name}
        with statements() as seen:
            answers.append(client.post("/forgotten", data=form))
        counts.append([statement.split("(")[0] for statement in seen])
    assert answers[0].location == answers[1].location == "/forgotten/sent"
    assert counts[0] == counts[1]


def run_jobs() -> None:
    with reading() as session:
        rows = session.execute(select(JobRow.id, JobRow.kind, JobRow.payload).order_by(JobRow.id)).all()
    for row in rows:
        handler = jobs.handler_of(row.kind)
        assert handler
        handler(jobs.Job(row.id, row.kind, row.payload, 1, 5, "test"))


def test_the_code_of_who_forgot_lies_in_the_outbox(clean: Flask, client: FlaskClient, learner_account: Account) -> None:
    form = {"csrf_token": token_on(client, "/forgotten"), "username": "ZhangSan"}
    client.post("/forgotten", data=form)
    run_jobs()
    outbox = settings_module.current().home / "outbox"
    letters = sorted(outbox.iterdir())
    text = letters[-1].read_text("utf-8")
    assert letters[-1].stat().st_mode & 0o077 == 0
    assert text.startswith("13800000000\n") and "zhangsan" in text
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", text)
    assert code
    assert enter(client, "zhangsan", code[0]).status_code == 303
