"""Pages of roles: whom one finds, what one may give, and that it counts at the next request."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lms.access import queries, service
from lms.access.domain import roles
from lms.access.service import NewGrant
from lms.accounts.service import identity
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as units
from tests.factories.people import NOW, Staff, make_land, make_person, post, signed_in
from tests.web.access.conftest import Browser

FILLED = {"role": roles.CLASS_TUTOR, "from_on": "2026-11-20", "until_on": "", "reason": "承担班主任工作"}


def give(browser: FlaskClient, person: Principal, staff: Staff, **changes: str) -> tuple[int, str]:
    fields = FILLED | {"username": person.username, "unit_id": str(staff.land.unit.id)} | changes
    answer = post(browser, "/staff/roles", fields)
    return answer.status_code, answer.headers.get("Location", "") or answer.text


def find(browser: FlaskClient, username: str, unit_name: str = "") -> TestResponse:
    return post(browser, "/staff/roles", {"find": "1", "username": username, "unit_name": unit_name})


def grants_of(person: Principal) -> list[queries.GrantEntry]:
    with reading() as session:
        return list(queries.grants_of_person(session, person.person_id, ["/"]))


def test_the_form_finds_a_person_and_offers_what_the_giver_may_give(
    staff: Staff, browse: Browser, admin: Principal
) -> None:
    browser = browse(admin)
    found = find(browser, staff.learner.username)
    assert found.location == f"/staff/roles/new?person={staff.learner.person_id}", "no user name in an address"
    page = browser.get(found.location).text
    offered = set(re.findall(r'<option value="(\w+)"', page)) & set(roles.PERMISSIONS)
    assert staff.learner.name in page
    assert offered == {
        roles.UNIT_ADMIN,
        roles.UPLOADER,
        roles.PROVINCE_REVIEWER,
        roles.NATIONAL_REVIEWER,
        roles.CLASS_MANAGER,
        roles.CLASS_TUTOR,
        roles.TEACHER_POOL_EDITOR,
    }
    assert str(staff.land.unit.id) in page and str(staff.land.province.id) in page
    assert str(staff.land.national.id) not in page


def test_a_name_elsewhere_and_one_that_does_not_exist_look_alike(
    staff: Staff, browse: Browser, other_admin: Principal
) -> None:
    browser = browse(other_admin)
    foreign = find(browser, staff.learner.username).text
    absent = find(browser, "nobody-99").text
    unlike = re.compile(r'name="csrf_token"[^>]*>|' + re.escape(staff.learner.username) + "|nobody-99")
    assert unlike.sub("", foreign) == unlike.sub("", absent)
    assert "没有这个用户名，或者此人不在您的管理范围内。" in foreign
    pages = [browser.get(f"/staff/roles/new?person={one}") for one in (staff.learner.person_id, UUID(int=7))]
    assert [page.status_code for page in pages] == [404, 404]


def test_no_link_of_the_roles_carries_a_user_name(staff: Staff, browse: Browser, admin: Principal) -> None:
    page = browse(admin).get(f"/staff/people/{staff.learner.person_id}/roles").text
    assert f"/staff/roles/new?person={staff.learner.person_id}" in page
    assert f"username={staff.learner.username}" not in page


def test_other_units_are_found_for_the_person(staff: Staff, browse: Browser, admin: Principal) -> None:
    browser = browse(admin)
    found = find(browser, staff.learner.username, unit_name="浙江")
    page = browser.get(found.location).text
    assert str(staff.land.province.id) in page and str(staff.land.unit.id) not in page


def test_a_role_given_opens_pages_at_the_next_request_and_ended_closes_them(
    staff: Staff, browse: Browser, admin: Principal
) -> None:
    tutor = make_person(staff.land.unit, "新班主任", second_factor=True)
    hers, his = browse(tutor), browse(admin)
    assert hers.get("/staff/classes").status_code == 403
    status, where = give(his, tutor, staff)
    assert (status, where) == (303, f"/staff/people/{tutor.person_id}/roles")
    assert "网上班主任" in his.get(where).text
    assert hers.get("/staff/classes").status_code == 200
    (held,) = grants_of(tutor)
    answer = post(his, f"/staff/roles/{held.id}/end", {"reason": "任务完成"})
    assert answer.status_code == 303
    assert hers.get("/staff/classes").status_code == 403
    page = his.get(f"/staff/roles/{held.id}").text
    assert "任务完成" in page and "终止这个角色" not in page


def test_an_end_date_is_the_last_day_on_which_it_holds(staff: Staff, browse: Browser, admin: Principal) -> None:
    give(browse(admin), staff.learner, staff, until_on="2026-11-30")
    (held,) = grants_of(staff.learner)
    assert held.until_at and held.until_at.isoformat() == "2026-11-30T16:00:00+00:00"
    assert held.from_at == NOW


REFUSED = {
    "NO_REASON": ({"reason": ""}, 422),
    "ROLE_OF_ANOTHER_KEY": ({"role": roles.AUDIT_ADMIN}, 422),
    "NO_SUCH_ROLE": ({"role": "emperor"}, 422),
    "WRONG_PLACE": ({"role": roles.PROVINCE_REVIEWER}, 422),
    "ENDS_YESTERDAY": ({"until_on": "2026-11-18"}, 422),
    "ENDS_WITH_TIME_ITSELF": ({"until_on": "9999-12-31"}, 422),
    "NO_DATE": ({"from_on": "上周"}, 422),
    "NO_SUCH_USER": ({"username": "nobody-99"}, 404),
    "NO_UNIT": ({"unit_id": "x"}, 404),
    "UNIT_ELSEWHERE": ({"unit_id": str(UUID(int=9))}, 404),
}


@pytest.mark.parametrize(("changes", "status"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_is_refused_and_stores_nothing(
    staff: Staff, browse: Browser, admin: Principal, changes: dict[str, str], status: int
) -> None:
    assert give(browse(admin), staff.learner, staff, **changes)[0] == status
    assert not grants_of(staff.learner)


def test_nobody_promotes_themselves(staff: Staff, browse: Browser, admin: Principal) -> None:
    status, page = give(browse(admin), admin, staff, role=roles.UNIT_ADMIN)
    assert status == 422 and "不能给自己授予角色" in page
    assert len(grants_of(admin)) == 1


def test_a_second_separated_role_is_refused_with_the_reason(staff: Staff, browse: Browser) -> None:
    root = staff.land.national
    security = make_person(root, "安全管理员", grants={roles.SECURITY_ADMIN: root})
    auditor = make_person(root, "审计管理员", grants={roles.AUDIT_ADMIN: root})
    identity.vouch(auditor.person_id, actor_id=None, reason="核实", now=NOW)
    status, page = give(browse(security), auditor, staff, role=roles.SYSTEM_ADMIN, unit_id=str(root.id))
    assert status == 409 and "三员分立" in page


@pytest.fixture
def held(staff: Staff, admin: Principal) -> UUID:
    new = NewGrant(
        staff.learner.person_id, roles.CLASS_TUTOR, staff.land.unit.id, NOW, NOW + timedelta(days=9), "金丝雀理由"
    )
    return service.grant(new, giver=admin, now=NOW)


def test_another_province_sees_nothing_of_it(staff: Staff, browse: Browser, other_admin: Principal, held: UUID) -> None:
    browser = browse(other_admin)
    assert "金丝雀理由" not in browser.get("/staff/roles?state=all").text
    for path in (f"/staff/roles/{held}", f"/staff/people/{staff.learner.person_id}/roles"):
        absent = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", str(UUID(int=3)), path)
        assert browser.get(path).status_code == browser.get(absent).status_code == 404
    assert browser.get(f"/staff/roles?unit={staff.land.unit.id}").status_code == 404
    assert post(browser, f"/staff/roles/{held}/end", {"reason": "不该"}).status_code == 404
    assert staff.learner.name not in browser.get("/staff/roles?unit_name=杭州").text


def test_the_list_is_narrowed_by_role_state_and_unit(
    staff: Staff, browse: Browser, admin: Principal, held: UUID
) -> None:
    browser = browse(admin)
    link = f"/staff/roles/{held}"
    for query, shown in (
        ("", True),
        ("?state=soon", True),
        ("?state=ended", False),
        (f"?role={roles.CLASS_TUTOR}", True),
        (f"?role={roles.UPLOADER}", False),
        (f"?unit={staff.land.unit.id}", True),
        ("?unit_name=杭州", True),
    ):
        assert (link in browser.get("/staff/roles" + query).text) is shown, query
    for nonsense in ("?state=x", "?role=emperor", "?unit=x"):
        assert browser.get("/staff/roles" + nonsense).status_code == 404


def test_a_list_longer_than_a_page_goes_on(
    staff: Staff, browse: Browser, admin: Principal, held: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lms.access.staff_views.roles.PAGE", 1)
    browser, seen = browse(admin), []
    path: str | None = "/staff/roles?state=all"
    while path and len(seen) < 9:
        page = browser.get(path).text
        seen += re.findall(r'href="/staff/roles/([0-9a-f-]{36})"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) == 4 and str(held) in seen


def test_roles_are_no_business_of_reviewers(staff: Staff, browse: Browser, held: UUID) -> None:
    browser = browse(staff.national_reviewer)
    for path in ("/staff/roles", f"/staff/roles/{held}", "/staff/roles/new"):
        assert browser.get(path).status_code == 403


def test_who_gave_a_role_before_its_unit_moved_is_not_named_there(clean: Flask) -> None:
    land, now = make_land(), clock.now()
    former = make_person(land.province, "浙江的授权人", grants={roles.UNIT_ADMIN: land.province})
    holder = make_person(land.unit, "老师").person_id
    grant_id = service.grant(
        service.NewGrant(holder, roles.UPLOADER, land.unit.id, now, None, "课件"), giver=former, now=now
    )
    page = signed_in(clean, former).get(f"/staff/roles/{grant_id}").text
    assert "浙江的授权人，" in page
    units.move(land.unit.id, land.other_province.id, units.Act(None, "划转", now, reach=EVERYWHERE))
    later = make_person(land.other_province, "湖南的管理员", grants={roles.UNIT_ADMIN: land.other_province})
    page = signed_in(clean, later).get(f"/staff/roles/{grant_id}").text
    assert "浙江的授权人" not in page and "其他工会的管理员，" in page


def test_who_ended_a_role_reads_their_own_name(clean: Flask) -> None:
    land = make_land()
    admin = make_person(land.province, "省里的人", grants={roles.UNIT_ADMIN: land.unit})
    other = make_person(land.unit, "某上传员", grants={roles.UPLOADER: land.unit})
    (held,) = grants_of(other)
    browser = signed_in(clean, admin)
    post(browser, f"/staff/roles/{held.id}/end", {"reason": "不再担任", "sure": "1"})
    page = browser.get(f"/staff/roles/{held.id}").text
    assert "省里的人，" in page and "其他工会的管理员" not in page


def test_roles_that_ended_with_a_merger_are_told_where_the_unit_went(clean: Flask) -> None:
    land, now = make_land(), clock.now()
    old = make_person(land.province, "浙江的授权人", grants={roles.UNIT_ADMIN: land.province})
    holder = make_person(land.unit, "老师").person_id
    new = service.NewGrant(holder, roles.UPLOADER, land.unit.id, now, None, "课件")
    grant_id = service.grant(new, giver=old, now=now)
    units.merge(land.unit.id, land.other_unit.id, units.Act(None, "合并", now, reach=EVERYWHERE))
    later = make_person(land.other_province, "湖南的管理员", grants={roles.UNIT_ADMIN: land.other_province})
    shown = {}
    for name, browser in (("old", signed_in(clean, old)), ("new", signed_in(clean, later))):
        listed = "老师" in browser.get("/staff/roles?state=all").text
        shown[name] = (listed, browser.get(f"/staff/roles/{grant_id}").status_code)
    assert shown == {"old": (False, 404), "new": (True, 200)}
    browser = signed_in(clean, later)
    assert "老师" in browser.get(f"/staff/roles?state=all&unit={land.other_unit.id}").text
