"""The list of classrooms in my scope, and opening one: choose a lecture, then say where and for whom."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms import SelectChoice

from lms import settings as settings_module
from lms.catalogue import queries as catalogue
from lms.catalogue.queries import PlayableLecture
from lms.classes import queries as classes
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid
from lms.kernel.permissions import Permission
from lms.kernel.scope import outermost
from lms.learning.forms import RoomForm
from lms.learning.queries import classrooms as queries
from lms.learning.service import classroom
from lms.learning.staff_views.blueprint import bp, staff
from lms.organisations import queries as organisations
from lms.web import guards, login, pagination, render

PAGE = 30
COURSES = 12
HOLD = Permission.CLASSROOM_HOLD


@bp.get("/classrooms")
@guards.requires(HOLD)
def classroom_list() -> Any:
    """The classrooms that units in my scope held, the newest first."""
    after = request.args.get("after", type=UUID)
    who = staff(HOLD)
    with reading() as session:
        found = queries.rooms_within(session, who.scopes, after=after, limit=PAGE + 1)
        mine = queries.open_room_of(session, who.person_id)
    listed = found[:PAGE]
    return render.page(
        "learning/staff/classrooms.html",
        rooms=listed,
        mine=mine,
        next_url=url_for(".classroom_list", after=listed[-1].id) if len(found) > PAGE else None,
    )


@bp.get("/classrooms/lectures")
@guards.requires(HOLD)
def choose_lecture() -> Any:
    """Published lectures, course by course."""
    page = pagination.page_number()
    with reading() as session:
        ids = catalogue.published_course_ids(session, limit=COURSES + 1, offset=(page - 1) * COURSES)
        cards = catalogue.course_cards(session, ids[:COURSES])
    return render.page(
        "learning/staff/choose_lecture.html",
        courses=cards,
        previous_url=url_for(".choose_lecture", page=page - 1) if page > 1 else None,
        next_url=url_for(".choose_lecture", page=page + 1) if len(ids) > COURSES else None,
    )


@bp.get("/lectures/<uuid:lecture_id>/classroom")
@guards.requires(HOLD)
def room_form(lecture_id: UUID) -> Any:
    """Where and for whom this lecture is to be played."""
    return _form_page(lecture_id, RoomForm(formdata=None, lecture_id=str(lecture_id)))


@bp.post("/lectures/<uuid:lecture_id>/classroom")
@guards.requires(HOLD)
def open_room(lecture_id: UUID) -> Any:
    """Opens the classroom."""
    form = RoomForm()
    form.lecture_id.data = str(lecture_id)
    class_id, unit_id = _as_id(form.class_id.data), _as_id(form.unit_id.data)
    if not form.validate_on_submit() or unit_id is None:
        return _form_page(lecture_id, form, status=422)
    seats = settings_module.current().classroom_seats
    plan = classroom.RoomPlan(lecture_id, class_id, unit_id, form.place.data or "", seats)
    try:
        session_id = classroom.open_room(plan, by=staff(HOLD), now=clock.now())
    except Invalid as error:
        form.take(error)
        return _form_page(lecture_id, form, status=422)
    except Conflict as error:
        form.show({"": error.title})
        return _form_page(lecture_id, form, status=409)
    return redirect(url_for(".desk", classroom_id=session_id), 303)


def _form_page(lecture_id: UUID, form: RoomForm, *, status: int = 200) -> Any:
    with reading() as session:
        lecture = catalogue.playable_lecture(session, lecture_id)
        _offer(session, form, lecture)
        mine = queries.open_room_of(session, login.current().person_id)
    return render.page(
        "learning/staff/room_form.html",
        lecture=lecture,
        form=form,
        mine=mine,
        seats=settings_module.current().classroom_seats,
        status=status,
    )


def _offer(session: Session, form: RoomForm, lecture: PlayableLecture) -> None:
    """Fills in the classes and units that this person may choose."""
    scopes = outermost(staff(HOLD).scopes)
    units = organisations.at_paths(session, scopes)
    form.unit_id.choices = [SelectChoice(str(one.id), one.name) for one in units]
    having = [
        one
        for one in classes.classes_within(session, scopes)
        if lecture.course_id in one.course_ids and one.phase == "implement"
    ]
    form.class_id.choices = [
        SelectChoice("", _("不限培训班：本单位人员都可以签到")),
        *(SelectChoice(str(one.id), one.name) for one in having),
    ]


def _as_id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
