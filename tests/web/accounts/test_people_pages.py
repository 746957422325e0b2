"""The staff pages of people: who may open them, whom they show, what a click does once and twice."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lms.access.domain import roles
from lms.accounts.models import AccountRow, AuthSessionRow, DisclosureRow, PersonRow
from lms.accounts.service import asking
from lms.accounts.staff_views import people_shown
from lms.infra import spreadsheet
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.principal import Principal
from tests.factories.cadres import make_admin, stored
from tests.factories.people import Land, make_land, make_person, post, signed_in
from tests.web.conftest import Statements

CARD = {"reason": "查验身份证原件"}
FACTS = {
    "sex": "male",
    "post": "工会主席",
    "mobile": "13912345678",
    "category": "enterprise",
    "employment": "full_time",
    "appointed_on": "2020-03-01",
}


@pytest.fixture
def country(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def admin(country: Land) -> Principal:
    return make_person(country.province, "省管理员", grants={roles.UNIT_ADMIN: country.province})


@pytest.fixture
def office(clean: Flask, admin: Principal) -> FlaskClient:
    return signed_in(clean, admin)


def pages_of(person_id: UUID, other_id: UUID) -> tuple[str, ...]:
    """Every page about one person, by address."""
    base = f"/staff/people/{person_id}"
    acts = ("", "/edit", "/confirmation", "/disabling", "/enabling", "/move", "/memberships/new")
    joining = (f"{base}/joining/{other_id}", f"/staff/people/{other_id}/joining/{person_id}")
    return (*(base + act for act in acts), *joining)


def plain(text: str) -> str:
    """What a page says, without the number of the request."""
    said = re.search(r"<main.*</main>", text, re.DOTALL)
    assert said
    return re.sub(r"<code>[0-9a-f]+</code>", "", said[0])


def test_foreign_people_and_nobody_answer_alike(country: Land, office: FlaskClient) -> None:
    mine = make_person(country.unit, "本省人").person_id
    foreign, absent = make_person(country.other_unit, "金丝雀").person_id, ids.new_id()
    for elsewhere, nowhere in zip(pages_of(foreign, mine), pages_of(absent, mine), strict=True):
        one, other = office.get(elsewhere), office.get(nowhere)
        assert (one.status_code, other.status_code) == (404, 404), elsewhere
        assert plain(one.text) == plain(other.text)
        assert "金丝雀" not in one.text
        data = CARD | {"name": "x", **FACTS, "unit": str(country.unit.id), "from_on": "2026-11-21"}
        if elsewhere.count("/") == 3:
            continue
        one, other = post(office, elsewhere, data), post(office, nowhere, data)
        assert (one.status_code, other.status_code) == (404, 404), elsewhere
    assert stored(foreign).identity_level == "declared"
    assert all(office.get(page).status_code == 200 for page in pages_of(mine, make_person(country.unit).person_id))


@pytest.mark.parametrize("role", [None, roles.UPLOADER, roles.AUDIT_ADMIN])
def test_who_has_no_such_role_is_kept_out(clean: Flask, country: Land, role: str | None) -> None:
    over = country.national if role == roles.AUDIT_ADMIN else country.province
    who = make_person(country.province, grants={role: over} if role else None)
    person = make_person(country.unit).person_id
    client = signed_in(clean, who)
    for page in (
        "/staff/people",
        "/staff/people/new",
        "/staff/people/import",
        "/staff/people/export",
        "/staff/people/twins",
    ):
        assert client.get(page).status_code == 403, page
    for page in pages_of(person, who.person_id):
        assert client.get(page).status_code == 403, page
    assert clean.test_client().get("/staff/people").status_code in {303, 401}


def test_a_tutor_reads_but_changes_nothing(clean: Flask, country: Land) -> None:
    tutor = make_person(country.province, grants={roles.CLASS_TUTOR: country.province})
    person = make_person(country.unit, "学员").person_id
    client = signed_in(clean, tutor)
    shown = client.get(f"/staff/people/{person}")
    assert shown.status_code == 200
    assert "138****0000" in shown.text and "13800000000" not in shown.text
    assert "disabling" not in shown.text
    assert post(client, f"/staff/people/{person}/confirmation", CARD).status_code == 403
    assert 'name="act"' not in client.get("/staff/people").text


def test_a_hidden_search_serves_only_who_made_it_and_for_a_while(
    clean: Flask, country: Land, office: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("王小明", "李四"):
        make_person(country.unit, name)
    address = post(office, "/staff/people/search", {"text": "王"}).location
    mine = office.get(address).text
    assert "王小明" in mine and "李四" not in mine
    other = make_person(country.province, "另一管理员", grants={roles.UNIT_ADMIN: country.province})
    assert "李四" in signed_in(clean, other).get(address).text, "another person's search is none"
    monkeypatch.setattr(people_shown, "KEPT", timedelta(0))
    assert "李四" in office.get(address).text, "an old search is none"


def test_a_search_leaves_no_name_in_the_address(country: Land, office: FlaskClient) -> None:
    make_person(country.unit, "王建国")
    make_person(country.unit, "李小红")
    make_person(country.other_unit, "王金丝雀")
    answer = post(office, "/staff/people/search", {"text": "王", "mobile": "13800000000", "category": "other"})
    assert answer.status_code == 303
    address = unquote(answer.location)
    assert "王" not in address and "138" not in address and "category=other" in address
    page = office.get(answer.location).text
    assert "王建国" in page and "李小红" not in page and "金丝雀" not in page
    assert office.get("/staff/people?f=nonsense").status_code == 200
    for wrong in ("category=x", "unit=x", "after=x", f"unit={country.other_unit.id}", f"unit={ids.new_id()}"):
        assert office.get(f"/staff/people?{wrong}").status_code == 404, wrong


def test_the_list_takes_the_same_few_statements_however_many_people(
    country: Land, office: FlaskClient, statements: Statements
) -> None:
    counts = []
    for more in (1, 12):
        for number in range(more):
            make_person(country.unit, f"学员{number}")
        with statements() as seen:
            assert office.get(f"/staff/people?unit={country.province.id}").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 7


def test_names_are_shown_as_they_are_and_never_as_markup(country: Land, office: FlaskClient) -> None:
    for name in ("<script>alert(1)</script>", "𠮷田㐂·O'Neil", '"><img src=x>', "{{ 7*7 }}"):
        answer = post(
            office, "/staff/people/new", {**FACTS, "name": name, "unit": str(country.unit.id), "mobile": "13900000001"}
        )
        assert answer.status_code == 303, answer.text
        assert stored(UUID(answer.location.rsplit("/", 1)[-1])).name == name
        page = office.get(answer.location).text
        assert "<script>alert" not in page and "<img src=x" not in page
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", page)


def test_a_person_is_added_once_whatever_is_clicked(country: Land, office: FlaskClient) -> None:
    data = {**FACTS, "name": "钱学敏", "unit_query": "杭州"}
    found = post(office, "/staff/people/new", data | {"find": "unit"})
    assert found.status_code == 200 and str(country.unit.id) in found.text and "长沙" not in found.text
    assert post(office, "/staff/people/new", data).status_code == 422
    assert post(office, "/staff/people/new", data | {"unit": str(country.other_unit.id)}).status_code == 404
    first = post(office, "/staff/people/new", data | {"unit": str(country.unit.id)})
    second = post(office, "/staff/people/new", data | {"unit": str(country.unit.id)})
    assert (first.status_code, second.status_code) == (303, 409)
    assert "未设置" in office.get(first.location).text


def test_identity_state_and_sessions_change_with_a_reason(country: Land, office: FlaskClient, clean: Flask) -> None:
    person = make_person(country.unit, "学员")
    theirs = signed_in(clean, person)
    assert theirs.get("/me/hours").status_code == 200
    base = f"/staff/people/{person.person_id}"
    assert post(office, f"{base}/confirmation", {"reason": " "}).status_code == 422
    for _twice in range(2):
        assert post(office, f"{base}/confirmation", CARD).status_code == 303
    assert stored(person.person_id).identity_level == "unit"
    for _twice in range(2):
        assert post(office, f"{base}/disabling", {"reason": "离职"}).status_code == 303
    assert theirs.get("/me/hours").status_code != 200
    with reading() as session:
        row = session.execute(select(AccountRow).where(AccountRow.person_id == person.person_id)).scalar_one()
        assert (row.state, row.state_reason) == ("disabled", "离职")
    assert post(office, f"{base}/enabling", {"reason": "返岗"}).status_code == 303
    again = signed_in(clean, person)
    assert again.get("/me/hours").status_code == 200
    assert post(office, f"{base}/sessions/end").status_code == 303
    assert again.get("/me/hours").status_code != 200


def test_nobody_changes_themselves_or_the_account_of_somebody_more_powerful(
    country: Land, admin: Principal, office: FlaskClient
) -> None:
    assert "disabling" not in office.get(f"/staff/people/{admin.person_id}").text
    assert post(office, f"/staff/people/{admin.person_id}/confirmation", CARD).status_code == 403
    chief = make_person(country.unit, "全国管理员", grants={roles.UNIT_ADMIN: country.national})
    assert post(office, f"/staff/people/{chief.person_id}/disabling", {"reason": "x"}).status_code == 403
    assert post(office, f"/staff/people/{chief.person_id}/sessions/end").status_code == 403
    edited = {**FACTS, "name": "全国管理员", "mobile": "13911112222"}
    assert post(office, f"/staff/people/{chief.person_id}/edit", edited).status_code == 403


def test_moves_and_second_units_go_through_the_pages(country: Land, office: FlaskClient) -> None:
    person = make_person(country.unit, "学员").person_id
    base = f"/staff/people/{person}"
    found = post(office, f"{base}/move", {"unit_query": "浙江", "find": "unit"})
    assert found.status_code == 200 and str(country.province.id) in found.text
    move = {"unit": str(country.province.id), "from_on": "2026-11-21", "reason": "调动"}
    assert post(office, f"{base}/move", move | {"unit": ""}).status_code == 422
    assert post(office, f"{base}/move", move | {"from_on": "x"}).status_code == 422
    assert post(office, f"{base}/move", move | {"unit": str(country.other_unit.id)}).status_code == 404
    assert post(office, f"{base}/move", move).status_code == 303
    assert post(office, f"{base}/move", move).status_code == 422
    assert stored(person).unit_id == country.province.id
    second = move | {"unit": str(country.unit.id), "reason": "兼职"}
    assert post(office, f"{base}/memberships/new", second).status_code == 303
    page = office.get(base).text
    end = re.search(rf"{base}/memberships/[0-9a-f-]+/end", page)
    assert end and office.get(end[0]).status_code == 200
    assert post(office, end[0], {"until_on": "2026-11-22", "reason": "结束"}).status_code == 303
    assert post(office, end[0], {"until_on": "2026-11-22", "reason": "结束"}).status_code == 422


def test_many_are_confirmed_after_a_preview(country: Land, office: FlaskClient) -> None:
    people = [str(make_person(country.unit, f"学员{number}").person_id) for number in range(3)]
    foreign = str(make_person(country.other_unit, "金丝雀").person_id)
    shown = post(office, "/staff/people/bulk", {"act": "confirm", "person": people})
    assert shown.status_code == 200 and "学员2" in shown.text
    assert post(office, "/staff/people/bulk", {"act": "confirm", "person": [*people, foreign]}).status_code == 404
    assert post(office, "/staff/people/bulk", {"act": "confirm", "person": ["x"]}).status_code == 404
    assert post(office, "/staff/people/bulk", {"act": "erase", "person": people}).status_code == 422
    assert post(office, "/staff/people/bulk", {"act": "move"}).status_code == 303
    assert post(office, "/staff/people/bulk/acts", {"act": "confirm", "person": people}).status_code == 422
    assert post(office, "/staff/people/bulk/acts", {"act": "confirm", "person": people, **CARD}).status_code == 303
    assert {stored(UUID(one)).identity_level for one in people} == {"unit"}
    moved = {"act": "move", "person": people, "unit": str(country.province.id), "from_on": "2026-11-22", **CARD}
    assert post(office, "/staff/people/bulk/acts", moved | {"unit": ""}).status_code == 422
    assert post(office, "/staff/people/bulk/acts", moved).status_code == 303


def test_two_accounts_are_joined_by_two_members_of_staff(clean: Flask, country: Land, office: FlaskClient) -> None:
    kept, gone = make_person(country.unit, "李明"), make_person(country.unit, "李明")
    twins = office.get("/staff/people/twins").text
    address = f"/staff/people/{kept.person_id}/joining/{gone.person_id}"
    assert address in twins
    first = post(office, address, {"reason": "同一人"})
    assert first.status_code == 200 and 'name="sure"' in first.text
    assert stored(gone.person_id).merged_into is None
    assert post(office, address, {"reason": "同一人", "step": "last"}).status_code == 422
    filed = post(office, address, {"reason": "同一人", "step": "last", "sure": "y"})
    assert filed.status_code == 303 and stored(gone.person_id).merged_into is None
    assert post(office, address, {"reason": "同一人", "step": "last", "sure": "y"}).status_code == 409
    page = filed.location
    assert "等待另一位管理员确认" in office.get(page).text and "confirmation" not in office.get(page).text
    assert post(office, f"{page}/confirmation", {"sure": "y"}).status_code == 403
    second = signed_in(clean, make_admin(country.province, "复核员"))
    assert page in second.get("/staff/people/joinings").text and "合并申请" in second.get("/staff/").text
    assert "您是第二位管理员" in second.get(page).text
    assert post(second, f"{page}/confirmation").status_code == 422
    assert stored(gone.person_id).merged_into is None
    assert post(second, f"{page}/confirmation", {"sure": "y"}).status_code == 303
    assert stored(gone.person_id).merged_into == kept.person_id
    assert post(second, f"{page}/confirmation", {"sure": "y"}).status_code == 409
    assert post(office, f"{page}/refusal").status_code == 409
    assert post(office, address, {"reason": "同一人", "step": "last", "sure": "y"}).status_code == 409
    assert str(gone.person_id) not in office.get("/staff/people").text
    assert address not in office.get("/staff/people/twins").text
    assert office.get(f"/staff/people/{gone.person_id}").status_code == 200


def test_a_proposal_to_join_ends_without_a_change(clean: Flask, country: Land, office: FlaskClient) -> None:
    kept, gone = make_person(country.unit, "李明"), make_person(country.unit, "李明")
    address = f"/staff/people/{kept.person_id}/joining/{gone.person_id}"
    sure = {"reason": "同一人", "step": "last", "sure": "y"}
    page = post(office, address, sure).location
    elsewhere = signed_in(clean, make_admin(country.other_province, "外省管理员"))
    learner = signed_in(clean, kept)
    for act in ("", "/confirmation", "/refusal"):
        for browser in (elsewhere, learner):
            answer = post(browser, page + act, {"sure": "y"}) if act else browser.get(page)
            assert answer.status_code in {403, 404}
    assert page not in elsewhere.get("/staff/people/joinings").text
    assert post(office, f"{page}/refusal").status_code == 303
    assert "已撤回" in office.get(page).text
    page = post(office, address, sure).location
    second = signed_in(clean, make_admin(country.province, "复核员"))
    assert post(second, f"{page}/refusal").status_code == 303
    assert "已拒绝" in office.get("/staff/people/joinings").text
    assert stored(gone.person_id).merged_into is None


def upload(make: Callable[..., bytes], rows: list[list[str]]) -> tuple[io.BytesIO, str]:
    titles = ["姓名", "性别", "单位", "职务", "手机", "人员类别", "用工性质", "任职日期"]
    content = make(titles, rows, title="人员") if make is spreadsheet.write_xlsx else make(titles, rows)
    return io.BytesIO(content), "people.xlsx" if make is spreadsheet.write_xlsx else "people.csv"


@pytest.mark.parametrize("make", [spreadsheet.write_csv, spreadsheet.write_xlsx])
def test_a_spreadsheet_is_previewed_then_taken_over(
    country: Land, office: FlaskClient, make: Callable[..., bytes]
) -> None:
    row = ["阿依古丽·𠮷", "女", "杭州某公司工会", "=HYPERLINK(1)", "13900000002", "其他", "挂职", "2021-05-06"]
    assert office.get("/staff/people/import").status_code == 200
    assert office.get("/staff/people/import/template.xlsx").data.startswith(b"PK")
    wrong = post(office, "/staff/people/import", {"file": upload(make, [row, [*row[:4], "12", *row[5:]]])})
    assert wrong.status_code == 422 and "第 3 行" in wrong.text
    assert post(office, "/staff/people/import", {"file": (io.BytesIO(b"\x00\x01"), "x.xlsx")}).status_code == 422
    assert post(office, "/staff/people/import", {}).status_code == 422
    assert post(office, "/staff/people/import", {"file": "no file but a text"}).status_code == 422
    shown = post(office, "/staff/people/import", {"file": upload(make, [row])})
    assert shown.status_code == 200 and "阿依古丽·𠮷" in shown.text
    sealed = re.search(r'name="rows"[^>]*value="([^"]+)"', shown.text)
    assert sealed
    assert post(office, "/staff/people/import/rows", {"rows": sealed[1]}).status_code == 303
    with reading() as session:
        assert session.execute(select(PersonRow.post).where(PersonRow.name == "阿依古丽·𠮷")).scalars().all() == [
            "=HYPERLINK(1)"
        ]
    again = post(office, "/staff/people/import", {"file": upload(make, [row])})
    assert "没有要添加的人员" in again.text
    assert post(office, "/staff/people/import/rows", {"rows": "x"}).status_code == 303


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_asks_what_for_is_noted_and_holds_no_formula(country: Land, office: FlaskClient, kind: str) -> None:
    person = make_person(country.unit, "=cmd|'/c calc'!A1")
    make_person(country.other_unit, "金丝雀")
    address = f"/staff/people/export?unit={country.unit.id}"
    assert office.get(address).status_code == 200
    assert post(office, address, {"kind": kind, "receiver": "某部"}).status_code == 422
    answer = post(office, address, {"kind": kind, "receiver": "某部", "reason": "年度统计"})
    assert answer.status_code == 200
    sheet = spreadsheet.read_table(answer.data, f"x.{kind}")
    assert [cells[0] for _number, cells in sheet.rows[1:]] == [stored(person.person_id).name]
    if kind == "csv":
        assert "\"'=cmd" in answer.data.decode("utf-8-sig")
    assert "138" not in str(sheet.rows)
    with reading() as session:
        noted = session.execute(select(DisclosureRow)).scalar_one()
    assert (noted.receiver, noted.purpose, noted.persons, noted.unit_path) == ("某部", "年度统计", 1, country.unit.path)


@pytest.mark.parametrize("query", ["endpoint=x", "_method=PATCH", "_external=1", "_anchor=x", "_scheme=ftp"])
def test_an_address_says_nothing_about_where_its_form_goes(office: FlaskClient, query: str) -> None:
    page = office.get(f"/staff/people/export?{query}")
    assert page.status_code == 200
    assert f'action="/staff/people/export?{query}"' in page.text


def test_an_account_that_ended_shows_why_and_offers_nothing(country: Land, office: FlaskClient) -> None:
    person = make_person(country.unit, "学员").person_id
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == person).values(closed_at=stored(person).created_at))
    page = office.get(f"/staff/people/{person}").text
    assert "已注销" in page and "disabling" not in page
    assert post(office, f"/staff/people/{person}/confirmation", CARD).status_code == 409
    with reading() as session:
        assert session.execute(select(AuthSessionRow.id).limit(1)).first()


def test_a_mobile_number_is_looked_for_so_often_a_day(
    country: Land, office: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(asking.A_DAY, asking.Guess.MOBILE, 2)
    asked = [post(office, "/staff/people/search", {"mobile": f"1380000000{number}"}) for number in range(3)]
    assert ["f=" in one.location for one in asked] == [True, True, False]
    assert "请明天再试" in office.get(asked[2].location).text
    assert post(office, "/staff/people/search", {"text": "王"}).status_code == 303
