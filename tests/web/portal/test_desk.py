"""The staff desk shows each role what waits for it, and learners nothing."""

import pytest
from flask.testing import FlaskClient

from lms.access.domain import roles
from lms.kernel.principal import Principal
from lms.moderation.domain.workflow import Level
from tests.factories import content
from tests.factories.people import Staff, make_person
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


@pytest.mark.parametrize("role", sorted(set(roles.PERMISSIONS) - {roles.LEARNER}))
def test_every_role_with_a_desk_can_open_it(staff: Staff, browse: Browser, role: str) -> None:
    page = desk(browse, make_person(staff.land.unit, "某人", grants={role: staff.land.unit}))
    assert ("打开培训班" in page) == (role == roles.CLASS_MANAGER)
    assert "暂无待办" not in page
