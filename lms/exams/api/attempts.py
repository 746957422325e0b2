"""Attempts as JSON. While one is open, nothing that leaves here was made from a key, an explanation or a mark."""

import secrets
from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from flask import url_for
from msgspec import UNSET, UnsetType

from lms.exams import service
from lms.exams.api.blueprint import bp
from lms.exams.domain.attempts import SaveKey, State
from lms.exams.domain.blueprint import CHOICE_TYPES
from lms.exams.queries import Question, Reviewed
from lms.kernel import clock
from lms.web import guards, login
from lms.web.jsonapi import Reply, endpoint

Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Text = Annotated[str, msgspec.Meta(max_length=5000)]
Texts = Annotated[list[Text], msgspec.Meta(max_length=50)]


class OptionAnswer(msgspec.Struct):
    """An option; `key` is what is sent when it is chosen."""

    key: str
    text: str


class QuestionAnswer(msgspec.Struct, omit_defaults=True):
    """An item of the paper, options in this candidate's order; the last four only after the review time.

    Matching and cases have `prompts`; what is typed has `places`, the number of texts of an answer. Texts are marked text: a picture
    stands in them as `![what it shows](1)`, and `pictures` has the addresses in the order of the numbers.
    """

    position: int
    type: str
    stem: str
    points: int
    options: list[OptionAnswer]
    prompts: list[str] | UnsetType = UNSET
    places: int | UnsetType = UNSET
    pictures: list[str] | UnsetType = UNSET
    correct: list[str] | UnsetType = UNSET
    earned: int | float | UnsetType = UNSET
    explanation: str | UnsetType = UNSET
    sources: list[str] | UnsetType = UNSET


class SavedAnswer(msgspec.Struct):
    """The answer that counts at a position, and the save it came from."""

    value: list[str]
    client_seq: int
    epoch: int


class AttemptAnswer(msgspec.Struct, omit_defaults=True):
    """An attempt; the last three only once it is graded."""

    attempt_id: UUID
    epoch: int
    state: str
    server_time: datetime
    deadline: datetime
    questions: list[QuestionAnswer]
    answers: dict[int, SavedAnswer]
    score: int | float | UnsetType = UNSET
    max_score: int | UnsetType = UNSET
    passed: bool | UnsetType = UNSET


class SaveRequest(msgspec.Struct):
    """One answer of a page: option keys, true or false, or nothing to take it back."""

    epoch: Count
    client_seq: Count
    value: Texts | Text | bool | None


class SaveAnswer(msgspec.Struct):
    """The save is stored for good."""

    saved_at: datetime
    client_seq: int


class SubmissionAnswer(msgspec.Struct, omit_defaults=True):
    """The result of an attempt; only its state while people have yet to mark something."""

    state: str
    score: int | float | UnsetType = UNSET
    max_score: int | UnsetType = UNSET
    passed: bool | UnsetType = UNSET


@bp.post("/exams/<uuid:exam_id>/attempts")
@guards.signed_in
@endpoint(answer=AttemptAnswer, status=201)
def start(exam_id: UUID) -> Reply[AttemptAnswer]:
    """Begin an attempt, or open the one that is open (200)."""
    now = clock.now()
    person_id = login.current().person_id
    opened = service.start_or_resume(exam_id, person_id, now=now, seed=secrets.randbits(63))
    if opened.fresh is None:
        return Reply(_answer(opened.attempt_id, person_id, now), 200)
    begun = AttemptAnswer(
        attempt_id=opened.attempt_id,
        epoch=1,
        state=State.OPEN.value,
        server_time=clock.now(),
        deadline=opened.fresh.deadline,
        questions=[_question(opened.attempt_id, one, None) for one in opened.fresh.questions],
        answers={},
    )
    return Reply(begun, 201)


@bp.post("/attempts/<uuid:attempt_id>/openings")
@guards.signed_in
@endpoint(answer=AttemptAnswer)
def open_again(attempt_id: UUID) -> AttemptAnswer:
    """Open this open attempt on a page; unlike a start it can never begin another."""
    now = clock.now()
    person_id = login.current().person_id
    service.open_again(attempt_id, person_id, now=now)
    return _answer(attempt_id, person_id, now)


@bp.get("/attempts/<uuid:attempt_id>")
@guards.signed_in
@endpoint(answer=AttemptAnswer)
def show(attempt_id: UUID) -> AttemptAnswer:
    """My attempt as it stands."""
    return _answer(attempt_id, login.current().person_id, clock.now())


@bp.put("/attempts/<uuid:attempt_id>/answers/<int(max=9999):position>")
@guards.signed_in
@endpoint(body=SaveRequest, answer=SaveAnswer)
def save(body: SaveRequest, attempt_id: UUID, position: int) -> SaveAnswer:
    """Save an answer."""
    received_at = clock.now()
    key = SaveKey(body.epoch, body.client_seq)
    saved = service.save_answer(
        attempt_id, login.current().person_id, position, key, body.value, received_at=received_at
    )
    return SaveAnswer(saved.saved_at, saved.client_seq)


@bp.post("/attempts/<uuid:attempt_id>/submission")
@guards.signed_in
@endpoint(answer=SubmissionAnswer)
def submit(attempt_id: UUID) -> SubmissionAnswer:
    """Hand in; repeating it gives the same answer."""
    now = clock.now()
    graded = service.submit(attempt_id, login.current().person_id, now=now)
    result = graded.result
    if result is None:
        return SubmissionAnswer(graded.state.value)
    return SubmissionAnswer(graded.state.value, result.score, result.max_score, result.passed)


def _answer(attempt_id: UUID, person_id: UUID, now: datetime) -> AttemptAnswer:
    view = service.settled_view(attempt_id, person_id, now=now)
    found, result = view.attempt, view.attempt.result
    return AttemptAnswer(
        attempt_id=found.id,
        epoch=found.epoch,
        state=found.state.value,
        server_time=clock.now(),
        deadline=found.deadline,
        questions=[_question(found.id, one, view.reviewed.get(one.position)) for one in view.questions],
        answers={
            position: SavedAnswer(list(saved.value), saved.key.client_seq, saved.key.epoch)
            for position, saved in view.answers.items()
        },
        score=result.score if result else UNSET,
        max_score=result.max_score if result else UNSET,
        passed=result.passed if result else UNSET,
    )


def _question(attempt_id: UUID, one: Question, reviewed: Reviewed | None) -> QuestionAnswer:
    answer = QuestionAnswer(
        position=one.position,
        type=one.type,
        stem=one.stem,
        points=one.points,
        options=[OptionAnswer(option.key, option.text) for option in one.options],
    )
    if one.prompts:
        answer.prompts = list(one.prompts)
    if one.type not in CHOICE_TYPES:
        answer.places = one.places
    if one.pictures:
        address = partial(url_for, "exams_learner.attempt_picture", attempt_id=attempt_id, position=one.position)
        answer.pictures = [address(number=number) for number in range(1, len(one.pictures) + 1)]
    if reviewed is not None:
        answer.correct = list(reviewed.correct)
        answer.earned = reviewed.earned
        answer.explanation = reviewed.explanation
        answer.sources = list(reviewed.sources)
    return answer
