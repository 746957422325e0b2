"""Real-name registration: every field is compulsory, and each fault stands at its field."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lms.accounts import queries, service
from lms.accounts.models import AccountRow, PersonRow
from lms.accounts.service import privacy
from lms.infra.db import reading
from tests.factories.accounts import HASH, PASSWORD, MakeAccount, token_on
from tests.factories.certificates import Land
from tests.factories.qualification import id_number_of

FIELDS = (
    "mail",
    "name", "sex", "unit_id", "post", "category", "employment", "appointed_on", "mobile", "username", "password",
    "repeated", "accepted",
)  # fmt: skip


@pytest.fixture
def form(client: FlaskClient, land: Land) -> dict[str, str]:
    return {
        "csrf_token": token_on(client, "/register"),
        "name": "王 小明",
        "sex": "male",
        "unit_id": str(land.unit.id),
        "post": "工会主席",
        "category": "enterprise",
        "employment": "part_time",
        "appointed_on": "2020-09-01",
        "mobile": "13912345678",
        "username": "WangXM",
        "password": PASSWORD,
        "repeated": PASSWORD,
        "accepted": "y",
        "version": privacy.CURRENT_VERSION,
    }


def faulty_fields(answer: TestResponse) -> set[str]:
    """The fields that the page shows an error at."""
    return {name for name in FIELDS if f'id="{name}-error"' in answer.text}


def people() -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(PersonRow)).scalar_one()


def test_a_person_registers_and_is_signed_in(client: FlaskClient, land: Land, form: dict[str, str]) -> None:
    answer = client.post("/register", data=form)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/api/v1/me/hours").status_code == 200
    with reading() as session:
        person = queries.person_of_username(session, "wangxm")
        row = session.execute(select(PersonRow.mobile_sealed, AccountRow.password_hash).join(AccountRow)).one()
    assert (person.name, person.sex, person.unit_id, person.post) == ("王 小明", "male", land.unit.id, "工会主席")
    assert "13912345678" not in row.mobile_sealed
    assert row.password_hash.startswith("$argon2id$")
    assert "注册成功" in client.get("/").text


def test_tries_at_a_name_before_it_is_somebodys_keep_nobody_out_who_registers_it(
    client: FlaskClient, form: dict[str, str]
) -> None:
    for _ in range(5):
        wrong = {"username": "wangxm", "password": "wrong", "csrf_token": form["csrf_token"]}
        assert client.post("/sign-in", data=wrong).status_code == 401
    assert client.post("/sign-in", data=wrong).status_code == 423
    answer = client.post("/register", data=form)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/api/v1/me/hours").status_code == 200


def test_who_cannot_enter_at_once_is_told_that_they_are_registered(
    client: FlaskClient, form: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise service.WrongCredentials

    monkeypatch.setattr(service, "enter_registered", refuse)
    answer = client.post("/register", data=form)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "注册成功" in client.get("/sign-in").text
    assert people() == 1


@pytest.mark.parametrize("field", FIELDS[1:])
def test_no_field_may_be_left_out(client: FlaskClient, form: dict[str, str], field: str) -> None:
    for value in ({}, {field: ""}, *([] if field == "accepted" else [{field: "   "}])):
        answer = client.post("/register", data={k: v for k, v in form.items() if k != field} | value)
        assert answer.status_code == 422, value
        assert field in faulty_fields(answer) or (field == "password" and "repeated" in faulty_fields(answer)), value
    assert people() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "张" * 61),
        ("sex", "other"),
        ("unit_id", "00000000-0000-0000-0000-000000000000"),
        ("unit_id", "x"),
        ("post", "长" * 61),
        ("category", "boss"),
        ("employment", "boss"),
        ("appointed_on", "2020-13-01"),
        ("appointed_on", "2126-01-01"),
        ("appointed_on", "yesterday"),
        ("mail", "x"),
        ("mail", "a@b@c.cn"),
        ("mail", "=?utf-8?q?a=0Ab?=@example.org"),
        ("mail", "a..b@example.org"),
        ("mail", f"{id_number_of(1)}@example.org"),
        ("mail", f"a@{id_number_of(1)}.cn"),
        ("mobile", "12345678901"),
        ("mobile", "1391234567"),
        ("mobile", "139123456789"),
        ("mobile", "13912345678; drop"),
        ("username", "abc"),
        ("username", "1abcd"),
        ("username", "a b c d"),
        ("username", "<script>"),
        ("username", "a" * 33),
        ("username", "ab\ncd"),
        ("password", "Short-1"),
        ("password", "alllowercaseletters"),
        ("password", "Password123"),
        ("password", "Wangxm-2026-Lan"),
        ("password", "Lan-wangxiaoming7"),
        ("password", "Tian-345678-lan"),
        ("password", "Aa1-" + "x" * 130),
    ],
)
def test_a_faulty_field_is_shown_at_its_place(
    client: FlaskClient, form: dict[str, str], field: str, value: str
) -> None:
    changed = form | {field: value}
    if field == "password":
        changed["repeated"] = value
    answer = client.post("/register", data=changed)
    assert answer.status_code == 422
    assert faulty_fields(answer) == {field}
    assert people() == 0


def test_two_different_passwords_are_noticed(client: FlaskClient, form: dict[str, str]) -> None:
    answer = client.post("/register", data=form | {"repeated": PASSWORD + "x"})
    assert answer.status_code == 422
    assert faulty_fields(answer) == {"repeated"}


def test_the_national_root_is_nobodys_unit(client: FlaskClient, land: Land, form: dict[str, str]) -> None:
    answer = client.post("/register", data=form | {"unit_id": str(land.national.id)})
    assert faulty_fields(answer) == {"unit_id"}


@pytest.mark.parametrize("name", ["wangxm", "WANGXM", "WangXM"])
def test_a_taken_name_is_refused_in_any_case(
    client: FlaskClient, make_account: MakeAccount, form: dict[str, str], name: str
) -> None:
    make_account("wangxm")
    answer = client.post("/register", data=form | {"username": name})
    assert answer.status_code == 422
    assert faulty_fields(answer) == {"username"}
    assert people() == 1


def test_a_notice_that_changed_meanwhile_is_shown_again(client: FlaskClient, form: dict[str, str]) -> None:
    answer = client.post("/register", data=form | {"version": "2000.1"})
    assert answer.status_code == 409
    assert f'value="{privacy.CURRENT_VERSION}"' in answer.text
    assert people() == 0


def test_what_was_typed_stays_but_passwords_do_not(client: FlaskClient, form: dict[str, str]) -> None:
    page = client.post("/register", data=form | {"mobile": "1"}).text
    assert 'value="王 小明"' in page
    assert 'value="WangXM"' in page
    assert PASSWORD not in page


def test_what_was_typed_is_shown_as_text_only(client: FlaskClient, form: dict[str, str]) -> None:
    page = client.post("/register", data=form | {"name": '"><script>alert(1)</script>', "mobile": "1"}).text
    assert "<script>alert" not in page


@pytest.mark.parametrize("name", ["王\x00小明", "王\u202e小明", "\u200b王小明\ufeff", "王\x07小明"], ids=ascii)
def test_characters_that_draw_nothing_are_not_stored(client: FlaskClient, form: dict[str, str], name: str) -> None:
    """They could make a name on a certificate read as another one, and PostgreSQL keeps no NUL."""
    assert client.post("/register", data=form | {"name": name}).status_code == 303
    with reading() as session:
        assert queries.person_of_username(session, "wangxm").name == "王小明"


def test_one_address_cannot_register_without_end(
    clean: Flask, form: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.accounts.service.hash_password", lambda _password: HASH)
    statuses = []
    for number in range(32):
        browser = clean.test_client()
        token = token_on(browser, "/register")
        answer = browser.post("/register", data=form | {"csrf_token": token, "username": f"person{number:02}"})
        statuses.append(answer.status_code)
    assert statuses == [303] * 30 + [429] * 2
    assert people() == 30
