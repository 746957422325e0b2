"""The staff desk shows each role what waits for it, and learners nothing."""

import re

import pytest
from flask.testing import FlaskClient

from lms.access.domain import roles
from lms.access.domain.granting import PLACES
from lms.kernel.principal import Principal
from lms.moderation.domain.workflow import Level
from lms.organisations import service as organisations
from tests.factories import content
from tests.factories.people import NOW, Staff, make_person
from tests.web.portal.conftest import Browser

PROVINCE, NATIONAL = "等待省级审核", "等待全国审核"


def desk(browse: Browser, person: Principal) -> str:
    answer = browse(person).get("/staff/")
    assert answer.status_code == 200
    return answer.text


def test_a_learner_has_no_desk_and_no_way_to_it(staff: Staff, learner: FlaskClient) -> None:
    assert learner.get("/staff/").status_code == 403
    assert "/staff/" not in learner.get("/").text


def test_an_uploader_sees_their_own_lectures_and_where_they_stand(staff: Staff, browse: Browser) -> None:
    assert "您还没有上传课件。" in desk(browse, staff.uploader)
    content.make_lecture(staff.uploader, title="我的草稿")
    content.hand_in(staff.uploader, title="已经提交的一讲")
    page = desk(browse, staff.uploader)
    assert "我的草稿" in page and "已经提交的一讲" in page and "上传新课件" in page
    assert PROVINCE not in page and NATIONAL not in page and "打开培训班" not in page


def test_each_level_sees_what_waits_for_it_and_no_other(staff: Staff, browse: Browser) -> None:
    waits = content.hand_in(staff.uploader, title="省级待审")
    passed = content.hand_in(staff.uploader, title="全国待审")
    content.approve(passed, Level.PROVINCE, staff.province_reviewer)
    province, national = desk(browse, staff.province_reviewer), desk(browse, staff.national_reviewer)
    assert PROVINCE in province and NATIONAL not in province
    assert f"/staff/reviews/{waits}" in province and "全国待审" not in province
    assert NATIONAL in national and PROVINCE not in national
    assert f"/staff/reviews/{passed}" in national and "省级待审" not in national
    assert "我的课件" not in province.split("<main", 1)[1]


def test_another_province_sees_nothing_of_it(staff: Staff, browse: Browser) -> None:
    content.hand_in(staff.uploader, title="省级待审")
    page = desk(browse, staff.other_province_reviewer)
    assert "省级待审" not in page and "现在没有等待审核的内容。" in page


def test_a_reviewer_never_finds_their_own_lecture_in_the_queue(staff: Staff, browse: Browser) -> None:
    both = make_person(
        staff.land.unit,
        "两个岗位",
        grants={roles.UPLOADER: staff.land.unit, roles.PROVINCE_REVIEWER: staff.land.province},
    )
    revision_id = content.hand_in(both, title="自己的一讲")
    page = desk(browse, both)
    assert f"/staff/reviews/{revision_id}" not in page and "自己的一讲" in page


SHOWN = {
    roles.UPLOADER: {"我的课件"},
    roles.PROVINCE_REVIEWER: {PROVINCE},
    roles.NATIONAL_REVIEWER: {NATIONAL},
    roles.CLASS_MANAGER: {"打开培训班", "等待确认的补考"},
    roles.CLASS_TUTOR: {"打开培训班", "等待确认的补考"},
    roles.UNIT_ADMIN: {"等待确认身份的人员", "更正申请", "可能重复的人员", "没有找到单位的申请", "30 天内到期的角色"},
    roles.TEACHER_POOL_EDITOR: {"打开师资库"},
    roles.SYSTEM_ADMIN: {"没有找到单位的申请"},
    roles.SECURITY_ADMIN: {"30 天内到期的角色", "正被锁定的用户名"},
    roles.AUDIT_ADMIN: {"最近一次封存"},
}


@pytest.mark.parametrize("role", sorted(set(roles.PERMISSIONS) - {roles.LEARNER}))
def test_every_role_finds_its_own_work_on_the_desk(staff: Staff, browse: Browser, role: str) -> None:
    place = staff.land.national if "national" in PLACES[role] else staff.land.province
    page = desk(browse, make_person(staff.land.unit, "某人", grants={role: place})).split("<main", 1)[1]
    found = {text for text in set().union(*SHOWN.values()) if text in page}
    assert found == SHOWN[role]


def test_the_desk_counts_what_waits_within_reach(staff: Staff, browse: Browser) -> None:
    for number in range(3):
        organisations.ask(staff.learner.person_id, staff.land.province.id, f"没有列出的公司{number}工会", now=NOW)
    here = make_person(staff.land.province, "本省", grants={roles.UNIT_ADMIN: staff.land.province})
    elsewhere = make_person(staff.land.other_province, "外省", grants={roles.UNIT_ADMIN: staff.land.other_province})
    counted = [re.search(r"没有找到单位的申请 <span[^>]*>(\d+)</span>", desk(browse, who)) for who in (here, elsewhere)]
    assert [found and found[1] for found in counted] == ["3", None]
