"""Mock exams: what one would ask, the paper, the result with explanations."""

import secrets
from functools import partial
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.classes import queries as classes
from lms.exams.forms import posted_answers
from lms.exams.queries import Question
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, NotFound
from lms.practice import queries, service
from lms.practice.forms import MockForm
from lms.practice.views.blueprint import bp
from lms.questionbank.domain.pictures import media_type
from lms.web import guards, login, pictures, render

SHOWN = 10


@bp.get("/practice/classes/<uuid:class_id>/mock-exam")
@guards.signed_in
def mock_start_page(class_id: UUID) -> Any:
    """What a mock exam would be, that it counts for nothing, and how earlier ones went."""
    person_id, now = login.current().person_id, clock.now()
    service.settle(class_id, person_id, now=now)
    with reading() as session:
        enrolment = classes.enrolment(session, class_id, person_id)
        if enrolment is None or not enrolment.active:
            raise NotFound
        plan = service.plan(session, class_id)
        mine = queries.mocks(session, class_id, person_id, limit=SHOWN)
        training = classes.class_facts(session, class_id)
    return render.page("practice/mock_start.html", training=training, plan=plan, mocks=mine)


@bp.post("/practice/classes/<uuid:class_id>/mock-exam")
@guards.signed_in
def start_mock(class_id: UUID) -> Any:
    """Starts the clock, or goes on with the open one."""
    try:
        mock_id = service.start_mock(class_id, login.current().person_id, now=clock.now(), seed=secrets.randbits(63))
    except service.NothingToPractise as refusal:
        flash(_(refusal.title), "info")
        return redirect(url_for(".mock_start_page", class_id=class_id), 303)
    return redirect(url_for(".mock_page", mock_id=mock_id), 303)


@bp.get("/practice/mock-exams/<uuid:mock_id>")
@guards.signed_in
def mock_page(mock_id: UUID) -> Any:
    """The paper while it is open, then the result with keys and explanations."""
    now = clock.now()
    view = service.settled_view(mock_id, login.current().person_id, now=now)
    shown: dict[str, Any] = {"view": view, "mock": view.mock, "pictures": partial(_pictures, mock_id)}
    if view.mock.submitted_at is not None:
        return render.page("practice/mock_result.html", letters=ascii_uppercase, **shown)
    return render.page("practice/mock_paper.html", server_time=now, letters=ascii_uppercase, **shown)


@bp.get("/practice/mock-exams/<uuid:mock_id>/pictures/<int(max=9999):position>/<int(max=99):number>")
@guards.signed_in
def mock_picture(mock_id: UUID, position: int, number: int) -> Any:
    """A picture of an item of my mock exam."""
    with reading() as session:
        found = queries.mock_picture(session, mock_id, login.current().person_id, position, number)
    return pictures.answer(found, media_type(found))


@bp.post("/practice/mock-exams/<uuid:mock_id>")
@guards.signed_in
def save_mock(mock_id: UUID) -> Any:
    """Keeps the answers of the page; its second button hands in. A script that saves behind the scenes (`quiet`) gets 204."""
    received_at = clock.now()
    if not MockForm().validate_on_submit():
        raise Invalid
    hand_in = "hand-in" in request.form
    mock = service.save_mock(
        mock_id, login.current().person_id, posted_answers(request.form), hand_in=hand_in, now=received_at
    )
    if mock.submitted_at is None and "quiet" in request.form:
        return Response(status=204)
    if mock.submitted_at is None:
        flash(_("答案已保存"), "success")
    elif not hand_in:
        flash(_("时间已到，已按保存的答案交卷。"), "warning")
    return redirect(url_for(".mock_page", mock_id=mock_id), 303)


def _pictures(mock_id: UUID, question: Question) -> dict[str, pictures.Shown]:
    return pictures.by_number(question.pictures, ".mock_picture", mock_id=mock_id, position=question.position)
