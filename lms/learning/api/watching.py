"""Leases, beats and progress as JSON."""

from datetime import datetime
from random import SystemRandom
from typing import Annotated
from uuid import UUID

import msgspec
from flask import Blueprint, request

from lms import settings as settings_module
from lms.catalogue import queries as catalogue
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, Gone
from lms.learning import queries, service
from lms.learning.api.devices import device
from lms.learning.domain import beats, completion
from lms.learning.domain.presence import Kind
from lms.learning.domain.watchpolicy import WatchPolicy
from lms.learning.service import flags
from lms.questionbank.domain.marks import plain
from lms.video.views import grant_cookie, master_url
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


class PresenceOption(msgspec.Struct):
    """One choice of an item."""

    key: str
    text: str


class PresenceQuestion(msgspec.Struct):
    """An open presence check: a press on a button at one of nine places, or an item to answer; time from `asked_at` on is held."""

    id: UUID
    kind: str
    asked_at: datetime
    answer_by: datetime
    seconds: int
    place: int
    stem: str | None = None
    options: list[PresenceOption] | None = None


class PresenceTerms(msgspec.Struct):
    """How often the course asks whether somebody is there, and how long it waits for an answer."""

    from_minutes: int
    to_minutes: int
    seconds: int


class PolicyAnswer(msgspec.Struct):
    """What the course asks of who watches it; `presence` is null where nobody is asked."""

    version: int
    threshold_percent: int
    max_rate_percent: int
    seek_courtesy: bool
    pause_when_hidden: bool
    presence: PresenceTerms | None


class LeaseAnswer(msgspec.Struct):
    """A live lease; times in media milliseconds. Nothing is credited before `playlist_url` was fetched."""

    lease_id: UUID
    beat_seconds: int
    duration_ms: int
    watched: list[tuple[int, int]]
    position_ms: int
    playlist_url: str
    policy: PolicyAnswer
    presence: PresenceQuestion | None


class PresenceRequest(msgspec.Struct):
    """The answer to a check: nothing more for a button, the keys of the chosen options for an item."""

    id: UUID
    answer: list[Annotated[str, msgspec.Meta(min_length=1, max_length=1)]] | None = None


class PresenceAnswer(msgspec.Struct):
    """What the answer brought; `held_ms` is all real time of the lease that pays nothing, `lost_ms` what this answer cost of it."""

    lease_state: str
    presence: PresenceQuestion | None
    held_ms: int
    lost_ms: int
    correct: bool | None


class BeatRequest(msgspec.Struct):
    """What the page played since its last beat, with the `carry` of that one's answer if it has it."""

    seq: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
    segments: Annotated[list[Segment], msgspec.Meta(max_length=500)]
    position_ms: Milliseconds
    rate: Annotated[float, msgspec.Meta(ge=0, le=100)] = 1.0
    visible: bool = True
    final: bool = False
    carry: Annotated[str, msgspec.Meta(max_length=service.LONGEST_CARRY)] | None = None


class TrimAnswer(msgspec.Struct):
    """Claimed and not credited, and why."""

    ms: int
    reason: str


class BeatAnswer(msgspec.Struct):
    """What the beat brought; a next beat that comes with `carry` is answered sooner, and the same without."""

    accepted_ms: int
    trimmed: list[TrimAnswer]
    watched: list[tuple[int, int]]
    coverage: float
    completed: bool
    course_completed: bool
    lease_state: str
    presence: PresenceQuestion | None
    carry: str | None


class ProgressAnswer(msgspec.Struct):
    """Where the person stands in a lecture.

    `gaps` are the spans that were not watched; `trimmed` is what beats claimed and were not paid at the time, by reason.
    """

    duration_ms: int
    watched: list[tuple[int, int]]
    coverage: float
    position_ms: int
    completed_at: datetime | None
    gaps: list[tuple[int, int]]
    trimmed: list[TrimAnswer]
    policy: PolicyAnswer


@bp.post("/leases")
@guards.signed_in
@endpoint(body=LeaseRequest, answer=LeaseAnswer, status=201)
def open_lease(body: LeaseRequest) -> Reply[LeaseAnswer]:
    """Open a lease on a lecture; an older live one of the person is superseded."""
    now, who = clock.now(), login.current()
    opened = service.open_lease(
        body.lecture_id,
        person_id=who.person_id,
        enrolment_id=body.enrolment_id,
        session_id=who.session_id,
        now=now,
        rng=SystemRandom(),
    )
    mark = service.playlist_mark(opened.lease_id)
    device_mark, keep_mark = device()
    flags.note_origin(opened.lease_id, who.person_id, address=request.remote_addr or "", device=device_mark, now=now)
    answer = LeaseAnswer(
        lease_id=opened.lease_id,
        beat_seconds=settings_module.current().beat_seconds,
        duration_ms=opened.duration_ms,
        watched=list(opened.watched),
        position_ms=opened.position_ms,
        playlist_url=master_url(opened.asset_id, mark),
        policy=_policy(opened.policy, opened.duration_ms),
        presence=_question(opened.presence),
    )
    return Reply(answer, cookies=(grant_cookie(opened.asset_id, mark=mark), keep_mark))


@bp.post("/leases/<uuid:lease_id>/presence")
@guards.public  # as a beat: the lease's 128 random bits and the same-origin check
@endpoint(body=PresenceRequest, answer=PresenceAnswer, csrf_exempt=True)
def answer_presence(body: PresenceRequest, lease_id: UUID) -> PresenceAnswer:
    """Answer a presence check."""
    now = clock.now()
    same_origin()
    keys = "".join(sorted(set(body.answer or [])))[:20]
    answered = service.answer_presence(lease_id, body.id, keys, now=now, rng=SystemRandom())
    return PresenceAnswer(
        lease_state=answered.lease_state,
        presence=_question(answered.presence),
        held_ms=answered.held_ms,
        lost_ms=answered.lost_ms,
        correct=answered.correct,
    )


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
    outcome = service.take_beat(lease_id, beat, carry=body.carry, now=now)
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
        presence=_question(outcome.presence),
        carry=outcome.carry,
    )
    mark = "" if outcome.fetched else service.playlist_mark(lease_id)
    return Reply(answer, cookies=(grant_cookie(outcome.asset_id, mark=mark),))


@bp.get("/lectures/<uuid:lecture_id>/progress")
@guards.signed_in
@endpoint(answer=ProgressAnswer)
def progress(lecture_id: UUID) -> ProgressAnswer:
    """Where I stand in a lecture."""
    who = login.current()
    with reading() as session:
        lecture = catalogue.playable_lecture(session, lecture_id)
        known = queries.progress(session, who.person_id, lecture.asset_id)
        policy = queries.policy_of(session, lecture.course_id)
    return ProgressAnswer(
        duration_ms=lecture.duration_ms,
        watched=list(known.watched),
        coverage=round(completion.coverage(known.watched, lecture.duration_ms), 6),
        position_ms=known.position_ms,
        completed_at=known.completed_at,
        gaps=list(completion.missing(known.watched, lecture.duration_ms)),
        trimmed=[TrimAnswer(ms, reason) for reason, ms in sorted(known.trims.items())],
        policy=_policy(policy, lecture.duration_ms),
    )


def _question(found: service.Question | None) -> PresenceQuestion | None:
    if found is None:
        return None
    question = PresenceQuestion(found.id, found.kind, found.asked_at, found.answer_by, found.seconds, found.place)
    if found.item_id is None:
        return question
    with reading() as session:
        item = service.item_asked(session, found.item_id)
    if item is None:
        question.kind = Kind.BUTTON
        return question
    question.stem = plain(item.stem)
    question.options = [PresenceOption(option.key, plain(option.text)) for option in item.options]
    return question


def _policy(policy: WatchPolicy, duration_ms: int) -> PolicyAnswer:
    terms = policy.presence
    return PolicyAnswer(
        version=policy.version,
        threshold_percent=policy.threshold_percent,
        max_rate_percent=policy.max_rate_percent,
        seek_courtesy=policy.seek_courtesy,
        pause_when_hidden=policy.pause_when_hidden,
        presence=PresenceTerms(terms.from_minutes, terms.to_minutes, terms.seconds)
        if terms.asks(duration_ms)
        else None,
    )
