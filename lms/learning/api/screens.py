"""The screen of a classroom as JSON: taken over by a page, its reports, the answer to a presence check."""

from datetime import datetime
from random import SystemRandom
from typing import Annotated
from uuid import UUID

import msgspec
from flask import url_for

from lms import settings as settings_module
from lms.accounts.domain.reach import Staff
from lms.kernel import clock
from lms.kernel.permissions import Permission
from lms.learning.api.watching import Milliseconds, Segment, bp
from lms.learning.service import classroom
from lms.learning.service.classroom.screen import Report
from lms.video.views import grant_cookie
from lms.web import guards, login, ports
from lms.web.jsonapi import Reply, endpoint, same_origin

_rng = SystemRandom()


class ScreenAnswer(msgspec.Struct):
    """A page that may play; times in media milliseconds."""

    screen_id: UUID
    beat_seconds: int
    duration_ms: int
    position_ms: int
    playlist_url: str


class ReportRequest(msgspec.Struct):
    """What the screen played since its last report."""

    seq: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    segments: Annotated[list[Segment], msgspec.Meta(max_length=500)]
    position_ms: Milliseconds


class HostCheckAnswer(msgspec.Struct):
    """Is the host there? Answering by `answer_by` costs nothing."""

    id: UUID
    asked_at: datetime
    answer_by: datetime


class ReportAnswer(msgspec.Struct):
    """What the report brought."""

    accepted_ms: int
    unpaid_ms: int
    present: int
    presence: HostCheckAnswer | None


class HostPresenceRequest(msgspec.Struct):
    """Which check is answered."""

    id: UUID


@bp.post("/classrooms/<uuid:classroom_id>/screens")
@guards.requires(Permission.CLASSROOM_HOLD)
@endpoint(answer=ScreenAnswer, status=201)
def open_screen(classroom_id: UUID) -> Reply[ScreenAnswer]:
    """Give the classroom's video to this page; another page that had it stops."""
    host = Staff(login.current().person_id, ports.scopes_for(login.current(), Permission.CLASSROOM_HOLD))
    screen = classroom.open_screen(classroom_id, by=host, rng=_rng, now=clock.now())
    answer = ScreenAnswer(
        screen_id=screen.id,
        beat_seconds=settings_module.current().beat_seconds,
        duration_ms=screen.duration_ms,
        position_ms=screen.position_ms,
        playlist_url=url_for("video_learner.package_file", asset_id=screen.asset_id, name="master.m3u8"),
    )
    return Reply(answer, cookies=(grant_cookie(screen.asset_id),))


@bp.post("/screens/<uuid:screen_id>/reports")
@guards.public  # the screen's 128 random bits and the same-origin check, as for the beats of a lease
@endpoint(body=ReportRequest, answer=ReportAnswer, csrf_exempt=True)
def take_report(body: ReportRequest, screen_id: UUID) -> Reply[ReportAnswer]:
    """Report what the screen played."""
    now = clock.now()
    same_origin()
    report = Report(body.seq, tuple((start, end) for start, end in body.segments), body.position_ms)
    taken = classroom.take_report(screen_id, report, rng=_rng, now=now)
    waiting = None
    if taken.check is not None and taken.check_id is not None:
        waiting = HostCheckAnswer(taken.check_id, taken.check.at, taken.check.answer_by)
    answer = ReportAnswer(taken.accepted_ms, taken.unpaid_ms, taken.present, waiting)
    return Reply(answer, cookies=(grant_cookie(taken.asset_id),))


@bp.post("/screens/<uuid:screen_id>/presence")
@guards.public  # as above
@endpoint(body=HostPresenceRequest, answer=None, status=204, csrf_exempt=True)
def answer_host_presence(body: HostPresenceRequest, screen_id: UUID) -> None:
    """Say that the host is there."""
    same_origin()
    classroom.answer_check(screen_id, body.id, rng=_rng, now=clock.now())
