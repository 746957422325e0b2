"""Staff compare and see ID numbers, decide corrections and look at records only where their role reaches."""

import re
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lms.access.domain import roles
from lms.accounts.domain.corrections import Identity
from lms.accounts.models import AccountRow, RevealRow
from lms.accounts.service import corrections, disclosures
from lms.infra.db import reading
from lms.kernel import clock, ids
from tests.factories.cadres import make_admin, stored
from tests.factories.people import Land, make_land, make_person, post, signed_in
from tests.factories.qualification import give_number, id_number_of
from tests.web.conftest import Statements

NUMBER = id_number_of(1)
REVEAL = {"purpose": "file", "reason": "与人事档案核对"}
VOLATILE = re.compile(r'value="[^"]*"|<code>[^<]*</code>|/static/[^"]*')
"""The CSRF token, the request's id, and the names of built files."""


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def person_id(land: Land) -> UUID:
    made = make_person(land.unit, "王小明").person_id
    give_number(made, NUMBER)
    return made


@pytest.fixture
def admin(clean: Flask, land: Land) -> FlaskClient:
    return signed_in(clean, make_admin(land.province))


@pytest.fixture
def elsewhere(clean: Flask, land: Land) -> FlaskClient:
    return signed_in(clean, make_admin(land.other_province))


def seen() -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(RevealRow)).scalar_one()


def test_staff_compare_without_seeing(admin: FlaskClient, person_id: UUID) -> None:
    path = f"/staff/people/{person_id}/id-number"
    listed = admin.get("/staff/id-numbers").text
    assert "王小明" in listed and NUMBER not in listed
    page = admin.get(path).text
    assert NUMBER not in page and NUMBER[:3] + "*" * 13 in page
    for wrong in ("", "4.4E+17", id_number_of(2)):
        answer = post(admin, f"{path}/comparison", {"id_number": wrong})
        assert answer.status_code == 422 and id_number_of(2) not in answer.text and NUMBER not in answer.text
    for _ in range(2):
        assert post(admin, f"{path}/comparison", {"id_number": NUMBER}).status_code == 303
    assert stored(person_id).identity_level == "id_number"
    assert "王小明" not in admin.get("/staff/id-numbers").text


def test_a_number_is_seen_once_for_a_purpose(admin: FlaskClient, person_id: UUID) -> None:
    path = f"/staff/people/{person_id}/id-number"
    for wrong in ({}, {**REVEAL, "purpose": "x"}, {**REVEAL, "reason": ""}, {**REVEAL, "reason": NUMBER}):
        answer = post(admin, f"{path}/reveal", wrong)
        assert answer.status_code == 422 and NUMBER not in answer.text.replace(wrong.get("reason") or "-", "")
    assert seen() == 0
    answer = post(admin, f"{path}/reveal", REVEAL)
    assert answer.status_code == 200 and answer.text.count(NUMBER) == 1
    assert answer.headers["Cache-Control"] == "no-store" and seen() == 1
    assert NUMBER not in admin.get(path).text and "与人事档案核对" in admin.get(path).text
    assert admin.get(f"{path}/reveal").status_code == 405


def test_a_person_elsewhere_is_as_absent_as_nobody(elsewhere: FlaskClient, person_id: UUID, land: Land) -> None:
    numberless = make_person(land.other_unit, "无号").person_id
    assert "王小明" not in elsewhere.get("/staff/id-numbers").text
    answers = []
    for one in (person_id, ids.new_secret_id(), numberless):
        path = f"/staff/people/{one}/id-number"
        got = [
            elsewhere.get(path),
            post(elsewhere, f"{path}/reveal", REVEAL),
            post(elsewhere, f"{path}/comparison", {"id_number": NUMBER}),
        ]
        assert [answer.status_code for answer in got] == [404, 404, 404]
        answers.append([VOLATILE.sub("", answer.text.replace(str(one), "")) for answer in got])
    assert answers[0] == answers[1] == answers[2]
    assert seen() == 0


@pytest.mark.parametrize("role", [roles.CLASS_TUTOR, roles.SECURITY_ADMIN, roles.AUDIT_ADMIN, None])
def test_other_roles_see_no_number(clean: Flask, land: Land, person_id: UUID, role: str | None) -> None:
    over = land.national if role in roles.SEPARATED else land.province
    other = signed_in(clean, make_person(over, "别的岗位", grants={role: over} if role else None))
    path = f"/staff/people/{person_id}/id-number"
    assert other.get("/staff/id-numbers").status_code == 403
    assert other.get(path).status_code == 403
    assert post(other, f"{path}/reveal", REVEAL).status_code == 403
    assert other.get("/staff/corrections").status_code == 403
    assert seen() == 0


def test_a_correction_is_decided_in_its_scope(admin: FlaskClient, elsewhere: FlaskClient, person_id: UUID) -> None:
    correction_id = corrections.ask(person_id, Identity.NAME, "王晓明", "注册时输错", now=clock.now())
    path = f"/staff/corrections/{correction_id}"
    assert "王小明" in admin.get("/staff/corrections").text and "王晓明" in admin.get(path).text
    assert "王小明" not in elsewhere.get("/staff/corrections").text
    assert elsewhere.get(path).status_code == 404
    decision = {"decision": "approve", "comment": ""}
    assert post(elsewhere, f"{path}/decision", decision).status_code == 404
    assert post(admin, f"{path}/decision", {"decision": "decline"}).status_code == 422
    assert post(admin, f"{path}/decision", {"decision": "maybe"}).status_code == 422
    assert post(admin, f"{path}/decision", decision).status_code == 303
    assert stored(person_id).name == "王晓明"
    assert post(admin, f"{path}/decision", decision).status_code == 409
    assert "王晓明" not in admin.get("/staff/corrections").text


def test_disclosures_and_the_register_are_read_in_scope(
    clean: Flask, land: Land, admin: FlaskClient, elsewhere: FlaskClient, person_id: UUID
) -> None:
    disclosures.record("省人社厅", "年度统计", ["name"], 7, land.province.path, person_id, clock.now())
    assert "省人社厅" in admin.get("/staff/disclosures").text
    assert "省人社厅" not in elsewhere.get("/staff/disclosures").text
    assert admin.get("/staff/disclosures?after=x").status_code == 404
    register = admin.get("/staff/field-register").text
    assert "person.id_number_sealed" in register and "撤回同意或注销账号时立即删除" in register


def test_an_incident_is_looked_at_by_the_security_administrator(
    clean: Flask, land: Land, admin: FlaskClient, person_id: UUID
) -> None:
    post(admin, f"/staff/people/{person_id}/id-number/reveal", REVEAL)
    with reading() as session:
        name = session.execute(
            select(AccountRow.username).join(RevealRow, RevealRow.actor_id == AccountRow.person_id)
        ).scalar_one()
    officer = signed_in(clean, make_person(land.national, "安全管理员", grants={roles.SECURITY_ADMIN: land.national}))
    assert officer.get("/staff/incidents").status_code == 200
    assert admin.get("/staff/incidents").status_code == 403
    span = {"since": "2020-01-01T00:00", "until": "2099-01-01T00:00"}
    found = post(officer, "/staff/incidents", {"username": name, **span})
    assert found.status_code == 200 and "王小明" in found.text and "查看完整身份证号 1 次" in found.text
    assert NUMBER not in found.text
    for wrong in ({"username": "nobody"}, {"until": "2019-01-01T00:00"}, {"since": "x"}):
        assert post(officer, "/staff/incidents", {"username": name, **span, **wrong}).status_code == 422


def test_lists_cost_the_same_however_long(
    admin: FlaskClient, land: Land, statements: Statements, person_id: UUID
) -> None:
    def cost() -> list[int]:
        counts = []
        for path in ("/staff/id-numbers", "/staff/corrections", "/staff/disclosures"):
            with statements() as sent:
                assert admin.get(path).status_code == 200
            counts.append(len(sent))
        return counts

    def add(serial: int) -> None:
        one = make_person(land.unit, f"人{serial}").person_id
        give_number(one, id_number_of(serial))
        corrections.ask(one, Identity.SEX, "male", "错", now=clock.now())
        disclosures.record("厅", "统计", ["name"], 1, land.province.path, one, clock.now())

    add(2)
    few = cost()
    for serial in range(3, 9):
        add(serial)
    assert cost() == few
