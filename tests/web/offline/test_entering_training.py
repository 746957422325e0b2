"""The pages of training elsewhere, from entering to the learner's own page, with what each role sees of them."""

import re
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.accounts.service import asking
from lms.infra import spreadsheet
from lms.infra.storage import storage
from lms.kernel.principal import Principal
from tests.factories.cadres import make_admin
from tests.factories.outside import PDF, Office, draft, make_office, submitted
from tests.factories.people import NOW, post, signed_in

FACTS = {
    "source": "offline",
    "ledger": "centralized",
    "title": "工会干部培训班",
    "organiser": "浙江省总工会",
    "from_on": "2026-11-02",
    "until_on": "2026-11-04",
    "hours": "24",
}


@pytest.fixture
def office(clean: Flask) -> Office:
    return make_office()


@pytest.fixture
def clerk(clean: Flask, office: Office) -> FlaskClient:
    return signed_in(clean, office.clerk)


@pytest.fixture
def province(clean: Flask, office: Office) -> FlaskClient:
    return signed_in(clean, office.province)


def entered(clerk: FlaskClient, office: Office, **changes: str) -> str:
    answer = post(clerk, "/staff/training/new", {**FACTS, "unit": str(office.land.unit.id), **changes})
    assert answer.status_code == 303, re.findall(r'form-error">.*?<span>(.*?)</span>', answer.text)
    return str(answer.location)


def upload(content: bytes, name: str) -> tuple[BytesIO, str]:
    return BytesIO(content), name


def test_from_the_first_form_to_the_ledger(
    clean: Flask, clerk: FlaskClient, province: FlaskClient, office: Office
) -> None:
    page = entered(clerk, office)
    assert post(clerk, f"{page}/people", {"lines": "王建国\n李四"}).status_code == 303
    assert post(clerk, f"{page}/proof", {"file": upload(PDF, "签到表.pdf")}).status_code == 303
    assert post(clerk, f"{page}/submission").status_code == 303
    assert "等待审批" in clerk.get(page).text
    assert "工会干部培训班" in province.get("/staff/training?state=submitted").text
    assert post(province, f"{page}/decision", {"act": "approve"}).status_code == 303
    learner = signed_in(clean, office.one)
    assert "签到表.pdf" in learner.get("/me/training").text
    assert "省管理员" in learner.get("/me/training").text
    assert "单位登记，上级审批" in learner.get("/me/hours?year=2026").text
    assert "24" in learner.get("/me/notices").text


def test_a_list_with_a_fault_is_told_by_row_and_what_was_typed_stays(clerk: FlaskClient, office: Office) -> None:
    page = entered(clerk, office)
    answer = post(clerk, f"{page}/people", {"lines": "王建国\n没有这个人"})
    assert answer.status_code == 422
    assert "第 2 行" in answer.text
    assert "没有这个人</textarea>" in answer.text
    assert "名单还是空的" in answer.text


def test_people_come_by_spreadsheet(clerk: FlaskClient, office: Office) -> None:
    page = entered(clerk, office)
    table = spreadsheet.write_xlsx(["姓名", "学时"], [["王建国", "4"], ["李四", ""]], title="人员")
    assert post(clerk, f"{page}/sheet", {"sheet": upload(table, "a.xlsx")}).status_code == 303
    shown = clerk.get(page).text
    assert "王建国" in shown
    assert "李四" in shown


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("sheet", {"sheet": (b"\x00\x01", "a.xlsx")}),
        ("sheet", {"sheet": ("姓名\n没有这个人\n".encode(), "a.csv")}),
        ("sheet", {}),
        ("proof", {"file": (b"<svg/>", "a.svg")}),
        ("proof", {"file": (b"<html>", "a.pdf")}),
        ("proof", {}),
        ("people", {"lines": ""}),
    ],
)
def test_what_can_not_be_read_is_refused_and_nothing_is_kept(
    clerk: FlaskClient, office: Office, path: str, fields: dict[str, Any]
) -> None:
    page = entered(clerk, office)
    sent = {name: upload(*value) if isinstance(value, tuple) else value for name, value in fields.items()}
    assert post(clerk, f"{page}/{path}", sent).status_code == 422
    shown = clerk.get(page).text
    assert "名单还是空的" in shown
    assert "还没有上传" in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"hours": "四"},
        {"hours": "100"},
        {"until_on": "2026-11-01"},
        {"until_on": "2027-11-01"},
        {"title": ""},
        {"source": "rumour"},
        {"ledger": "self_study"},
        {"unit": ""},
        {"from_on": "昨天"},
    ],
)
def test_wrong_facts_are_told(clerk: FlaskClient, office: Office, changes: dict[str, str]) -> None:
    answer = post(clerk, "/staff/training/new", {**FACTS, "unit": str(office.land.unit.id), **changes})
    assert answer.status_code == 422
    assert "form-error" in answer.text


def test_the_proof_is_a_download_and_nothing_else(clean: Flask, clerk: FlaskClient, office: Office) -> None:
    training_id = draft(office)
    answer = clerk.get(f"/staff/training/{training_id}/proof")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"] == 'attachment; filename="proof.pdf"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_damaged_proof_is_told_in_a_sentence(clean: Flask, clerk: FlaskClient, office: Office) -> None:
    training_id = draft(office)
    [name] = storage().names(f"proofs/{training_id}")
    storage().put_bytes(f"proofs/{training_id}/{name}", PDF)
    answer = clerk.get(f"/staff/training/{training_id}/proof")
    assert answer.status_code == 409 and "请让登记单位重新上传" in answer.text
    assert clerk.get(f"/staff/training/{training_id}").status_code == 200


@pytest.mark.parametrize("who", ["one", "other"])
def test_nobody_else_gets_at_a_training(clean: Flask, office: Office, who: str) -> None:
    training_id = submitted(office)
    person: Principal = office.one if who == "one" else make_admin(office.land.other_province)
    visitor = signed_in(clean, person)
    expected = 403 if who == "one" else 404
    assert visitor.get(f"/staff/training/{training_id}").status_code == expected
    assert visitor.get(f"/staff/training/{training_id}/proof").status_code == expected
    assert post(visitor, f"/staff/training/{training_id}/decision", {"act": "approve"}).status_code == expected


def test_who_entered_it_is_told_why_they_do_not_decide(clean: Flask, office: Office) -> None:
    training_id = draft(office)
    province = signed_in(clean, office.province)
    post(province, f"/staff/training/{training_id}/submission")
    assert "登记、修改或提交的人不能审批" in province.get(f"/staff/training/{training_id}").text
    answer = post(province, f"/staff/training/{training_id}/decision", {"act": "approve"})
    assert answer.status_code == 403
    assert "登记、修改或提交的人不能审批" in answer.text


@pytest.mark.parametrize("act", ["", "burn", "edit", "submit"])
def test_an_act_that_is_no_decision_is_refused(province: FlaskClient, office: Office, act: str) -> None:
    training_id = submitted(office)
    assert post(province, f"/staff/training/{training_id}/decision", {"act": act}).status_code == 422


def test_the_desk_counts_what_waits(province: FlaskClient, office: Office) -> None:
    submitted(office)
    assert "等待审批的培训登记" in province.get("/staff/").text


@pytest.mark.parametrize("query", ["state=burnt", "after=x"])
def test_a_list_that_there_is_not(clerk: FlaskClient, query: str) -> None:
    assert clerk.get(f"/staff/training?{query}").status_code == 404


def test_an_absent_training_looks_like_a_foreign_one(clerk: FlaskClient) -> None:
    assert clerk.get(f"/staff/training/{UUID(int=7)}").status_code == 404


def test_a_page_says_which_handing_in_it_decides(clean: Flask, clerk: FlaskClient, office: Office) -> None:
    training_id = submitted(office)
    province = signed_in(clean, office.province)
    page = f"/staff/training/{training_id}"
    field = re.search(r'name="handed_in" value="([^"]+)"', province.get(page).text)
    assert field
    stale = {"act": "approve", "handed_in": "2026-01-01T00:00:00+00:00"}
    answer = post(province, f"{page}/decision", stale)
    assert answer.status_code == 409 and field[0] in answer.text, "the page now shows what would be decided"
    assert post(province, f"{page}/decision", stale | {"handed_in": "x"}).status_code == 422
    assert post(province, f"{page}/decision", {"act": "approve", "handed_in": field[1]}).status_code == 303


def test_too_many_wrong_mobile_numbers_are_told_in_the_form(
    clerk: FlaskClient, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(asking.A_DAY, asking.Guess.MOBILE, 1)
    page = f"/staff/training/{draft(office)}"
    wrong = post(clerk, f"{page}/people", {"lines": "王建国 13900009999"})
    assert wrong.status_code == 422 and "请明天再试" not in wrong.text
    stopped = post(clerk, f"{page}/people", {"lines": "王建国 13900009998"})
    assert stopped.status_code == 429 and "请明天再试" in stopped.text and "13900009998" in stopped.text


@pytest.mark.parametrize(("page", "field"), [("sheet", "sheet"), ("proof", "file")])
def test_a_text_in_the_place_of_a_file_is_refused(clean: Flask, page: str, field: str) -> None:
    office = make_office()
    training_id = draft(office, now=NOW)
    answer = post(signed_in(clean, office.clerk), f"/staff/training/{training_id}/{page}", {field: "no file"})
    assert answer.status_code == 422 and "请选择文件" in answer.text
