"""Pages of help that takes two: who is offered it, what each of the two sees, and the slip at the end."""

import re
from datetime import timedelta

import pytest

from lms.access.domain import roles
from lms.kernel.principal import Principal
from tests.factories.people import NOW, Staff, make_person, post
from tests.web.access.conftest import Browser

LONG_AGO = NOW - timedelta(days=9)


@pytest.fixture
def chiefs(staff: Staff) -> list[Principal]:
    nation = staff.land.national
    return [make_person(nation, name, grants={roles.UNIT_ADMIN: nation}, now=LONG_AGO) for name in ("甲", "乙", "丙")]


def test_the_way_from_the_person_to_the_slip(staff: Staff, browse: Browser, chiefs: list[Principal]) -> None:
    helped, asker, other = chiefs
    first, second = browse(asker), browse(other)
    form = f"/staff/people/{helped.person_id}/joint-help"
    assert form in first.get(f"/staff/people/{helped.person_id}/sign-in-help").text
    page = first.get(form).text
    assert "一次性登录验证码" in page and "重置动态验证码" not in page, "a security administrator does that alone"
    answer = post(first, form, {"help": "sign_in_code", "reason": "忘记密码，已当面核对"})
    assert answer.status_code == 303
    waiting = first.get(answer.location).text
    assert "不能自己确认" in waiting and "/confirmation" not in waiting
    assert answer.location in second.get("/staff/joint-help").text
    assert "双人办理" in second.get("/staff/").text
    assert "/confirmation" in second.get(answer.location).text
    assert post(first, f"{answer.location}/confirmation").status_code == 403
    slip = post(second, f"{answer.location}/confirmation")
    assert slip.status_code == 200 and re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", slip.text)
    assert helped.username in slip.text and slip.headers["Cache-Control"] == "no-store"
    assert "已办理" in second.get(answer.location).text
    assert post(second, f"{answer.location}/confirmation").status_code == 409


def test_a_request_is_withdrawn_by_its_asker(browse: Browser, chiefs: list[Principal]) -> None:
    helped, asker, _other = chiefs
    browser = browse(asker)
    form = f"/staff/people/{helped.person_id}/joint-help"
    asked = post(browser, form, {"help": "sign_in_code", "reason": "忘记密码，已当面核对"}).location
    assert post(browser, f"{asked}/refusal").status_code == 303
    assert "已撤回" in browser.get(asked).text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"help": "second_factor", "reason": "不须两人"}, 422),
        ({"help": "sign_in_code", "reason": ""}, 422),
        ({"help": "sign_in_code", "reason": "手机 13812345678 丢失"}, 422),
        ({}, 422),
    ],
)
def test_bad_requests_are_told_beside_the_form(
    browse: Browser, chiefs: list[Principal], fields: dict[str, str], status: int
) -> None:
    answer = post(browse(chiefs[1]), f"/staff/people/{chiefs[0].person_id}/joint-help", fields)
    assert answer.status_code == status and "双人办理" in answer.text


def test_for_whom_one_is_enough_there_is_no_such_page(staff: Staff, browse: Browser, chiefs: list[Principal]) -> None:
    browser = browse(chiefs[0])
    for person in (staff.learner, staff.uploader, chiefs[0]):
        assert browser.get(f"/staff/people/{person.person_id}/joint-help").status_code == 404
        assert "joint-help" not in browser.get(f"/staff/people/{person.person_id}/sign-in-help").text
