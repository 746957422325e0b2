"""Rounds of ten with answer and explanation at once, the book of wrong answers, progress."""

import secrets
from datetime import datetime
from functools import partial
from random import Random
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.accounts import queries as accounts
from lms.exams import queries as exams
from lms.exams.forms import posted_answers
from lms.exams.queries import ExamItem, Question
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, NotFound
from lms.practice import queries, service
from lms.practice.domain.standing import LEAVES_AFTER
from lms.practice.forms import AnswerForm, LeaveForm, RoundForm
from lms.practice.views.blueprint import bp
from lms.questionbank.domain.pictures import media_type
from lms.web import guards, login, pictures, render

PAGE = 20


@bp.get("/practice")
@guards.signed_in
def my_practice() -> Any:
    """The courses that I can practise, and how I stand."""
    person_id = login.current().person_id
    with reading() as session:
        found = queries.courses(session, person_id, accounts.alias_ids(session, person_id))
    return render.page("practice/courses.html", courses=found)


@bp.get("/practice/courses/<uuid:course_id>")
@guards.signed_in
def course_practice(course_id: UUID) -> Any:
    """One course: where I stand by knowledge point, and the buttons that open a round."""
    person_id = login.current().person_id
    with reading() as session:
        course = _course(session, course_id, person_id)
        points = queries.points(session, course_id, person_id)
    return render.page("practice/course.html", course=course, points=points)


@bp.post("/practice/courses/<uuid:course_id>")
@guards.signed_in
def start_round(course_id: UUID) -> Any:
    """Opens a round, or goes on with the one that is open."""
    form = RoundForm()
    if not form.validate_on_submit():
        raise Invalid
    try:
        round_id = service.start_round(
            course_id, login.current().person_id, form.source.data, now=clock.now(), rng=_rng()
        )
    except service.NothingToPractise as refusal:
        flash(_(refusal.title), "info")
        return redirect(url_for(".course_practice", course_id=course_id), 303)
    return redirect(url_for(".round_page", round_id=round_id), 303)


@bp.get("/practice/rounds/<uuid:round_id>")
@guards.signed_in
def round_page(round_id: UUID) -> Any:
    """The next item; with ?shown= the answered one with its explanation; at the end what the round came to."""
    return _round_page(round_id, shown=request.args.get("shown", type=int))


@bp.post("/practice/rounds/<uuid:round_id>")
@guards.signed_in
def answer(round_id: UUID) -> Any:
    """Takes the answer to one item and shows what is right."""
    form = AnswerForm()
    if not form.validate_on_submit():
        raise Invalid
    position = form.position.data
    values = posted_answers(request.form).get(position, [])
    try:
        service.answer(round_id, login.current().person_id, position, values, now=clock.now())
    except service.AnswerNeeded as refusal:
        return _round_page(round_id, shown=None, fault=_(refusal.title))
    except service.Withdrawn as refusal:
        flash(_(refusal.title), "info")
        return redirect(url_for(".round_page", round_id=round_id), 303)
    return redirect(url_for(".round_page", round_id=round_id, shown=position), 303)


@bp.get("/practice/rounds/<uuid:round_id>/pictures/<int(max=9999):position>/<int(max=99):number>")
@guards.signed_in
def round_picture(round_id: UUID, position: int, number: int) -> Any:
    """A picture of an item of my round that I was asked."""
    with reading() as session:
        found = queries.round_picture(session, round_id, login.current().person_id, position, number)
    return pictures.answer(found, media_type(found))


@bp.get("/practice/courses/<uuid:course_id>/mistakes")
@guards.signed_in
def book(course_id: UUID) -> Any:
    """My book of wrong answers for a course."""
    person_id = login.current().person_id
    after = _after(request.args.get("after"))
    with reading() as session:
        course = _course(session, course_id, person_id)
        found = queries.book(session, course_id, person_id, after=after, limit=PAGE + 1)
        listed = found[:PAGE]
        items = exams.items(session, [one.shown_id for one in listed])
    last = listed[-1] if len(found) > PAGE else None
    return render.page(
        "practice/book.html",
        course=course,
        mistakes=listed,
        leaves_after=LEAVES_AFTER,
        items=items,
        pictures=partial(_book_pictures, course_id),
        next_url=url_for(".book", course_id=course_id, after=f"{last.last_at.isoformat()}~{last.ref}")
        if last
        else None,
        first_url=url_for(".book", course_id=course_id) if after else None,
    )


@bp.get("/practice/courses/<uuid:course_id>/mistakes/<uuid:item_version_id>/pictures/<int(max=99):number>")
@guards.signed_in
def book_picture(course_id: UUID, item_version_id: UUID, number: int) -> Any:
    """A picture of an item in my book."""
    with reading() as session:
        found = queries.book_picture(session, course_id, login.current().person_id, item_version_id, number)
    return pictures.answer(found, media_type(found))


@bp.post("/practice/courses/<uuid:course_id>/mistakes")
@guards.signed_in
def leave_book(course_id: UUID) -> Any:
    """Takes an item out of my book."""
    form = LeaveForm()
    if not form.validate_on_submit():
        raise Invalid
    service.leave_book(course_id, login.current().person_id, form.ref.data)
    flash(_("已移出错题本。"), "success")
    return redirect(url_for(".book", course_id=course_id), 303)


def _course(session: Any, course_id: UUID, person_id: UUID) -> queries.CoursePractice:
    """Raises NotFound for a course that is not of one's classes, or that has nothing to practise."""
    for one in queries.courses(session, person_id, accounts.alias_ids(session, person_id), course_id=course_id):
        return one
    raise NotFound


def _round_page(round_id: UUID, *, shown: int | None, fault: str | None = None) -> Any:
    with reading() as session:
        found = queries.own_round(session, round_id, login.current().person_id)
        done = [found.step(shown)] if shown is not None else []
        if shown is not None and not any(one.given is not None for one in done):
            raise NotFound
        following = found.next
        over = following is None and not done
        explained = queries.explained(session, found.answered if over else done)
        asked = queries.question(session, following) if following and not done else None
    return render.page(
        "practice/round.html",
        status=422 if fault else 200,
        round=found,
        question=asked,
        explained=explained,
        over=over,
        last=following is None,
        pictures=partial(_pictures, round_id),
        fault=fault,
        form=AnswerForm(formdata=None, position=asked.position if asked else None),
        letters=ascii_uppercase,
    )


def _pictures(round_id: UUID, question: Question) -> dict[str, pictures.Shown]:
    return pictures.by_number(question.pictures, ".round_picture", round_id=round_id, position=question.position)


def _book_pictures(course_id: UUID, item: ExamItem) -> dict[str, pictures.Shown]:
    return pictures.by_number(
        item.shown_pictures(whole=False), ".book_picture", course_id=course_id, item_version_id=item.id
    )


def _after(text: str | None) -> tuple[datetime, str] | None:
    if not text:
        return None
    moment, _separator, ref = text.partition("~")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        raise NotFound from None
    if found.tzinfo is None or not ref:
        raise NotFound
    return found, ref


def _rng() -> Random:
    return Random(secrets.randbits(63))
