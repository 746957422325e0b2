"""Make-up sittings of a class's exam: for whom one is asked, and the second person's decision."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from lms.classes import queries as classes
from lms.exams import queries
from lms.exams.queries.sittings import SittingRequest
from lms.exams.service import refuse_own, sittings as service
from lms.exams.staff_views.blueprint import bp
from lms.exams.staff_views.rules import staff
from lms.exams.staff_views.rules_forms import GrantForm, SittingForm, in_china
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login, pagination, render

ADMIT = Permission.EXAM_ADMIT
PAGE = 50


@bp.get("/classes/<uuid:class_id>/sittings")
@guards.requires(ADMIT)
def sittings(class_id: UUID) -> Any:
    """The learners of a class, and what waits for a second person."""
    page = pagination.page_number()
    with reading() as session:
        training = classes.class_facts(session, class_id)
        if not staff(ADMIT).reaches(training.unit_path):
            raise NotFound
        refuse_own(session, class_id, login.current().person_id)
        exam = queries.exam_of_class(session, class_id)
        waiting = queries.sittings.waiting(session, exam.id) if exam else ()
        found = classes.members(session, class_id, limit=PAGE + 1, offset=(page - 1) * PAGE) if exam else ()
    return render.page(
        "exams/staff/sittings.html",
        training=training,
        exam=exam,
        waiting=waiting,
        members=found[:PAGE],
        previous_url=url_for(".sittings", class_id=class_id, page=page - 1) if page > 1 else None,
        next_url=url_for(".sittings", class_id=class_id, page=page + 1) if len(found) > PAGE else None,
    )


@bp.get("/exams/<uuid:exam_id>/sittings/<uuid:person_id>")
@guards.requires(ADMIT)
def person_sittings(exam_id: UUID, person_id: UUID) -> Any:
    """One learner's attempts and make-up sittings."""
    return _page(exam_id, person_id)


@bp.post("/exams/<uuid:exam_id>/sittings/<uuid:person_id>")
@guards.requires(ADMIT)
def ask_sitting(exam_id: UUID, person_id: UUID) -> Any:
    """Asks for a make-up sitting."""
    form = SittingForm()
    if not form.validate_on_submit():
        return _page(exam_id, person_id, asking=form, status=422)
    asked = service.Asked(form.attempts.data, in_china(form.opens_at.data), in_china(form.closes_at.data))
    try:
        service.ask_sitting(exam_id, person_id, asked, form.reason.data or "", by=staff(ADMIT), now=clock.now())
    except (Invalid, Conflict, Forbidden) as error:
        form.show(error.fields or {"": error.title})
        return _page(exam_id, person_id, asking=form, status=error.status)
    flash(_("已提出，由另一位工作人员确认后生效。"), "success")
    return redirect(url_for(".person_sittings", exam_id=exam_id, person_id=person_id), 303)


@bp.post("/sitting-requests/<uuid:request_id>/decision")
@guards.requires(ADMIT)
def decide_sitting(request_id: UUID) -> Any:
    """Grants or declines, as the second person."""
    form, asked = GrantForm(), _request(request_id)
    if not form.validate_on_submit():
        return _page(asked.exam_id, asked.person_id, deciding=form, status=422)
    grant = form.decision.data == "grant"
    try:
        service.decide_sitting(
            request_id, grant=grant, comment=form.comment.data or "", by=staff(ADMIT), now=clock.now()
        )
    except (Invalid, Conflict, Forbidden) as error:
        form.show(error.fields or {"": error.title})
        return _page(asked.exam_id, asked.person_id, deciding=form, status=error.status)
    flash(_("已同意补考，学员会收到通知。") if grant else _("已答复不同意。"), "success")
    return redirect(url_for(".person_sittings", exam_id=asked.exam_id, person_id=asked.person_id), 303)


@bp.post("/sitting-requests/<uuid:request_id>/withdrawal")
@guards.requires(ADMIT)
def withdraw_sitting(request_id: UUID) -> Any:
    """Takes my own request back."""
    asked = _request(request_id)
    try:
        service.withdraw_sitting(request_id, by=staff(ADMIT), now=clock.now())
        flash(_("已撤回。"), "success")
    except Conflict as error:
        flash(_(error.title), "warning")
    return redirect(url_for(".person_sittings", exam_id=asked.exam_id, person_id=asked.person_id), 303)


def _request(request_id: UUID) -> SittingRequest:
    """A request within reach. Raises NotFound."""
    with reading() as session:
        found = queries.sittings.request(session, request_id)
        exam = queries.exam(session, found.exam_id)
        if not staff(ADMIT).reaches(classes.class_facts(session, exam.class_id).unit_path):
            raise NotFound
    return found


def _page(
    exam_id: UUID,
    person_id: UUID,
    *,
    asking: SittingForm | None = None,
    deciding: GrantForm | None = None,
    status: int = 200,
) -> Any:
    now = clock.now()
    with reading() as session:
        exam = queries.exam(session, exam_id)
        training = classes.class_facts(session, exam.class_id)
        if not staff(ADMIT).reaches(training.unit_path):
            raise NotFound
        refuse_own(session, exam.class_id, login.current().person_id)
        enrolment = classes.enrolment(session, exam.class_id, person_id)
        if enrolment is None:
            raise NotFound
        requests = queries.sittings.requests_of(session, exam_id, person_id)
        standing = queries.standing(session, exam, person_id, enrolled=enrolment.active, now=now)
        name = queries.sittings.name_of(session, person_id)
    return render.page(
        "exams/staff/person_sittings.html",
        training=training,
        exam=exam,
        person_id=person_id,
        name=name,
        standing=standing,
        keys_shown=exam.review == "full" and exam.window.over(now),
        requests=requests,
        waits=any(one.state == "asked" for one in requests),
        me=login.current().person_id,
        asking=asking or SittingForm(formdata=None, attempts=1),
        deciding=deciding or GrantForm(formdata=None),
        status=status,
    )
