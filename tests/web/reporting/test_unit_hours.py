"""The page of a unit's hours: its figures, its list, reminders and the export, for those in whose reach the unit lies."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.access.domain import roles
from lms.accounts.models import DisclosureRow
from lms.infra.db import reading
from lms.infra.jobs import JobRow
from lms.kernel import clock
from lms.reporting import service
from lms.reporting.staff_views.units import PAGE
from tests.factories.cadres import make_admin
from tests.factories.ledger import credit, make_rule
from tests.factories.people import Land, make_crowd, make_land, make_person, post, signed_in
from tests.web.conftest import Statements


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def admin(clean: Flask, land: Land) -> FlaskClient:
    rule = make_rule(land)
    for number in range(3):
        person = make_person(land.unit, f"王{'一二三'[number]}")
        if number:
            credit(rule, person.person_id, 2500 * number, at=clock.now())
    make_person(land.other_unit, "外省人")
    browser = signed_in(clean, make_admin(land.province))
    service.count_all(now=clock.now())
    return browser


def names(page: str) -> list[str]:
    return re.findall(r'<a href="/staff/people/[0-9a-f-]{36}">(.*?)</a>', page)


def test_the_page_shows_figures_and_people(admin: FlaskClient, land: Land) -> None:
    page = admin.get("/staff/hours").text
    assert "浙江省总工会" in page
    assert "未达标" in page
    assert {"王一", "王二", "王三"} <= set(names(page))
    assert "外省人" not in page
    assert "还差 25 学时" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("standing=behind", {"王一", "王二"}),
        ("standing=reached", {"王三"}),
        ("standing=behind&ledger=self_study", {"王一", "王二"}),
    ],
)
def test_the_list_is_filtered(admin: FlaskClient, query: str, found: set[str]) -> None:
    listed = {name for name in names(admin.get(f"/staff/hours?{query}").text) if name.startswith("王")}
    assert listed == found


def test_the_least_come_first_when_asked(admin: FlaskClient, land: Land) -> None:
    listed = [
        name
        for name in names(admin.get(f"/staff/hours?unit={land.unit.id}&order=missing").text)
        if name.startswith("王")
    ]
    assert listed == ["王一", "王二", "王三"]


@pytest.mark.parametrize(
    "query",
    ["standing=maybe", "ledger=x", "category=x", "order=x", "year=1999", "year=2999", "year=x", "unit=x", "after=x"],
)
def test_what_there_is_not_is_not_found(admin: FlaskClient, query: str) -> None:
    assert admin.get(f"/staff/hours?{query}").status_code == 404


def test_a_foreign_unit_looks_absent(admin: FlaskClient, land: Land) -> None:
    for path in ("/staff/hours", "/staff/hours/reminder", "/staff/hours/export"):
        assert admin.get(f"{path}?unit={land.other_unit.id}").status_code == 404


def test_a_learner_has_no_such_page(clean: Flask, land: Land) -> None:
    assert signed_in(clean, make_person(land.unit)).get("/staff/hours").status_code == 403


def test_ten_people_and_a_thousand_cost_the_same_statements(
    clean: Flask, admin: FlaskClient, land: Land, statements: Statements
) -> None:
    def look() -> tuple[list[str], str]:
        service.count_all(now=clock.now())
        with statements() as seen:
            page = admin.get("/staff/hours").text
        return seen, page

    make_crowd(land.unit, 7)
    look()
    few, _ = look()
    make_crowd(land.unit, 990)
    many, page = look()
    assert len(many) == len(few)
    assert len([one for one in many if one.startswith("SELECT")]) <= 7
    assert len(names(page)) == PAGE and "after=" in page, "a page of them is shown"


def test_a_reminder_is_shown_before_it_is_sent(admin: FlaskClient) -> None:
    page = admin.get("/staff/hours/reminder").text
    assert "王一" in page
    assert "王三" not in page
    answer = post(admin, "/staff/hours/reminder", {"words": "请抓紧学习。"})
    assert answer.status_code == 303
    with reading() as session:
        [payload] = [job.payload for job in session.query(JobRow).filter_by(kind=service.ORDER_JOB)]
    assert payload["words"] == "请抓紧学习。"
    assert service.remind(payload, now=clock.now()) >= 2


def test_a_reminder_without_words_is_not_sent(admin: FlaskClient) -> None:
    assert post(admin, "/staff/hours/reminder", {"words": " "}).status_code == 422
    with reading() as session:
        assert not session.query(JobRow).filter_by(kind=service.ORDER_JOB).count()


def test_an_export_says_what_for_and_is_kept(admin: FlaskClient) -> None:
    assert post(admin, "/staff/hours/export", {"kind": "csv"}).status_code == 422
    fields = {"kind": "csv", "receiver": "省委组织部", "reason": "年度统计"}
    answer = post(admin, "/staff/hours/export?standing=behind", fields)
    assert answer.status_code == 200
    assert "王一" in answer.data.decode("utf-8-sig")
    assert "王三" not in answer.data.decode("utf-8-sig")
    with reading() as session:
        assert [one.receiver for one in session.query(DisclosureRow)] == ["省委组织部"]


def test_who_reads_two_subtrees_chooses_between_them(clean: Flask, land: Land) -> None:
    grants = {roles.UNIT_ADMIN: land.unit, roles.CLASS_TUTOR: land.other_unit}
    page = signed_in(clean, make_person(land.unit, "两地", grants=grants)).get("/staff/hours").text
    for one in (land.unit, land.other_unit):
        assert re.search(rf'<option[^>]* value="{one.id}"', page), one.name
