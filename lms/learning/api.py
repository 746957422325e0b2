"""Leases, beats and progress as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from flask import Blueprint, url_for

from lms import settings as settings_module
from lms.catalogue import queries as catalogue
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, Gone
from lms.learning import queries, service
from lms.learning.domain import beats, completion
from lms.video.views import grant_cookie
from lms.web import guards, login
from lms.web.jsonapi import Reply, endpoint, same_origin

bp = Blueprint("learning_api", __name__)

Milliseconds = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
Segment = Annotated[list[Milliseconds], msgspec.Meta(min_length=2, max_length=2)]

WHY_OVER = {
    "ended": N_("本次播放已经结束"),
    "superseded": N_("您已在其他页面或设备上开始播放，本页面不再计时"),
    "expired": N_("超过 12 分钟没有收到播放信息，本次计时已结束"),
    "revoked": N_("课程已暂停或账号已停用，本次计时已结束"),
}


class LeaseOver(Gone):
    """The lease is over; what its own budget still allowed was credited."""

    code = "lease_over"


class LeaseRequest(msgspec.Struct):
    """Which lecture, and for which enrolment if the page knows one."""

    lecture_id: UUID
    enrolment_id: UUID | None = None


class LeaseAnswer(msgspec.Struct):
    """A live lease; times in media milliseconds."""

    lease_id: UUID
    beat_seconds: int
    duration_ms: int
    watched: list[tuple[int, int]]
    position_ms: int
    playlist_url: str


class BeatRequest(msgspec.Struct):
    """What the page played since its last beat."""

    seq: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
    segments: Annotated[list[Segment], msgspec.Meta(max_length=500)]
    position_ms: Milliseconds
    rate: Annotated[float, msgspec.Meta(ge=0, le=100)] = 1.0
    visible: bool = True
    final: bool = False


class TrimAnswer(msgspec.Struct):
    """Claimed and not credited, and why."""

    ms: int
    reason: str


class BeatAnswer(msgspec.Struct):
    """What the beat brought."""

    accepted_ms: int
    trimmed: list[TrimAnswer]
    watched: list[tuple[int, int]]
    coverage: float
    completed: bool
    course_completed: bool
    lease_state: str
    presence: None = None


class ProgressAnswer(msgspec.Struct):
    """Where the person stands in a lecture."""

    duration_ms: int
    watched: list[tuple[int, int]]
    coverage: float
    position_ms: int
    completed_at: datetime | None


@bp.post("/leases")
@guards.signed_in
@endpoint(body=LeaseRequest, answer=LeaseAnswer, status=201)
def open_lease(body: LeaseRequest) -> Reply[LeaseAnswer]:
    """Open a lease on a lecture; an older live one of the person is superseded."""
    opened = service.open_lease(
        body.lecture_id, person_id=login.current().person_id, enrolment_id=body.enrolment_id, now=clock.now()
    )
    answer = LeaseAnswer(
        lease_id=opened.lease_id,
        beat_seconds=settings_module.current().beat_seconds,
        duration_ms=opened.duration_ms,
        watched=list(opened.watched),
        position_ms=opened.position_ms,
        playlist_url=url_for("video_learner.package_file", asset_id=opened.asset_id, name="master.m3u8"),
    )
    return Reply(answer, cookies=(grant_cookie(opened.asset_id),))


@bp.post("/leases/<uuid:lease_id>/beats")
@guards.public  # the lease's 128 random bits and the same-origin check stand for session and CSRF token: beacons carry neither
@endpoint(body=BeatRequest, answer=BeatAnswer, csrf_exempt=True)
def take_beat(body: BeatRequest, lease_id: UUID) -> Reply[BeatAnswer]:
    """Report what was played."""
    now = clock.now()
    same_origin()
    beat = beats.Beat(
        seq=body.seq,
        segments=[(start, end) for start, end in body.segments],
        position_ms=body.position_ms,
        rate=body.rate,
        visible=body.visible,
        final=body.final,
    )
    outcome = service.take_beat(lease_id, beat, now=now)
    trimmed = [TrimAnswer(trim.ms, trim.reason.value) for trim in outcome.trimmed]
    if outcome.over:
        raise LeaseOver(
            WHY_OVER[outcome.lease_state],
            extra={
                "lease_state": outcome.lease_state,
                "accepted_ms": outcome.accepted_ms,
                "trimmed": [{"ms": trim.ms, "reason": trim.reason} for trim in trimmed],
                "watched": outcome.watched,
                "coverage": round(outcome.coverage, 6),
                "completed": outcome.completed,
                "course_completed": outcome.course_completed,
            },
        )
    answer = BeatAnswer(
        accepted_ms=outcome.accepted_ms,
        trimmed=trimmed,
        watched=list(outcome.watched),
        coverage=round(outcome.coverage, 6),
        completed=outcome.completed,
        course_completed=outcome.course_completed,
        lease_state=outcome.lease_state,
    )
    return Reply(answer, cookies=(grant_cookie(outcome.asset_id),))


@bp.get("/lectures/<uuid:lecture_id>/progress")
@guards.signed_in
@endpoint(answer=ProgressAnswer)
def progress(lecture_id: UUID) -> ProgressAnswer:
    """Where I stand in a lecture."""
    who = login.current()
    with reading() as session:
        lecture = catalogue.playable_lecture(session, lecture_id)
        known = queries.progress(session, who.person_id, lecture.asset_id)
    found = completion.state(known.watched, lecture.duration_ms, completion.COMPLETING)
    return ProgressAnswer(
        duration_ms=lecture.duration_ms,
        watched=list(known.watched),
        coverage=round(found.coverage, 6),
        position_ms=known.position_ms,
        completed_at=known.completed_at,
    )
