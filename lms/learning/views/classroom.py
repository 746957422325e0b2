"""The pages with which people sign in to a classroom on their own phone, and see that they are in it."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for

from lms import settings as settings_module
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid, TooMany
from lms.learning.forms import CodeForm
from lms.learning.queries import classrooms as queries
from lms.learning.service import classroom
from lms.learning.service.classroom.people import CodePolicy
from lms.learning.views.blueprint import bp
from lms.web import guards, login, render
from lms.web.forms import Form

LONGEST_CODE = 20


@bp.get("/classroom")
@guards.signed_in
def code_form() -> Any:
    """Where the code of the screen is typed; who scanned it finds it filled in."""
    given = request.args.get("c", "")[:LONGEST_CODE]
    return render.page("learning/classroom_code.html", form=CodeForm(formdata=None, code=given), scanned=bool(given))


@bp.post("/classroom")
@guards.signed_in
def sign_in_by_code() -> Any:
    """Signs in to the classroom that shows this code."""
    form = CodeForm()
    if not form.validate_on_submit():
        return render.page("learning/classroom_code.html", form=form, scanned=False, status=422)
    policy = CodePolicy(settings_module.current().classroom_code_seconds)
    try:
        attendance_id = classroom.sign_in_by_code(
            form.code.data or "", person_id=login.current().person_id, policy=policy, now=clock.now()
        )
    except (Invalid, Conflict, TooMany) as error:
        form.show({"code": error.title})
        return render.page("learning/classroom_code.html", form=form, scanned=False, status=error.status)
    return redirect(url_for(".attendance", attendance_id=attendance_id), 303)


@bp.get("/classroom/attendances/<uuid:attendance_id>")
@guards.signed_in
def attendance(attendance_id: UUID) -> Any:
    """My presence in a classroom: since when, and what came of it."""
    with reading() as session:
        mine = queries.own_attendance(session, attendance_id, login.current().person_id)
    return render.page("learning/attendance.html", mine=mine, form=Form())


@bp.post("/classroom/attendances/<uuid:attendance_id>/end")
@guards.signed_in
def leave(attendance_id: UUID) -> Any:
    """I leave."""
    with reading() as session:
        queries.own_attendance(session, attendance_id, login.current().person_id)
    classroom.sign_out(attendance_id, person_id=login.current().person_id, now=clock.now())
    return redirect(url_for(".attendance", attendance_id=attendance_id), 303)
