"""What people see and do about their own data: the notice, their ID number, copies, corrections, closing."""

import json
import re
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lms.accounts.domain.notice import CURRENT, CURRENT_VERSION, ID_NUMBER
from lms.accounts.models import ConsentRow, CorrectionRow, PersonRow
from lms.accounts.service import id_numbers, identity
from lms.infra.db import reading, unit_of_work
from lms.infra.sealing import unseal
from lms.kernel import clock, ids
from lms.kernel.principal import Principal
from tests.factories.cadres import at_work, make_admin, stored
from tests.factories.people import NOW, PASSWORD, Land, make_land, make_person, post, signed_in
from tests.factories.qualification import add_qualification, give_number, id_number_of

NUMBER, OTHER = id_number_of(1), id_number_of(2)
GIVEN = {"id_number": NUMBER, "accepted": "y", "version": CURRENT[ID_NUMBER]}


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def person(land: Land) -> Principal:
    return make_person(land.unit)


@pytest.fixture
def browser(clean: Flask, person: Principal) -> FlaskClient:
    return signed_in(clean, person)


def test_strangers_read_the_notice_in_both_languages(client: FlaskClient) -> None:
    page = client.get("/privacy")
    assert page.status_code == 200 and CURRENT_VERSION in page.text and "个人信息收集清单" in page.text
    client.set_cookie("locale", "en")
    assert client.get(f"/privacy?version={CURRENT_VERSION}").status_code == 200
    for wrong in ("1999.1", "../x", ""):
        assert client.get("/privacy", query_string={"version": wrong}).status_code == 404


def test_who_has_not_accepted_is_asked_and_goes_on(browser: FlaskClient, person: Principal) -> None:
    with unit_of_work() as session:
        session.execute(update(ConsentRow).where(ConsentRow.person_id == person.person_id).values(version="2020.1"))
    sent = browser.get("/me/data")
    assert sent.status_code == 303 and sent.location.startswith("/me/privacy")
    assert "同意并继续" in browser.get(sent.location).text
    assert post(browser, "/me/privacy", {"version": CURRENT_VERSION}).status_code == 422
    assert post(browser, "/me/privacy", {"version": "2020.1", "accepted": "y"}).status_code == 409
    for _ in range(2):
        done = post(browser, "/me/privacy", {"version": CURRENT_VERSION, "accepted": "y", "next": "/me/data"})
        assert (done.status_code, done.location) == (303, "/me/data")
    assert browser.get("/me/data").status_code == 200
    with reading() as session:
        versions = session.execute(select(ConsentRow.version).where(ConsentRow.person_id == person.person_id))
        assert sorted(versions.scalars()) == sorted(["2020.1", CURRENT_VERSION])


def test_the_class_page_asks_and_the_number_is_given_and_taken_back(
    browser: FlaskClient, person: Principal, land: Land
) -> None:
    assert "现在不需要" in browser.get("/me/id-number").text
    assert post(browser, "/me/id-number", GIVEN).status_code == 409
    class_id = add_qualification(land.unit, person.person_id)
    assert "需要身份证号" in browser.get(f"/classes/{class_id}").text
    assert "为什么需要" in browser.get("/me/id-number").text
    for changes in ({"accepted": ""}, {"id_number": "4.4E+17"}, {"id_number": NUMBER[:-1] + "?"}, {"id_number": ""}):
        answer = post(browser, "/me/id-number", {key: one for key, one in {**GIVEN, **changes}.items() if one})
        assert answer.status_code == 422 and NUMBER not in answer.text
    assert post(browser, "/me/id-number", {**GIVEN, "version": "2020.1"}).status_code == 409
    for _ in range(2):
        assert post(browser, "/me/id-number", GIVEN).status_code == 303
    shown = browser.get("/me/id-number").text
    assert NUMBER not in shown and NUMBER[:3] + "*" * 13 not in shown and "等待单位核对" in shown
    assert "身份证号等待核对" in browser.get(f"/classes/{class_id}").text
    for _ in range(2):
        assert post(browser, "/me/id-number/withdrawal").status_code == 303
    assert stored(person.person_id).id_number_sealed is None


def test_the_answer_tells_nobody_which_numbers_are_known(browser: FlaskClient, person: Principal, land: Land) -> None:
    give_number(make_person(land.unit, "李四光").person_id, NUMBER)
    class_id = add_qualification(land.unit, person.person_id)
    seen = []
    for number in (NUMBER, OTHER):
        answer = post(browser, "/me/id-number", {**GIVEN, "id_number": number})
        pages = [browser.get(path).text for path in ("/me/id-number", "/me/data", f"/classes/{class_id}")]
        assert not any(word in page for page in pages for word in ("李四光", NUMBER, OTHER, NUMBER[:3] + "***"))
        assert "等待单位核对" in pages[0]
        seen.append((answer.status_code, [len(re.findall(r"<(?:dt|a|form|li|p)\b", page)) for page in pages]))
        assert post(browser, "/me/id-number/withdrawal").status_code == 303
        assert "等待单位核对" not in browser.get("/me/id-number").text
    assert seen[0][0] == seen[1][0] == 303
    assert seen[0][1][:1] == seen[1][1][:1] and seen[0][1][2] == seen[1][1][2]


def test_numbers_are_given_a_few_times_a_day(browser: FlaskClient, person: Principal, land: Land) -> None:
    add_qualification(land.unit, person.person_id)
    answers = [post(browser, "/me/id-number", {**GIVEN, "id_number": id_number_of(one)}) for one in range(20, 27)]
    assert [one.status_code for one in answers] == [303] * id_numbers.GIVEN_A_DAY + [429, 429]
    assert f"一天最多登记 {id_numbers.GIVEN_A_DAY} 次" in answers[-1].text
    assert "今天登记身份证号的次数已满" in answers[-1].text


def test_everything_known_of_me_stands_on_one_page(browser: FlaskClient, person: Principal) -> None:
    page = browser.get("/me/data").text
    for text in ("张三", "杭州某公司工会", "138****0000", "干部", "保存期限", "同意的记录"):
        assert text in page
    assert "13800000000" not in page


def test_a_copy_is_a_file_that_nothing_keeps(browser: FlaskClient, person: Principal, land: Land) -> None:
    give_number(person.person_id, NUMBER)
    answer = post(browser, "/me/data/copy")
    assert answer.headers["Cache-Control"] == "no-store" and "attachment" in answer.headers["Content-Disposition"]
    assert json.loads(answer.data)["person"]["name"] == "张三" and NUMBER not in answer.text
    assert post(browser, "/me/data/copy", {"with_id_number": "y", "password": "wrong"}).status_code == 422
    whole = post(browser, "/me/data/copy", {"with_id_number": "y", "password": PASSWORD})
    assert json.loads(whole.data)["person"]["id_number"] is None, "nobody compared it yet"
    by = at_work(make_admin(land.province), land.province)
    assert id_numbers.compare(person.person_id, NUMBER, by=by, now=clock.now())
    whole = post(browser, "/me/data/copy", {"with_id_number": "y", "password": PASSWORD})
    assert json.loads(whole.data)["person"]["id_number"] == NUMBER


def test_contacts_change_at_once(browser: FlaskClient, person: Principal) -> None:
    fields = {
        "mobile": "13911112222",
        "mail": "w@example.org",
        "post": "副主席",
        "category": "section",
        "employment": "part_time",
        "appointed_on": "2024-05-06",
    }
    assert browser.get("/me/data/contact").status_code == 200
    for field, wrong in (
        ("mobile", "12"),
        ("mail", "x"),
        ("post", ""),
        ("category", "x"),
        ("appointed_on", "2999-01-01"),
    ):
        assert post(browser, "/me/data/contact", {**fields, field: wrong}).status_code == 422
    assert (
        post(
            browser, "/me/data/contact", {**fields, "password": PASSWORD, "name": "别名", "identity_level": "unit"}
        ).status_code
        == 303
    )
    row = stored(person.person_id)
    assert unseal(PersonRow.mobile_sealed, row.id, row.mobile_sealed) == "13911112222"
    assert (row.name, row.identity_level) == ("张三", "declared"), "only the form's own fields are taken"


def test_who_was_confirmed_is_shown_what_their_unit_changes(browser: FlaskClient, person: Principal) -> None:
    identity.vouch(person.person_id, actor_id=None, reason="test", now=NOW)
    before = stored(person.person_id)
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == person.person_id).values(appointed_on=date(2020, 3, 1)))
    page = browser.get("/me/data/contact").text
    assert "请联系单位管理员更改" in page and 'name="category"' not in page and 'name="appointed_on"' not in page
    fields = {"post": "主席", "employment": "part_time", "category": "division", "appointed_on": "2026-11-01"}
    assert post(browser, "/me/data/contact", fields).status_code == 303
    row = stored(person.person_id)
    assert (row.post, row.category, row.appointed_on) == ("主席", before.category, date(2020, 3, 1))


def test_a_correction_is_asked_seen_and_taken_back(browser: FlaskClient, person: Principal, land: Land) -> None:
    for field in ("name", "sex", "unit", "id_number"):
        assert browser.get(f"/me/data/correction?field={field}").status_code == 200
    assert browser.get("/me/data/correction?field=username").status_code == 404
    found = post(browser, "/me/data/correction?field=unit", {"find": "value", "unit_query": "长沙"})
    assert found.status_code == 200 and str(land.other_unit.id) in found.text
    path = "/me/data/correction?field=name"
    assert post(browser, path, {"value": "张珊"}).status_code == 422
    assert post(browser, path, {"value": "张珊", "reason": "注册时输错"}).status_code == 303
    assert post(browser, path, {"value": "张珊", "reason": "注册时输错"}).status_code == 409
    assert "张珊" in browser.get("/me/data").text
    with reading() as session:
        correction_id = session.execute(select(CorrectionRow.id)).scalar_one()
    assert post(browser, f"/me/data/corrections/{correction_id}/withdrawal").status_code == 303
    assert post(browser, f"/me/data/corrections/{correction_id}/withdrawal").status_code == 409


def test_a_foreign_correction_is_as_absent_as_none(browser: FlaskClient, clean: Flask, land: Land) -> None:
    other = signed_in(clean, make_person(land.unit, "李四"))
    post(other, "/me/data/correction?field=name", {"value": "李思", "reason": "错"})
    with reading() as session:
        foreign: UUID = session.execute(select(CorrectionRow.id)).scalar_one()
    answers = [post(browser, f"/me/data/corrections/{one}/withdrawal") for one in (foreign, ids.new_secret_id())]
    assert [one.status_code for one in answers] == [404, 404]


def test_closing_tells_first_and_asks_for_the_password(browser: FlaskClient, person: Principal) -> None:
    page = browser.get("/me/closing").text
    assert "依法保留" in page and "证书" in page and "注销账号 30 日后删除" in page
    assert post(browser, "/me/closing", {"password": PASSWORD}).status_code == 422
    assert post(browser, "/me/closing", {"password": "wrong", "understood": "y"}).status_code == 422
    assert stored(person.person_id).closed_at is None
    assert post(browser, "/me/closing", {"password": PASSWORD, "understood": "y"}).status_code == 303
    assert stored(person.person_id).closed_at is not None
    assert browser.get("/me/data").status_code == 303


def test_who_holds_a_role_is_told_to_hand_it_over(clean: Flask, land: Land) -> None:
    admin = make_admin(land.province)
    answer = post(signed_in(clean, admin), "/me/closing", {"password": PASSWORD, "understood": "y"})
    assert answer.status_code == 409 and stored(admin.person_id).closed_at is None
