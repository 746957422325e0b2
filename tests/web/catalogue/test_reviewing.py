"""A reviewer's queue and page: what they see, what they may decide, and what does not exist for them."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import update

from lms.access import service as access
from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.accounts.models import PersonRow
from lms.catalogue import queries as catalogue, service as authoring
from lms.infra.db import reading, unit_of_work
from lms.kernel.principal import Principal
from lms.moderation import queries
from lms.moderation.domain.workflow import Level, State
from lms.moderation.service import PRINCIPLES
from lms.video import service as video
from tests.factories.content import (
    CAPTIONS,
    approve,
    content_hash,
    hand_in,
    make_draft,
    make_lecture,
    make_ready_asset,
    publish,
)
from tests.factories.people import NOW, Staff, make_person, post, signed_in


def decision(revision_id: UUID, level: Level, **changes: Any) -> dict[str, Any]:
    """The filled-in form of an approval."""
    return {
        "content_hash": content_hash(revision_id),
        "level": level.value,
        "findings": list(PRINCIPLES),
        "credit_hours": "4" if level is Level.NATIONAL else "",
        "comment": "内容准确",
        "decision": "approve",
        **changes,
    }


def state_of(revision_id: UUID) -> State:
    with reading() as session:
        return queries.revision(session, revision_id).state


def page_of(revision_id: UUID) -> str:
    return f"/staff/reviews/{revision_id}"


def test_the_province_sees_everything_that_was_handed_in(clean: Flask, staff: Staff) -> None:
    asset_id = make_ready_asset(staff.uploader)
    caption_id = video.take_captions(asset_id, CAPTIONS.encode(), now=NOW)
    revision_id = hand_in(staff.uploader, asset_id=asset_id, caption_id=caption_id)
    client = signed_in(clean, staff.province_reviewer)
    queue = client.get("/staff/reviews").text
    assert page_of(revision_id) in queue
    assert "许老师" in queue
    assert "待全国审核" not in queue
    answer = client.get(page_of(revision_id))
    for shown in (
        "姜颖",
        "中国劳动关系学院",
        "试用期的上限",
        "欢迎学习本课程。",
        "上限因此是二个月。",
        "劳动合同法 第十九条 第一款",
        "正确答案",
        content_hash(revision_id)[:16],
        "作者本人不能审核",
        f'data-playlist="/media/{asset_id}/master.m3u8"',
        f'data-captions="/media/{asset_id}/captions/{caption_id}.vtt"',
        f'data-grant-url="/staff/lectures/{revision_id}/grant"',
    ):
        assert shown in answer.text
    assert '<strong class="marked-strong">不</strong>' in answer.text
    assert 'name="credit_hours"' not in answer.text
    assert f"Path=/media/{asset_id}/" in answer.headers["Set-Cookie"]


def test_province_then_nation_publish_by_their_forms(clean: Flask, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    province = signed_in(clean, staff.province_reviewer)
    answer = post(province, f"{page_of(revision_id)}/decision", decision(revision_id, Level.PROVINCE))
    assert (answer.status_code, answer.location) == (303, "/staff/reviews")
    assert state_of(revision_id) is State.NATIONAL_REVIEW
    assert "我最近的审核" in province.get("/staff/reviews").text
    national = signed_in(clean, staff.national_reviewer)
    page = national.get(page_of(revision_id)).text
    assert 'name="credit_hours"' in page
    assert "内容准确" in page
    answer = post(
        national, f"{page_of(revision_id)}/decision", decision(revision_id, Level.NATIONAL, credit_hours="2.5")
    )
    assert answer.status_code == 303
    assert state_of(revision_id) is State.PUBLISHED
    with reading() as session:
        version = catalogue.lecture_version(session, revision_id)
        assert catalogue.course_hours(session, version.course_id) == 250
    assert "这里仅供查看" in province.get(page_of(revision_id)).text


@pytest.mark.parametrize(
    ("fields", "hours"),
    [
        ({"rule": "per_minutes", "per_minutes": "1", "per_hours": "1", "unit": "50"}, 150),  # of a video of 1:30
        ({"rule": "step", "steps": "0 0.25\n1 0.5\n2 1"}, 50),
    ],
)
def test_hours_by_length_are_worked_out_by_the_platform(
    clean: Flask, staff: Staff, fields: dict[str, str], hours: int
) -> None:
    revision_id = hand_in(staff.uploader)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    national = signed_in(clean, staff.national_reviewer)
    sent = decision(revision_id, Level.NATIONAL, credit_hours="", **fields)
    assert post(national, f"{page_of(revision_id)}/decision", sent).status_code == 303
    with reading() as session:
        version = catalogue.lecture_version(session, revision_id)
        assert catalogue.course_hours(session, version.course_id) == hours
    assert f"核定 {hours / 100:g} 学时" in national.get(page_of(revision_id)).text


def test_returning_with_a_reason(clean: Flask, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    client = signed_in(clean, staff.province_reviewer)
    fields = decision(revision_id, Level.PROVINCE, decision="return", comment="请核对引文", findings=[])
    assert post(client, f"{page_of(revision_id)}/decision", fields).status_code == 303
    assert state_of(revision_id) is State.RETURNED
    assert "请核对引文" in signed_in(clean, staff.uploader).get(f"/staff/lectures/{revision_id}").text


def test_who_decided_reads_it_until_its_author_changes_it(clean: Flask, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    client = signed_in(clean, staff.province_reviewer)
    fields = decision(revision_id, Level.PROVINCE, decision="return", comment="请核对引文", findings=[])
    post(client, f"{page_of(revision_id)}/decision", fields)
    grant = f"/staff/lectures/{revision_id}/grant"
    assert client.get(page_of(revision_id)).status_code == 200 and post(client, grant).status_code == 204
    with reading() as session:
        asset_id = catalogue.lecture_version(session, revision_id).asset_id
    draft = make_draft(asset_id, title="还没有提交的标题")
    authoring.edit_lecture(revision_id, draft, author=staff.uploader, now=NOW)
    assert client.get(page_of(revision_id)).status_code == 404 and post(client, grant).status_code == 404
    queue = client.get("/staff/reviews").text
    assert "还没有提交的标题" not in queue and str(revision_id) not in queue and "上传人已修改或撤回" in queue
    authoring.submit(revision_id, author=staff.uploader, now=NOW)
    assert client.get(page_of(revision_id)).status_code == 200, "it is theirs to decide again"
    colleague = make_person(staff.land.unit, "另一位省审", grants={roles.PROVINCE_REVIEWER: staff.land.province})
    approve(revision_id, Level.PROVINCE, colleague)
    assert client.get(page_of(revision_id)).status_code == 404, "another person decided on what it says now"


@pytest.mark.parametrize(
    ("level", "changes", "message"),
    [
        (Level.PROVINCE, {"decision": ""}, "请选择审核结论"),
        (Level.PROVINCE, {"decision": "return", "comment": ""}, "审核意见：退回或不予通过时，请写明理由"),
        (Level.PROVINCE, {"findings": ["political"]}, "五项原则：五项原则未全部符合时不能通过"),
        (Level.NATIONAL, {"credit_hours": ""}, "核定学时：请核定学时"),
        (Level.NATIONAL, {"credit_hours": "0"}, "核定学时：请核定学时"),
        (Level.NATIONAL, {"credit_hours": "-1"}, "核定学时：请填写 100 以内的数"),
        (Level.NATIONAL, {"credit_hours": "NaN"}, "核定学时：请填写 100 以内的数"),
        (Level.NATIONAL, {"credit_hours": "1.005"}, "核定学时：请填写 100 以内的数"),
        (Level.NATIONAL, {"rule": "per_minutes", "per_minutes": "0", "per_hours": "1"}, "每多少分钟：请填写 1 到 600"),
        (Level.NATIONAL, {"rule": "per_minutes", "per_minutes": "45", "per_hours": "0"}, "每多少分钟：请填写 1 到 600"),
        (Level.NATIONAL, {"rule": "per_minutes", "per_minutes": "600", "per_hours": "1", "unit": "100"}, "学时是 0"),
        (Level.NATIONAL, {"rule": "step", "steps": ""}, "各档：每行一档"),
        (Level.NATIONAL, {"rule": "step", "steps": "30 1\n15 0.5"}, "各档：每行一档"),
        (Level.NATIONAL, {"rule": "step", "steps": "0 0.25\n半小时 1"}, "各档：每行一档"),
    ],
)
def test_an_incomplete_form_comes_back_with_what_was_written(
    clean: Flask, staff: Staff, level: Level, changes: dict[str, Any], message: str
) -> None:
    revision_id = hand_in(staff.uploader)
    reviewer = staff.province_reviewer
    if level is Level.NATIONAL:
        approve(revision_id, Level.PROVINCE, staff.province_reviewer)
        reviewer = staff.national_reviewer
    before = state_of(revision_id)
    fields = {"comment": "写了很久的意见", **changes}
    answer = post(
        signed_in(clean, reviewer), f"{page_of(revision_id)}/decision", decision(revision_id, level, **fields)
    )
    assert answer.status_code == 422
    assert message in answer.text
    assert fields["comment"] in answer.text
    assert state_of(revision_id) is before


def test_a_decision_on_a_page_that_is_out_of_date_is_refused(clean: Flask, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    client = signed_in(clean, staff.province_reviewer)
    stale = decision(revision_id, Level.PROVINCE, content_hash="0" * 64)
    answer = post(client, f"{page_of(revision_id)}/decision", stale)
    assert answer.status_code == 409
    assert "内容已经变化" in answer.text
    fresh = decision(revision_id, Level.PROVINCE)
    assert post(client, f"{page_of(revision_id)}/decision", fresh).status_code == 303
    again = post(client, f"{page_of(revision_id)}/decision", fresh)
    assert again.status_code == 409
    assert "当前状态不允许此操作" in again.text
    assert "province_review" not in again.text


def same_apart_from_ids(text: str) -> str:
    """An error page without the number of its request and without what names the address or the token."""
    text = re.sub(r"[0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text)


def test_foreign_and_absent_look_alike(clean: Flask, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    draft = make_lecture(staff.uploader)
    client = signed_in(clean, staff.other_province_reviewer)
    absent = client.get(page_of(uuid4()))
    assert absent.status_code == 404
    for known in (revision_id, draft):
        foreign = client.get(page_of(known))
        assert foreign.status_code == 404
        assert same_apart_from_ids(foreign.text) == same_apart_from_ids(absent.text)
        assert "Set-Cookie" not in foreign.headers or "lms_media" not in foreign.headers["Set-Cookie"]
        refused = post(client, f"{page_of(known)}/decision", decision(known, Level.PROVINCE))
        assert refused.status_code == 404
        assert post(client, f"/staff/lectures/{known}/grant").status_code == 404
    assert page_of(revision_id) not in client.get("/staff/reviews").text
    assert state_of(revision_id) is State.PROVINCE_REVIEW


def test_a_draft_answers_reviewers_as_if_it_were_absent(clean: Flask, staff: Staff) -> None:
    draft = make_lecture(staff.uploader)
    for level, reviewer in ((Level.PROVINCE, staff.province_reviewer), (Level.NATIONAL, staff.national_reviewer)):
        client = signed_in(clean, reviewer)
        acts = [("decision", decision(draft, level))]
        if level is Level.NATIONAL:
            acts += [(act, {"reason": "引文有误"}) for act in ("suspension", "resumption")]
        for act, data in acts:
            hidden = post(client, f"{page_of(draft)}/{act}", data)
            absent = post(client, f"{page_of(uuid4())}/{act}", data)
            assert (hidden.status_code, absent.status_code) == (404, 404), (level, act)
            assert same_apart_from_ids(hidden.text) == same_apart_from_ids(absent.text)


def test_who_comes_second_at_a_level_is_told_so(clean: Flask, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    colleague = make_person(staff.land.province, "省审员乙", grants={"province_reviewer": staff.land.province})
    form = decision(revision_id, Level.PROVINCE)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    late = post(signed_in(clean, colleague), f"{page_of(revision_id)}/decision", form)
    assert (late.status_code, "当前状态不允许此操作" in late.text) == (409, True)


def test_each_level_sees_only_what_waits_at_it(clean: Flask, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    national = signed_in(clean, staff.national_reviewer)
    assert national.get(page_of(revision_id)).status_code == 404
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    assert national.get(page_of(revision_id)).status_code == 200
    colleague = make_person(staff.land.province, "省审员乙", grants={"province_reviewer": staff.land.province})
    assert signed_in(clean, colleague).get(page_of(revision_id)).status_code == 404
    assert signed_in(clean, staff.province_reviewer).get(page_of(revision_id)).status_code == 200


def everything(staff: Staff) -> Principal:
    grants = dict.fromkeys(("uploader", "national_reviewer"), staff.land.national)
    grants["province_reviewer"] = staff.land.province
    return make_person(staff.land.unit, "身兼数职", grants=grants)


def test_ones_own_work_is_not_in_ones_queue_and_says_why(clean: Flask, staff: Staff) -> None:
    person = everything(staff)
    revision_id = hand_in(person)
    client = signed_in(clean, person)
    assert page_of(revision_id) not in client.get("/staff/reviews").text
    page = client.get(page_of(revision_id)).text
    assert "须由其他人审核" in page
    assert 'name="decision"' not in page
    assert post(client, f"{page_of(revision_id)}/decision", decision(revision_id, Level.PROVINCE)).status_code == 403


def test_who_decided_for_the_province_reads_why_they_cannot_decide_again(clean: Flask, staff: Staff) -> None:
    person = everything(staff)
    revision_id = hand_in(staff.uploader)
    approve(revision_id, Level.PROVINCE, person)
    client = signed_in(clean, person)
    assert "全国审核须由另一个人进行" in client.get(page_of(revision_id)).text
    assert post(client, f"{page_of(revision_id)}/decision", decision(revision_id, Level.NATIONAL)).status_code == 403
    assert state_of(revision_id) is State.NATIONAL_REVIEW


def test_ones_decisions_are_listed_where_one_still_reviews(clean: Flask, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    client = signed_in(clean, staff.province_reviewer)
    assert page_of(revision_id) in client.get("/staff/reviews").text
    mine = RoleGrantRow.person_id == staff.province_reviewer.person_id
    with unit_of_work() as session:
        ended = {"ended_at": NOW, "ended_by": staff.learner.person_id, "end_reason": "换岗"}
        session.execute(update(RoleGrantRow).where(mine).values(ended))
    elsewhere = staff.land.other_province.id
    access.appoint(staff.province_reviewer.person_id, "province_reviewer", elsewhere, reason="换岗", now=NOW)
    listed = client.get("/staff/reviews")
    assert listed.status_code == 200 and page_of(revision_id) not in listed.text


@pytest.mark.parametrize("who", ["learner", "uploader"])
def test_who_reviews_nothing_is_refused(clean: Flask, staff: Staff, who: str) -> None:
    revision_id = hand_in(staff.uploader)
    client = signed_in(clean, getattr(staff, who))
    assert client.get("/staff/reviews").status_code == 403
    assert client.get(page_of(revision_id)).status_code == 403
    assert post(client, f"{page_of(revision_id)}/decision", decision(revision_id, Level.PROVINCE)).status_code == 403


def test_stopping_and_putting_back_by_the_forms(clean: Flask, staff: Staff) -> None:
    version = publish(staff)
    client = signed_in(clean, staff.second_national_reviewer)
    assert page_of(version.revision_id) in client.get("/staff/published").text
    assert "暂停发布" in client.get(page_of(version.revision_id)).text
    address = f"{page_of(version.revision_id)}/suspension"
    refused = post(client, address, {"reason": " "})
    assert refused.status_code == 422
    assert "理由：请写明理由" in refused.text
    assert post(client, address, {"reason": "引文有误"}).status_code == 303
    assert state_of(version.revision_id) is State.SUSPENDED
    page = client.get(page_of(version.revision_id)).text
    assert "恢复发布" in page
    assert "引文有误" in page
    assert post(client, f"{page_of(version.revision_id)}/resumption", {"reason": "已更正"}).status_code == 303
    assert state_of(version.revision_id) is State.PUBLISHED


@pytest.mark.parametrize("who", ["learner", "uploader", "province_reviewer"])
def test_who_may_not_stop_content_is_refused(clean: Flask, staff: Staff, who: str) -> None:
    version = publish(staff)
    client = signed_in(clean, getattr(staff, who))
    assert client.get("/staff/published").status_code == 403
    assert post(client, f"{page_of(version.revision_id)}/suspension", {"reason": "x"}).status_code == 403
    assert state_of(version.revision_id) is State.PUBLISHED


def test_where_an_author_went_is_not_told(clean: Flask, staff: Staff) -> None:
    revision_id, there = hand_in(staff.uploader), staff.land.other_unit
    with unit_of_work() as session:
        theirs = PersonRow.id == staff.uploader.person_id
        session.execute(update(PersonRow).where(theirs).values(unit_id=there.id, unit_path=there.path))
    page = signed_in(clean, staff.province_reviewer).get(page_of(revision_id)).text
    assert staff.land.unit.name in page and there.name not in page
