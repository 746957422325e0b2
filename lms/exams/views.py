"""Pages of exams: the start page, the paper, the last look before handing in, the result. All work without scripts."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.accommodations import queries as accommodations
from lms.accommodations.domain.measures import Measure
from lms.classes import queries as classes
from lms.classes.queries import TrainingClass
from lms.exams import queries, service
from lms.exams.domain.attempts import SaveVerdict, State
from lms.exams.domain.standing import Standing, StandingState
from lms.exams.domain.starting import extra_minutes
from lms.exams.forms import PaperForm, posted_answers
from lms.exams.queries import Attempt, AttemptView, Exam, Question
from lms.exams.queries.sittings import Sitting
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, NotFound
from lms.learning import queries as learning
from lms.learning.queries import CourseRef
from lms.questionbank.domain.pictures import media_type
from lms.web import guards, login, pictures, render

bp = Blueprint("exams_learner", __name__)


@dataclass(frozen=True)
class StartPage:
    """All that the start page tells."""

    exam: Exam
    training: TrainingClass
    standing: Standing
    missing: tuple[CourseRef, ...]
    attempts: tuple[Attempt, ...]
    measure: Measure
    sittings: tuple[Sitting, ...]

    @property
    def state(self) -> StandingState:
        """What the exam is to the person now."""
        return self.standing.state(not self.missing)

    def ends_at(self, now: datetime) -> datetime:
        """When time would be over if an attempt began now: in a make-up sitting outside of the exam's window by the sitting's."""
        running = [one.closes_at for one in self.sittings if one.closes_at is not None and one.now(now)]
        until = None if self.exam.may_begin(now) else max(running, default=None)
        return self.exam.rules.deadline(now, extra_minutes=self.extra_minutes, sitting_until=until)

    @property
    def extra_minutes(self) -> int:
        """What the person's accommodation adds to the usual time."""
        return extra_minutes(self.exam.blueprint.minutes, self.measure.exam_percent)

    @property
    def may_begin(self) -> bool:
        """Whether the button that begins an attempt stands there."""
        return self.standing.may_begin(not self.missing)


@bp.get("/exams/<uuid:exam_id>")
@guards.signed_in
def exam_page(exam_id: UUID) -> Any:
    """The rules in plain words, what is still missing, and the button that starts the clock."""
    now = clock.now()
    person_id = login.current().person_id
    found = _start_page(exam_id, person_id, now=now)
    over = next((one.id for one in found.attempts if one.overdue(now)), None)
    if over is not None:
        service.hand_in_if_over(over, now=now)
        found = _start_page(exam_id, person_id, now=now)
    return render.page(
        "exams/exam.html",
        page=found,
        ends_at=found.ends_at(now),
    )


@bp.post("/exams/<uuid:exam_id>")
@guards.signed_in
def start(exam_id: UUID) -> Any:
    """Begins an attempt or goes on with the open one."""
    opened = service.start_or_resume(exam_id, login.current().person_id, now=clock.now(), seed=secrets.randbits(63))
    return redirect(url_for(".paper_page", attempt_id=opened.attempt_id), 303)


@bp.get("/attempts/<uuid:attempt_id>")
@guards.signed_in
def paper_page(attempt_id: UUID) -> Any:
    """The paper of an open attempt."""
    now = clock.now()
    view = service.settled_view(attempt_id, login.current().person_id, now=now)
    if view.attempt.state is not State.OPEN:
        return _to_result(attempt_id)
    chosen = {position: saved.value for position, saved in view.answers.items()}
    return _paper(view, chosen, now=now)


@bp.post("/attempts/<uuid:attempt_id>")
@guards.signed_in
def save_paper(attempt_id: UUID) -> Any:
    """Takes all answers from a page without scripts; its second button leads to the last look."""
    received_at = clock.now()
    form = PaperForm()
    if not form.validate_on_submit():
        raise Invalid
    values = posted_answers(request.form)
    person_id = login.current().person_id
    try:
        service.save_form(attempt_id, person_id, form.epoch.data, values, received_at=received_at)
    except service.SaveRefused as refusal:
        view = service.settled_view(attempt_id, person_id, now=received_at)
        if refusal.code != SaveVerdict.OPENED_ELSEWHERE or view.attempt.state is not State.OPEN:
            flash(_(refusal.title), "warning")
            return _to_result(attempt_id)
        chosen = {position: tuple(value) for position, value in values.items()}
        return _paper(view, chosen, now=received_at, elsewhere=True)
    if "hand-in" in request.form:
        return redirect(url_for(".hand_in_page", attempt_id=attempt_id), 303)
    flash(_("答案已保存"), "success")
    return redirect(url_for(".paper_page", attempt_id=attempt_id), 303)


@bp.get("/attempts/<uuid:attempt_id>/hand-in")
@guards.signed_in
def hand_in_page(attempt_id: UUID) -> Any:
    """The last look: which items have no answer yet."""
    view = service.settled_view(attempt_id, login.current().person_id, now=clock.now())
    if view.attempt.state is not State.OPEN:
        return _to_result(attempt_id)
    unanswered = [one.position for one in view.questions if one.position not in view.answered]
    return render.page("exams/hand_in.html", attempt=view.attempt, total=len(view.questions), unanswered=unanswered)


@bp.post("/attempts/<uuid:attempt_id>/hand-in")
@guards.signed_in
def hand_in(attempt_id: UUID) -> Any:
    """Hands in."""
    service.submit(attempt_id, login.current().person_id, now=clock.now())
    return _to_result(attempt_id)


@bp.get("/attempts/<uuid:attempt_id>/result")
@guards.signed_in
def result_page(attempt_id: UUID) -> Any:
    """The result; keys and explanations when the class is over."""
    now = clock.now()
    person_id = login.current().person_id
    view = service.settled_view(attempt_id, person_id, now=now)
    if view.attempt.state is State.OPEN:
        return redirect(url_for(".paper_page", attempt_id=attempt_id), 303)
    start_page = _start_page(view.attempt.exam_id, person_id, now=now)
    return render.page(
        "exams/result.html",
        view=view,
        attempt=view.attempt,
        page=start_page,
        pictures=partial(_pictures, attempt_id),
        letters=ascii_uppercase,
    )


@bp.get("/attempts/<uuid:attempt_id>/pictures/<int(max=9999):position>/<int(max=99):number>")
@guards.signed_in
def attempt_picture(attempt_id: UUID, position: int, number: int) -> Any:
    """A picture of an item of my paper, by its place there."""
    person_id, now = login.current().person_id, clock.now()
    with reading() as session:
        found = queries.attempt_picture(session, attempt_id, person_id, position, number, now=now)
    return pictures.answer(found, media_type(found))


def _start_page(exam_id: UUID, person_id: UUID, *, now: datetime) -> StartPage:
    """Raises NotFound for who is not of the class."""
    with reading() as session:
        found = queries.exam(session, exam_id)
        enrolment = classes.enrolment(session, found.class_id, person_id)
        if enrolment is None:
            raise NotFound
        mine = queries.attempts_of(session, exam_id, person_id)
        return StartPage(
            exam=found,
            training=classes.class_facts(session, found.class_id),
            standing=queries.standing(session, found, person_id, enrolled=enrolment.active, now=now, mine=mine),
            missing=learning.missing_courses(session, person_id, found.class_id),
            attempts=mine,
            measure=accommodations.measure(session, person_id, now.astimezone(clock.SHANGHAI).date()),
            sittings=queries.sittings.sittings_of(session, exam_id, person_id),
        )


def _paper(view: AttemptView, chosen: Mapping[int, tuple[str, ...]], *, now: datetime, elsewhere: bool = False) -> Any:
    with reading() as session:
        told = queries.messages(session, view.attempt.id)
    return render.page(
        "exams/paper.html",
        view=view,
        messages=told,
        attempt=view.attempt,
        form=PaperForm(formdata=None, epoch=view.attempt.epoch),
        chosen=chosen,
        answered=sum(any(value) for value in chosen.values()),
        elsewhere=elsewhere,
        server_time=now,
        pictures=partial(_pictures, view.attempt.id),
        letters=ascii_uppercase,
        status=409 if elsewhere else 200,
    )


def _pictures(attempt_id: UUID, question: Question) -> dict[str, pictures.Shown]:
    return pictures.by_number(question.pictures, ".attempt_picture", attempt_id=attempt_id, position=question.position)


def _to_result(attempt_id: UUID) -> Any:
    return redirect(url_for(".result_page", attempt_id=attempt_id), 303)
