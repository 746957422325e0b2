"""The live board as JSON: signs of life from the pages of open attempts, and what the board shows of all of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from flask import request
from msgspec import UNSET, UnsetType

from lms.access import service as access
from lms.exams import queries, service
from lms.exams.api.blueprint import bp
from lms.exams.domain.watching import TOLD_BY_PAGES, Kind, Seat
from lms.exams.queries import Candidate
from lms.exams.service import PageEvent
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login
from lms.web.jsonapi import endpoint

PAGE = 50
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class PageEventBody(msgspec.Struct):
    """Something that the page noticed: `no` counts them within its epoch, `amount` is in seconds or characters."""

    no: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    kind: Kind
    amount: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] | None = None


class HeartbeatRequest(msgspec.Struct):
    """A page that shows the attempt is there; `messages` is how many of what was told it has."""

    epoch: Count
    messages: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    events: Annotated[list[PageEventBody], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=list)


class MessageAnswer(msgspec.Struct):
    """What an invigilator told."""

    id: UUID
    text: str
    sent_at: datetime
    to_all: bool


class HeartbeatAnswer(msgspec.Struct, omit_defaults=True):
    """What the page should know; `messages` only when it has not all of them."""

    server_time: datetime
    deadline: datetime
    messages: list[MessageAnswer] | UnsetType = UNSET


class CountsAnswer(msgspec.Struct):
    """The numbers at the top of the board."""

    enrolled: int
    begun: int
    answering: int
    silent: int
    handed_in: int


class CandidateAnswer(msgspec.Struct):
    """An attempt as it stands; `told` counts its events by kind, `silent_seconds` since its page was last heard of."""

    attempt_id: UUID
    seat: str
    answered: int
    questions: int
    deadline: datetime
    silent_seconds: int
    told: dict[str, int]


class BoardAnswer(msgspec.Struct):
    """What changes on the board: numbers, the attempts that the page lists, requests for more time that wait."""

    server_time: datetime
    counts: CountsAnswer
    candidates: list[CandidateAnswer]
    waiting: list[UUID]


@bp.post("/attempts/<uuid:attempt_id>/heartbeats")
@guards.quiet
@guards.signed_in
@endpoint(body=HeartbeatRequest, answer=HeartbeatAnswer)
def heartbeat(body: HeartbeatRequest, attempt_id: UUID) -> HeartbeatAnswer:
    """A sign of life of the page that shows an open attempt."""
    now = clock.now()
    if any(one.kind not in TOLD_BY_PAGES for one in body.events):
        raise Invalid(fields={"events": "a kind that no page tells"})
    answered = service.take_pulse(
        attempt_id,
        login.current().person_id,
        epoch=body.epoch,
        told=[PageEvent(one.no, one.kind, one.amount) for one in body.events],
        known=body.messages,
        address=request.remote_addr or "",
        now=now,
    )
    told = answered.messages
    return HeartbeatAnswer(
        clock.now(),
        answered.deadline,
        UNSET if told is None else [MessageAnswer(one.id, one.text, one.sent_at, one.to_all) for one in told],
    )


@bp.get("/exams/<uuid:exam_id>/board")
@guards.quiet
@guards.requires(Permission.EXAM_INVIGILATE)
@endpoint(answer=BoardAnswer)
def board(exam_id: UUID) -> BoardAnswer:
    """What changes on the board of an exam, `show` and `after` as on the page; seven statements whatever is under way."""
    now = clock.now()
    show, after = asked_for()
    with reading() as session:
        class_id, unit_path = queries.place_of(session, exam_id)
        if not access.may(login.current(), Permission.EXAM_INVIGILATE, unit_path):
            raise NotFound
        service.refuse_own(session, class_id, login.current().person_id)
        numbers = queries.counts(session, exam_id, class_id, now=now)
        listed = queries.candidates(session, exam_id, show=show, after=after, limit=PAGE, now=now)
        asked = queries.requests(session, exam_id)
    return BoardAnswer(
        now,
        CountsAnswer(numbers.enrolled, numbers.begun, numbers.answering, numbers.silent, numbers.handed_in),
        [_candidate(one, now) for one in listed],
        [one.id for one in asked if one.waits(now)],
    )


def asked_for() -> tuple[Seat | None, UUID | None]:
    """Which part of the board the address asks for; what is no part of it asks for all."""
    text = request.args.get("show", "")
    return Seat(text) if text in set(Seat) else None, request.args.get("after", type=UUID)


def _candidate(one: Candidate, now: datetime) -> CandidateAnswer:
    silent = max(0, round((now - one.sign_at).total_seconds()))
    return CandidateAnswer(
        one.attempt_id, one.seat.value, one.answered, one.questions, one.deadline, silent, dict(one.told)
    )
