"""Disputes that staff answer: those of their reach, the longest waiting first."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.hours import queries, service
from lms.hours.domain import disputes as rules
from lms.hours.forms import AnswerForm
from lms.hours.staff_views.blueprint import bp, scopes, staff
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login, render

PER_PAGE = 50


@bp.get("/hours/disputes")
@guards.requires(Permission.HOURS_ANSWER)
def dispute_queue() -> Any:
    """What waits for an answer in my reach."""
    days = settings_module.current().dispute_days
    with reading() as session:
        found = queries.disputes_to_answer(
            session, scopes(Permission.HOURS_ANSWER), after=_asked_place(), limit=PER_PAGE + 1
        )
    listed = found[:PER_PAGE]
    more = len(found) > PER_PAGE
    now = clock.now()
    return render.page(
        "hours/staff/disputes.html",
        disputes=[
            (one, _(rules.STATE_WORDS[rules.State(one.state)]), rules.due(one.changed_at, days), now) for one in listed
        ],
        days=days,
        next_url=_next(listed[-1]) if more else None,
    )


@bp.get("/hours/disputes/<uuid:dispute_id>")
@guards.requires(Permission.HOURS_ANSWER)
def dispute(dispute_id: UUID) -> Any:
    """One dispute with every word."""
    return _page(dispute_id, AnswerForm())


@bp.post("/hours/disputes/<uuid:dispute_id>/answer")
@guards.requires(Permission.HOURS_ANSWER)
def answer_dispute(dispute_id: UUID) -> Any:
    """Answers it."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return _page(dispute_id, form, status=422)
    try:
        service.answer_dispute(
            dispute_id,
            by=staff(Permission.HOURS_ANSWER),
            upheld=form.outcome.data == "upheld",
            text=form.text.data or "",
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _page(dispute_id, form, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"outcome": error.title})
        return _page(dispute_id, form, status=error.status)
    flash(_("已答复，本人可以看到。"), "success")
    return redirect(url_for("hours_staff.dispute_queue"), 303)


def _next(last: queries.Dispute) -> str:
    return url_for("hours_staff.dispute_queue", after=f"{last.changed_at.isoformat()}~{last.id}")


def _asked_place() -> tuple[datetime, UUID] | None:
    text = request.args.get("after")
    if not text:
        return None
    at, _between, last = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise NotFound
        return moment, UUID(last)
    except ValueError as error:
        raise NotFound from error


def _page(dispute_id: UUID, form: AnswerForm, *, status: int = 200) -> Any:
    with reading() as session:
        found, words = queries.dispute(session, dispute_id, scopes(Permission.HOURS_ANSWER))
    return render.page(
        "hours/staff/dispute.html",
        dispute=found,
        state_name=_(rules.STATE_WORDS[rules.State(found.state)]),
        words=[
            (one, _(rules.ACT_WORDS[rules.Act(one.act)]), _(rules.OUTCOME_WORDS[one.outcome]) if one.outcome else "")
            for one in words
        ],
        waiting=rules.State(found.state) in rules.WAITING,
        own=found.person_id == login.current().person_id,
        form=form,
        status=status,
    )
