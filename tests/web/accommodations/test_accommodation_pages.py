"""The pages of accommodations: proposed by one, confirmed by another, seen by whom they are for and by nobody else."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.access.domain import roles
from lms.accommodations.models import AccommodationRow
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.principal import Principal
from tests.factories.cadres import make_admin
from tests.factories.people import Land, make_land, make_person, make_staff, post, signed_in

FIELDS = {
    "exam_factor": "1.50",
    "presence_double": "y",
    "basis": "document",
    "reference": "3号",
    "from_on": "2026-01-01",
    "until_on": "",
}


@pytest.fixture
def country(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def learner(country: Land) -> Principal:
    return make_person(country.unit, "张三")


@pytest.fixture
def admin(clean: Flask, country: Land) -> FlaskClient:
    return signed_in(clean, make_person(country.province, "省管理员", grants={roles.UNIT_ADMIN: country.province}))


@pytest.fixture
def manager(clean: Flask, country: Land) -> FlaskClient:
    return signed_in(clean, make_person(country.unit, "学习管理员", grants={roles.CLASS_MANAGER: country.unit}))


def rows() -> list[AccommodationRow]:
    with reading() as session:
        return list(session.scalars(select(AccommodationRow).order_by(AccommodationRow.id)))


def page_of(learner: Principal) -> str:
    return f"/staff/people/{learner.person_id}/accommodations"


def proposed(client: FlaskClient, learner: Principal) -> UUID:
    assert post(client, page_of(learner), FIELDS).status_code == 303
    return rows()[-1].id


def test_one_proposes_another_confirms_and_the_learner_sees_it(
    clean: Flask, learner: Principal, admin: FlaskClient, manager: FlaskClient
) -> None:
    one = proposed(manager, learner)
    mine = signed_in(clean, learner)
    assert "目前没有有效的便利安排" in mine.get("/me/data/accommodations").text
    assert "张三" in admin.get("/staff/accommodations").text
    own = manager.get(f"/staff/accommodations/{one}").text
    assert "撤回" in own and "处理结果" not in own
    assert post(manager, f"/staff/accommodations/{one}/decision", {"decision": "confirm"}).status_code == 403
    assert post(admin, f"/staff/accommodations/{one}/decision", {"decision": "confirm"}).status_code == 303
    page = mine.get("/me/data/accommodations").text
    assert "考试时间 1.5 倍；在场确认的等待时间加倍" in page and "今天有效" in page
    copied = json.loads(post(mine, "/me/data/copy").data)
    assert copied["accommodations"][0]["exam_time_percent"] == 150
    assert "今天有效" in admin.get(page_of(learner)).text
    assert page_of(learner) in admin.get(f"/staff/people/{learner.person_id}").text


def test_revoking_asks_why_and_ends_it(
    clean: Flask, learner: Principal, admin: FlaskClient, manager: FlaskClient
) -> None:
    one = proposed(manager, learner)
    post(admin, f"/staff/accommodations/{one}/decision", {"decision": "confirm"})
    path = f"/staff/accommodations/{one}/revocation"
    assert post(admin, path, {"reason": ""}).status_code == 422
    assert post(admin, path, {"reason": "不再需要"}).status_code == 303
    assert post(admin, path, {"reason": "不再需要"}).status_code == 409
    page = signed_in(clean, learner).get("/me/data/accommodations").text
    assert "已撤销" in page and "不再需要" in page and "今天有效" not in page


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("exam_factor", "0.9", "1.00 到 3.00"),
        ("exam_factor", "3.01", "1.00 到 3.00"),
        ("exam_factor", "1.005", "1.00 到 3.00"),
        ("exam_factor", "NaN", "1.00 到 3.00"),
        ("exam_factor", "sNaN", "1.00 到 3.00"),
        ("exam_factor", "-Infinity", "1.00 到 3.00"),
        ("exam_factor", "abc", "考试时间倍数"),
        ("basis", "illness", "依据"),
        ("from_on", "2026-13-01", "开始日期"),
        ("until_on", "2025-01-01", "截止日期不能早于开始日期"),
        ("reference", "字" * 41, "文号或日期"),
        ("reference", "13800138000", "文号或日期"),
    ],
)
def test_bad_input_is_told_by_its_field_and_stores_nothing(
    learner: Principal, admin: FlaskClient, name: str, value: str, told: str
) -> None:
    answer = post(admin, page_of(learner), FIELDS | {name: value})
    assert answer.status_code == 422 and told in answer.text
    assert rows() == []


def test_a_second_click_proposes_nothing_more(learner: Principal, admin: FlaskClient) -> None:
    proposed(admin, learner)
    answer = post(admin, page_of(learner), FIELDS)
    assert answer.status_code == 409 and "有一项正在等待确认" in answer.text
    assert len(rows()) == 1


def test_a_decline_needs_a_reason_and_a_proposal_is_withdrawn_by_its_author(
    learner: Principal, admin: FlaskClient, manager: FlaskClient
) -> None:
    one = proposed(manager, learner)
    assert post(admin, f"/staff/accommodations/{one}/decision", {"decision": "decline"}).status_code == 422
    assert post(admin, f"/staff/accommodations/{one}/withdrawal").status_code == 404
    assert post(manager, f"/staff/accommodations/{one}/withdrawal").status_code == 303
    assert rows()[0].state == "withdrawn"


def test_another_unit_and_other_roles_see_nothing(
    clean: Flask, country: Land, learner: Principal, admin: FlaskClient
) -> None:
    one = proposed(admin, learner)
    over = country.other_province
    stranger = signed_in(clean, make_person(over, "外省管理员", grants={roles.UNIT_ADMIN: over}))
    tutor = signed_in(clean, make_person(country.unit, "班主任", grants={roles.CLASS_TUTOR: country.unit}))
    for path in (page_of(learner), f"/staff/accommodations/{one}"):
        assert stranger.get(path).status_code == 404
        assert tutor.get(path).status_code == 403
    assert "张三" not in stranger.get("/staff/accommodations").text
    assert post(stranger, f"/staff/accommodations/{one}/decision", {"decision": "confirm"}).status_code == 404


def test_nobody_grants_to_themselves(clean: Flask, country: Land) -> None:
    both = make_person(country.unit, "管理员", grants={roles.UNIT_ADMIN: country.unit})
    client = signed_in(clean, both)
    assert "不能为自己办理" in client.get(page_of(both)).text
    assert post(client, page_of(both), FIELDS).status_code == 403
    assert rows() == []


@pytest.mark.parametrize("factor", ["1e40", "Infinity", "NaN", "100000000000000000000000000000"])
def test_a_factor_that_is_no_factor_is_refused_beside_its_field(clean: Flask, factor: str) -> None:
    staff = make_staff(clock.now() - timedelta(days=2))
    admin = signed_in(clean, make_admin(staff.land.unit))
    form = {"exam_factor": factor, "basis": "document", "from_on": "2026-12-01"}
    answer = post(admin, f"/staff/people/{staff.learner.person_id}/accommodations", form)
    assert answer.status_code == 422 and "1.00 到 3.00" in answer.text
