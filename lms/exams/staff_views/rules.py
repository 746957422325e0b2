"""The exam of a class: the rules that hold, their versions, the draft under way; and what waits for a second person."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from sqlalchemy.orm import Session

from lms.accounts.domain.reach import Staff
from lms.classes import queries as classes
from lms.exams import queries
from lms.exams.domain.cells import Cell
from lms.exams.service import planning, planrefusals
from lms.exams.service.own_exam import OwnExam
from lms.exams.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login, ports, render

SET = Permission.EXAM_SET
VERSIONS_SHOWN = 20
PER_PAGE = 50


def staff(permission: Permission) -> Staff:
    """This person at work."""
    return Staff(login.current().person_id, ports.scopes_for(login.current(), permission))


def refused_to(session: Session, class_id: UUID) -> str | None:
    """Why this person does not work on the exam of a class, None if they may."""
    return OwnExam.title if queries.sits(session, class_id, login.current().person_id) else None


@bp.get("/classes/<uuid:class_id>/exam")
@guards.requires(SET)
def class_exam(class_id: UUID) -> Any:
    """The exam of a class as it is set up."""
    by = staff(SET)
    cells: tuple[Cell, ...] = ()
    with reading() as session:
        training = classes.class_facts(session, class_id)
        if not by.reaches(training.unit_path):
            raise NotFound
        exam = queries.exam_of_class(session, class_id)
        draft = queries.planning.open_draft(session, class_id)
        if exam is not None:
            cells = queries.planning.plan_cells(session, exam.blueprint.sections)
        versions = queries.planning.versions(session, class_id, limit=VERSIONS_SHOWN)
        refused = refused_to(session, class_id)
    return render.page(
        "exams/staff/class_exam.html",
        training=training,
        exam=exam,
        draft=draft,
        cells=cells,
        versions=versions,
        refused=refused,
    )


@bp.post("/classes/<uuid:class_id>/exam/drafts")
@guards.requires(SET)
def draft_rules(class_id: UUID) -> Any:
    """Begins a draft, or leads to the one that is there."""
    try:
        draft_id = planning.draft_rules(class_id, by=staff(SET), now=clock.now())
    except planrefusals.DraftOpen:
        with reading() as session:
            found = queries.planning.open_draft(session, class_id)
        if found is None:
            raise
        draft_id = found.id
    return redirect(url_for(".rules_draft", draft_id=draft_id), 303)


@bp.get("/exam-drafts")
@guards.requires(SET)
def rules_queue() -> Any:
    """Proposals in my reach that wait for a second person, the oldest first."""
    after = request.args.get("after", None, type=UUID)
    with reading() as session:
        found = queries.planning.waiting(session, staff(SET).scopes, after=after, limit=PER_PAGE + 1)
    listed, more = found[:PER_PAGE], len(found) > PER_PAGE
    return render.page(
        "exams/staff/rules_queue.html",
        waiting=listed,
        me=login.current().person_id,
        first_url=url_for(".rules_queue") if after else None,
        next_url=url_for(".rules_queue", after=listed[-1].id) if more else None,
    )
