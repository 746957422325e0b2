"""The upload form: what arrives is kept, what is wrong is named, who may not upload is turned away."""

import io
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from lms.access import service as access
from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.catalogue import queries as catalogue
from lms.infra import jobs
from lms.infra.db import reading, unit_of_work
from lms.infra.storage import LocalStorage, storage
from lms.kernel import clock
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import Level, State
from lms.settings import Settings
from lms.video import queries as video, service as video_service
from tests.factories.content import CAPTIONS, ITEMS, hand_in, make_lecture, make_ready_asset, publish, send_back
from tests.factories.people import Staff, make_person, post, signed_in
from tests.factories.planted import Planted, found, places
from tests.factories.qualification import id_number_of

NEW = "/staff/lectures"
TEXTS = {
    "title": "试用期与劳动合同",
    "course": "new",
    "teacher_name": "姜颖",
    "teacher_institution": "中国劳动关系学院",
    "teacher_post": "教授",
    "outline": "1. 试用期的上限\n- 试用期<工资>\n",
    "items": ITEMS,
}


def clip(size: int = 5000, name: str = "第一讲.mp4") -> tuple[io.BytesIO, str]:
    return io.BytesIO(b"\x00" * size), name


def form(**changes: Any) -> dict[str, Any]:
    return {**TEXTS, "video": clip(), **changes}


@pytest.fixture
def author(clean: Flask, staff: Staff) -> FlaskClient:
    return signed_in(clean, staff.uploader)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, page
    return found[1]


def only_revision(staff: Staff) -> moderation.Revision:
    with reading() as session:
        (revision,) = moderation.of_author(session, staff.uploader.person_id)
    return revision


def test_a_complete_form_becomes_a_draft(author: FlaskClient, staff: Staff) -> None:
    captions = (io.BytesIO(CAPTIONS.encode()), "字幕.vtt")
    answer = post(author, NEW, form(captions=captions))
    revision = only_revision(staff)
    assert (answer.status_code, answer.location) == (303, f"/staff/lectures/{revision.id}")
    assert revision.state is State.DRAFT
    with reading() as session:
        version = catalogue.lecture_version(session, revision.id)
        asset = video.asset(session, version.asset_id)
    assert (version.title, version.course_title, version.teacher.name) == (
        "试用期与劳动合同",
        "试用期与劳动合同",
        "姜颖",
    )
    assert version.outline == "<ul><li>试用期的上限</li><li>试用期&lt;工资&gt;</li></ul>"
    assert version.caption_id is not None
    assert (asset.source_name, asset.source_bytes, asset.state) == ("第一讲.mp4", 5000, "checking")
    page = author.get(answer.location).text
    for shown in ("草稿", "检查中", "data-poll=", "第一讲.mp4", "欢迎学习本课程。", "试用期包含在劳动合同期限内。"):
        assert shown in page
    assert '<strong class="marked-strong">不</strong>' in page
    assert "**" not in page


def test_a_number_in_the_name_of_a_file_is_kept_nowhere(
    author: FlaskClient, staff: Staff, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    planted, number = Planted(), id_number_of(77)
    planted.note("id number", number, number[:17])
    with structlog.testing.capture_logs() as logs:
        captions = (io.BytesIO(CAPTIONS.encode()), f"字幕{number}.vtt")
        items = (io.BytesIO(ITEMS.encode()), f"题目{number}.txt")
        answer = post(
            author, NEW, form(video=clip(name=f"讲课{number}.mp4"), captions=captions, items="", items_file=items)
        )
        assert answer.status_code == 303
        refused = post(author, NEW, form(video=(io.BytesIO(), f"空{number}.mp4")))
        assert refused.status_code == 422
        planted.look(refused)
    planted.logs = list(logs)
    page = planted.look(author.get(answer.location)).text
    assert "讲课***" in page and ".mp4" in page, "the file can still be told from others"
    assert found(planted, places(planted, settings, tmp_path)) == []


def test_a_video_larger_than_other_bodies_is_taken_and_nothing_is_left_aside(
    author: FlaskClient, staff: Staff, settings: Settings
) -> None:
    size = settings.max_body_bytes + 500_000
    assert post(author, NEW, form(video=clip(size))).status_code == 303
    store = storage()
    assert isinstance(store, LocalStorage)
    assert list((settings.home / "storage" / ".scratch").iterdir()) == []


def test_other_forms_and_other_people_keep_the_small_limit(
    clean: Flask, author: FlaskClient, staff: Staff, settings: Settings
) -> None:
    too_much = clip(settings.max_body_bytes + 500_000)
    assert post(author, "/verify", {"file": too_much}).status_code == 413
    learner = signed_in(clean, staff.learner)
    assert post(learner, NEW, form(video=clip(settings.max_body_bytes + 500_000))).status_code == 413
    assert post(clean.test_client(), NEW, form(video=clip(settings.max_body_bytes + 500_000))).status_code == 413


def test_a_mistake_elsewhere_does_not_lose_the_video_and_the_captions(author: FlaskClient, staff: Staff) -> None:
    captions = (io.BytesIO(CAPTIONS.encode()), "字幕.vtt")
    refused = post(author, NEW, form(teacher_name=" ", captions=captions))
    assert refused.status_code == 422
    for shown in ("主讲教师：请填写此项", "视频已收到：第一讲.mp4，4.9 KB", "字幕已收到", "试用期的上限"):
        assert shown in refused.text
    again = {**TEXTS, "asset_id": hidden(refused.text, "asset_id"), "caption_id": hidden(refused.text, "caption_id")}
    assert post(author, NEW, again).status_code == 303
    with reading() as session:
        version = catalogue.lecture_version(session, only_revision(staff).id)
    assert str(version.asset_id) == again["asset_id"]
    assert str(version.caption_id) == again["caption_id"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, "标题：请填写此项"),
        ({"teacher_institution": ""}, "教师所在单位：请填写此项"),
        ({"teacher_post": ""}, "教师职务或职称：请填写此项"),
        ({"outline": ""}, "课程提纲：请填写此项"),
        ({"video": (io.BytesIO(), "")}, "视频文件：请选择视频文件"),
        ({"video": (io.BytesIO(), "空.mp4")}, "视频文件：文件是空的"),
        ({"items": ITEMS.replace("答案：A", "答案：")}, "试题：第 5 行，答案：没有填写"),
        ({"items_file": (io.BytesIO("【单选】X-1\n题干：？\n".encode()), "题.txt")}, "试题：第"),
        ({"items_file": (io.BytesIO(b"\xff\xff\xff"), "题.txt")}, "试题文件：文件的文字编码无法识别"),
        ({"captions": (io.BytesIO(b"WEBVTT\n\nhello\n"), "a.vtt")}, "字幕文件：第 3 行"),
        ({"course": "00000000-0000-0000-0000-000000000000"}, "所属课程："),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_each_mistake_is_named_at_its_field(
    author: FlaskClient, staff: Staff, changes: dict[str, Any], message: str
) -> None:
    answer = post(author, NEW, form(**changes))
    assert answer.status_code == 422
    assert message in answer.text
    with reading() as session:
        assert moderation.of_author(session, staff.uploader.person_id) == ()


def test_anothers_video_named_in_the_hidden_field_counts_as_none(author: FlaskClient, staff: Staff) -> None:
    colleague = make_person(staff.land.unit, "同事", grants={"uploader": staff.land.unit})
    theirs = make_ready_asset(colleague)
    for asset_id in (theirs, "x", "00000000-0000-0000-0000-000000000000"):
        answer = post(author, NEW, {**TEXTS, "asset_id": str(asset_id)})
        assert answer.status_code == 422
        assert "请选择视频文件" in answer.text
        assert "视频已收到" not in answer.text


def test_items_of_a_file_follow_the_typed_ones(author: FlaskClient, staff: Staff) -> None:
    first, second = ITEMS.split("\n\n")
    answer = post(author, NEW, form(items=first, items_file=(io.BytesIO(second.encode("gb18030")), "题.txt")))
    assert answer.status_code == 303
    with reading() as session:
        version = catalogue.lecture_version(session, only_revision(staff).id)
    assert [item.ref for item in version.items] == ["C4-001", "C4-002"]


def test_active_content_does_not_survive_in_the_outline(author: FlaskClient, staff: Staff) -> None:
    hostile = '<p onclick="x()">要点<script>alert(1)</script><a href="javascript:x()">链接</a></p>'
    answer = post(author, NEW, form(outline=hostile, title="<script>alert(2)</script>"))
    page = author.get(answer.location).text
    assert "<script>alert" not in page
    assert "onclick" not in page
    assert "javascript:" not in page
    assert "要点" in page


def test_peoples_words_are_shown_as_text_wherever_they_appear(author: FlaskClient, clean: Flask, staff: Staff) -> None:
    hostile = "<img src=x onerror=alert(1)> 100%(d)s {{ 7*7 }}"
    revision_id = hand_in(staff.uploader, title=hostile, teacher_name=hostile, teacher_post=hostile)
    send_back(revision_id, Level.PROVINCE, staff.province_reviewer, hostile)
    reviewer = signed_in(clean, staff.province_reviewer)
    pages = [
        author.get("/staff/lectures"),
        author.get(f"/staff/lectures/{revision_id}"),
        author.get(f"/staff/lectures/{revision_id}/edit"),
        reviewer.get("/staff/reviews"),
        reviewer.get(f"/staff/reviews/{revision_id}"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert "<img src=x" not in page.text
        assert "100%(d)s {{ 7*7 }}" in page.text


def test_editing_shows_what_is_there_and_stores_what_is_changed(author: FlaskClient, staff: Staff) -> None:
    post(author, NEW, form())
    revision = only_revision(staff)
    address = f"/staff/lectures/{revision.id}/edit"
    page = author.get(address).text
    assert "视频已收到：第一讲.mp4" in page
    assert "试用期的上限\n试用期&lt;工资&gt;" in page
    assert "【判断】C4-002" in page
    course = re.search(r'<option[^>]*value="([0-9a-f-]{36})"', page)
    assert course
    changed = {**TEXTS, "title": "改过的标题", "course": course[1], "asset_id": hidden(page, "asset_id")}
    assert post(author, address, changed).status_code == 303
    assert only_revision(staff).title == "改过的标题"


def test_a_returned_lecture_tells_why_and_can_be_edited_and_handed_in_again(author: FlaskClient, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    send_back(revision_id, Level.PROVINCE, staff.province_reviewer, "第二题答案有误")
    page = author.get(f"/staff/lectures/{revision_id}").text
    assert "第二题答案有误" in page
    assert f"/staff/lectures/{revision_id}/edit" in page
    assert post(author, f"/staff/lectures/{revision_id}/submission").status_code == 303
    assert only_revision(staff).state is State.PROVINCE_REVIEW


def test_under_review_nothing_can_be_edited_but_it_can_be_taken_back(author: FlaskClient, staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    page = author.get(f"/staff/lectures/{revision_id}").text
    assert "/edit" not in page
    assert author.get(f"/staff/lectures/{revision_id}/edit").status_code == 303
    with reading() as session:
        version = catalogue.lecture_version(session, revision_id)
    changed = {**TEXTS, "course": str(version.course_id), "asset_id": str(version.asset_id)}
    assert post(author, f"/staff/lectures/{revision_id}/edit", changed).status_code == 409
    assert post(author, f"/staff/lectures/{revision_id}/retraction").status_code == 303
    assert only_revision(staff).state is State.RETRACTED
    assert post(author, f"/staff/lectures/{revision_id}/submission").status_code == 409


def test_under_review_no_file_is_taken_in(author: FlaskClient, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    revision_id = hand_in(staff.uploader)
    monkeypatch.setattr("lms.video.service.take_upload", lambda *_words, **_more: pytest.fail("it was stored"))
    assert post(author, f"/staff/lectures/{revision_id}/edit", form()).status_code == 409


def test_a_published_lecture_is_changed_by_a_new_version(author: FlaskClient, clean: Flask, staff: Staff) -> None:
    version = publish(staff)
    page = author.get(f"/staff/lectures/{version.revision_id}").text
    address = f"/staff/lectures/{version.revision_id}/new-version"
    assert address in page
    assert "请先建立修订稿" in page
    answer = post(author, address)
    assert answer.status_code == 303
    draft = author.get(answer.location).text
    assert "这是已发布课件的修订稿" in draft
    assert "/edit" in draft
    assert "查看修订稿" in author.get(f"/staff/lectures/{version.revision_id}").text
    assert post(author, address).location == answer.location
    assert post(author, f"{answer.location}/submission").status_code == 303
    reviewer = signed_in(clean, staff.province_reviewer)
    assert "这是已发布课件的修订稿" in reviewer.get(answer.location.replace("lectures", "reviews")).text
    assert "new-version" not in author.get(answer.location).text
    assert post(author, f"{answer.location}/new-version").status_code == 409


def test_asking_for_another_try_says_what_came_of_it(author: FlaskClient, staff: Staff) -> None:
    revision_id = make_lecture(staff.uploader)
    answer = post(author, f"/staff/lectures/{revision_id}/encoding")
    assert "不需要重试" in author.get(answer.location).text
    address = post(author, NEW, form()).location
    job = jobs.claim("worker", now=clock.now(), lease_seconds=20)
    assert job
    with unit_of_work():
        video_service.give_up(UUID(job.payload["asset_id"]), now=clock.now())
        jobs.fail(job, "encoder", now=clock.now(), final=True)
    assert "再试一次转码" in author.get(address).text
    assert "转码失败" in author.get(f"{address}/progress").text
    assert post(author, f"{address}/encoding").location == address
    assert "已重新排队转码" in author.get(address).text


def test_a_page_that_cannot_be_is_not_found(author: FlaskClient) -> None:
    assert author.get("/staff/lectures?page=2").status_code == 200
    for page in ("0", "-1", "10001"):
        assert author.get(f"/staff/lectures?page={page}").status_code == 404


def test_without_items_handing_in_is_refused_with_the_reason(author: FlaskClient, staff: Staff) -> None:
    revision_id = make_lecture(staff.uploader, items=())
    answer = post(author, f"/staff/lectures/{revision_id}/submission")
    assert answer.status_code == 303
    assert "请至少提供一道试题" in author.get(answer.location).text
    assert only_revision(staff).state is State.DRAFT


def test_the_progress_part_asks_again_until_the_video_is_settled(author: FlaskClient, staff: Staff) -> None:
    post(author, NEW, form())
    waiting = author.get(f"/staff/lectures/{only_revision(staff).id}/progress").text
    assert 'id="video-progress"' in waiting
    assert "data-poll=" in waiting
    settled = author.get(f"/staff/lectures/{make_lecture(staff.uploader)}/progress").text
    assert "data-poll-done" in settled
    assert "data-poll=" not in settled


def test_the_list_shows_only_own_lectures(clean: Flask, author: FlaskClient, staff: Staff) -> None:
    make_lecture(staff.uploader, title="自己的")
    colleague = make_person(staff.land.unit, "同事", grants={"uploader": staff.land.unit})
    theirs = make_lecture(colleague, title="别人的")
    page = author.get(NEW).text
    assert "自己的" in page
    assert "别人的" not in page
    for address in ("", "/edit", "/progress"):
        assert author.get(f"/staff/lectures/{theirs}{address}").status_code == 404
    for address in ("/edit", "/submission", "/retraction", "/encoding", "/grant", "/new-version"):
        assert post(author, f"/staff/lectures/{theirs}{address}").status_code == 404


@pytest.mark.parametrize("who", ["learner", "province_reviewer", "national_reviewer"])
def test_people_without_the_authors_role_are_refused(clean: Flask, staff: Staff, who: str) -> None:
    client = signed_in(clean, getattr(staff, who))
    revision_id = make_lecture(staff.uploader)
    for address in ("", "/new", f"/{revision_id}", f"/{revision_id}/edit", f"/{revision_id}/progress"):
        assert client.get(f"/staff/lectures{address}").status_code == 403
    for address in ("", f"/{revision_id}/submission", f"/{revision_id}/retraction"):
        assert post(client, f"/staff/lectures{address}").status_code == 403


def test_strangers_are_sent_to_the_sign_in(client: FlaskClient) -> None:
    answer = client.get("/staff/lectures/new")
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("field", ["title", "teacher_name", "teacher_institution", "teacher_post", "outline", "items"])
def test_no_text_of_a_lecture_holds_an_id_number(author: FlaskClient, staff: Staff, field: str) -> None:
    number = id_number_of(1)
    text = ITEMS.replace("仅约定试用期的", f"{number}仅约定试用期的") if field == "items" else f"张某 {number}"
    answer = post(author, NEW, form(**{field: text}))
    assert answer.status_code == 422 and "身份证号" in answer.text
    if field == "outline":
        apart = number[:6], number[6:14], number[14:]
        for hidden in ("{}<strong>{}</strong>{}".format(*apart), "\u00a0".join(apart)):
            assert post(author, NEW, form(outline=f"张某 {hidden}")).status_code == 422, hidden
    with reading() as session:
        assert not moderation.of_author(session, staff.uploader.person_id, limit=1, offset=0)
    revision_id = make_lecture(staff.uploader)
    with reading() as session:
        asset_id = catalogue.asset_of_revision(session, revision_id)
    changed = {**TEXTS, "course": str(course_of(revision_id)), field: text, "asset_id": str(asset_id)}
    assert post(author, f"{NEW}/{revision_id}/edit", changed).status_code == 422
    assert number not in str(version_of(revision_id))


def version_of(revision_id: UUID) -> catalogue.LectureVersion:
    with reading() as session:
        return catalogue.lecture_version(session, revision_id)


def course_of(revision_id: UUID) -> UUID:
    return version_of(revision_id).course_id


def test_no_knowledge_point_of_a_lecture_holds_a_number(author: FlaskClient) -> None:
    told = next(line for line in ITEMS.splitlines() if line.startswith("知识点："))
    answer = post(author, NEW, form(items=ITEMS.replace(told, "知识点：张某13812345678")))
    assert answer.status_code == 422 and "此项不能填写手机号码或身份证号" in answer.text


def test_who_left_the_unit_encodes_nothing_again(clean: Flask, staff: Staff) -> None:
    author = signed_in(clean, staff.uploader)
    address = post(author, "/staff/lectures", form()).location
    job = jobs.claim("worker", now=clock.now(), lease_seconds=20)
    assert job
    asset_id = UUID(job.payload["asset_id"])
    with unit_of_work():
        video_service.give_up(asset_id, now=clock.now())
        jobs.fail(job, "encoder", now=clock.now(), final=True)
    assert f"{address}/encoding" in author.get(address).text
    there, ended = staff.land.other_unit, {"ended_at": clock.now(), "end_reason": "调动"}
    with unit_of_work() as session:
        session.execute(update(RoleGrantRow).where(RoleGrantRow.person_id == staff.uploader.person_id).values(ended))
    access.appoint(staff.uploader.person_id, roles.UPLOADER, there.id, reason="调入", now=clock.now())
    for page in (address, f"{address}/progress"):
        assert f"{address}/encoding" not in author.get(page).text
    assert post(author, f"{address}/encoding").status_code == 403
    assert post(author, f"{address}/retraction").status_code == 403
    with reading() as session:
        assert video.asset(session, asset_id).state == "failed"
