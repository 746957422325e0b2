"""Lectures at each point of their way: with a video that is ready, handed in, approved, published."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lms.catalogue import queries as catalogue, service as authoring
from lms.infra.db import reading, unit_of_work
from lms.infra.storage import storage
from lms.kernel import ids
from lms.kernel.principal import Principal
from lms.moderation.domain.workflow import Level, State
from lms.moderation.service import PRINCIPLES, Decision
from lms.questionbank.service import read_items
from lms.video import service as video
from lms.video.models import MediaAssetRow
from tests.factories.people import NOW, Staff

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:02.000\n欢迎学习本课程。\n"
ITEMS = """【单选】C4-001
题干：按照劳动合同法，下列哪一项**不**是两年期劳动合同试用期的上限？
A. 1个月
B. 2个月
答案：A
解析：劳动合同期限一年以上不满三年的，试用期不得超过二个月。上限因此是二个月。
依据：劳动合同法 第十九条 第一款
知识点：试用期的上限
难度：1
情境：否
失效：劳动合同法第十九条修订

【判断】C4-002
题干：试用期包含在劳动合同期限内。
答案：正确
解析：法律规定试用期包含在劳动合同期限内。仅约定试用期的，试用期不成立。
依据：劳动合同法 第十九条 第四款
知识点：试用期的性质
难度：2
情境：否
失效：劳动合同法第十九条修订
"""
PRACTICE_ITEMS = """【单选】L4-001
题干：劳动者提前几日以书面形式通知用人单位，可以解除劳动合同？
A. 三日
B. 三十日
答案：B
解析：劳动者提前三十日以书面形式通知用人单位，可以解除劳动合同。试用期内提前三日通知即可。
依据：劳动合同法 第三十七条
知识点：劳动合同的解除
难度：1
情境：否
失效：劳动合同法第三十七条修订
"""


def make_ready_asset(owner: Principal, *, duration_ms: int = 90_000, now: datetime = NOW) -> UUID:
    """A video that is ready to play, without an encoder: a row, and a package of three small files."""
    asset_id = ids.new_id(now)
    for name, content in (
        ("master.m3u8", b"#EXTM3U\n"),
        ("360p-00000.m4s", b"segment"),
        ("poster.jpg", b"\xff\xd8\xff"),
    ):
        storage().put_bytes(f"{video.package_key(asset_id)}/{name}", content)
    with unit_of_work() as session:
        session.add(
            MediaAssetRow(
                id=asset_id,
                owner_id=owner.person_id,
                state="ready",
                source_name="第一讲.mp4",
                source_bytes=1_234_567,
                source_sha256=asset_id.hex * 2,
                duration_ms=duration_ms,
                width=1280,
                height=720,
                segment_count=1,
                package_bytes=20,
                package_sha256="0" * 64,
                created_at=now,
                ready_at=now,
            )
        )
    return asset_id


def make_draft(asset_id: UUID, **changes: Any) -> authoring.LectureDraft:
    """What an uploader would have filled in."""
    draft = authoring.LectureDraft(
        course_id=None,
        title="试用期与劳动合同",
        teacher_name="姜颖",
        teacher_institution="中国劳动关系学院",
        teacher_post="教授",
        outline="<ul><li>试用期的上限</li></ul>",
        asset_id=asset_id,
        caption_id=None,
        items=read_items(ITEMS),
    )
    return replace(draft, **changes)


def make_lecture(author: Principal, *, now: datetime = NOW, **changes: Any) -> UUID:
    """A draft with a ready video. Returns the revision's id."""
    asset_id = changes.pop("asset_id", None) or make_ready_asset(author, now=now)
    return authoring.create_lecture(make_draft(asset_id, **changes), author=author, demo=False, now=now)


def hand_in(author: Principal, *, now: datetime = NOW, **changes: Any) -> UUID:
    """A lecture in the province's queue. Returns the revision's id."""
    revision_id = make_lecture(author, now=now, **changes)
    authoring.submit(revision_id, author=author, now=now)
    return revision_id


def content_hash(revision_id: UUID) -> str:
    """The hash that a reviewer's page would show now."""
    with reading() as session:
        return catalogue.lecture_version(session, revision_id).content_hash


def approval(revision_id: UUID, level: Level, **changes: Any) -> Decision:
    """A complete approval of what stands there now."""
    decision = Decision(
        decision="approve",
        comment="同意",
        content_hash=content_hash(revision_id),
        credit_hours=400 if level is Level.NATIONAL else None,
        findings=dict.fromkeys(PRINCIPLES, True),
    )
    return replace(decision, **changes)


def approve(revision_id: UUID, level: Level, reviewer: Principal, *, now: datetime = NOW) -> State:
    """Approves at one level. Returns the new state."""
    return authoring.decide(revision_id, level, approval(revision_id, level), reviewer=reviewer, now=now)


def send_back(revision_id: UUID, level: Level, reviewer: Principal, reason: str, *, now: datetime = NOW) -> State:
    """Returns it to its author with a reason."""
    decision = Decision(decision="return", comment=reason, content_hash=content_hash(revision_id))
    return authoring.decide(revision_id, level, decision, reviewer=reviewer, now=now)


def publish(staff: Staff, *, now: datetime = NOW, **changes: Any) -> catalogue.LectureVersion:
    """A lecture that went the whole way."""
    revision_id = hand_in(staff.uploader, now=now, **changes)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer, now=now + timedelta(minutes=1))
    approve(revision_id, Level.NATIONAL, staff.national_reviewer, now=now + timedelta(minutes=2))
    with reading() as session:
        return catalogue.lecture_version(session, revision_id)
