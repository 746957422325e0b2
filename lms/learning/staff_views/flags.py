"""Flags that wait for a human: the queue, one flag with its evidence, the decision, answers to objections."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid
from lms.kernel.permissions import Permission
from lms.learning.domain.suspicion import NAMES, TOLD
from lms.learning.forms import AnswerForm, FlagForm
from lms.learning.queries import flags as queries
from lms.learning.queries.flags import Flag
from lms.learning.service import flags
from lms.learning.staff_views.blueprint import bp, staff
from lms.web import guards, login, render

DECIDE = Permission.FLAG_DECIDE
PAGE = 30


def described(flag: Flag) -> dict[str, Any]:
    """A flag in the reader's language."""
    return {"flag": flag, "name": _(NAMES[flag.ground]), "told": _(TOLD[flag.ground], **flag.evidence)}


@bp.get("/flags")
@guards.requires(DECIDE)
def flag_queue() -> Any:
    """Flags and objections that wait in my scope, the oldest first."""
    after = request.args.get("after", type=UUID)
    with reading() as session:
        found = queries.waiting(session, staff(DECIDE).scopes, after=after, limit=PAGE + 1)
    listed = found[:PAGE]
    return render.page(
        "learning/staff/flags.html",
        flags=[described(one) for one in listed],
        next_url=url_for(".flag_queue", after=listed[-1].id) if len(found) > PAGE else None,
    )


@bp.get("/flags/<uuid:flag_id>")
@guards.requires(DECIDE)
def flag_page(flag_id: UUID) -> Any:
    """One flag with its evidence and everything that was said about it."""
    return _page(flag_id)


def _page(
    flag_id: UUID, *, deciding: FlagForm | None = None, answering: AnswerForm | None = None, status: int = 200
) -> Any:
    me = login.current().person_id
    with reading() as session:
        found = queries.flag(session, flag_id, staff(DECIDE).scopes)
        said = queries.objections(session, flag_id, staff(DECIDE).scopes)
    return render.page(
        "learning/staff/flag.html",
        **described(found),
        objections=said,
        own=found.person_id == me,
        me=me,
        deciding=deciding or FlagForm(formdata=None),
        answering=answering or AnswerForm(formdata=None),
        status=status,
    )


@bp.post("/flags/<uuid:flag_id>/decision")
@guards.requires(DECIDE)
def decide_flag(flag_id: UUID) -> Any:
    """Takes the decision."""
    form, who = FlagForm(), staff(DECIDE)
    with reading() as session:
        queries.flag(session, flag_id, who.scopes)
    if not form.validate_on_submit():
        return _page(flag_id, deciding=form, status=422)
    try:
        flags.decide(flag_id, decision=form.decision.data, reason=form.reason.data or "", by=who, now=clock.now())
    except (Invalid, Conflict, Forbidden) as error:
        form.show(error.fields or {"decision": error.title})
        return _page(flag_id, deciding=form, status=error.status)
    flash(_("已处理，本人会在“我的学习记录”里看到结论和理由。"), "success")
    return redirect(url_for(".flag_queue"), 303)


@bp.post("/flags/<uuid:flag_id>/objections/<uuid:objection_id>/answer")
@guards.requires(DECIDE)
def answer_objection(flag_id: UUID, objection_id: UUID) -> Any:
    """Answers what the person said."""
    form, who = AnswerForm(), staff(DECIDE)
    with reading() as session:
        queries.flag(session, flag_id, who.scopes)
    if not form.validate_on_submit():
        return _page(flag_id, answering=form, status=422)
    try:
        flags.answer(flag_id, objection_id, text=form.answer.data or "", by=who, now=clock.now())
    except (Invalid, Conflict, Forbidden) as error:
        form.show(error.fields or {"answer": error.title})
        return _page(flag_id, answering=form, status=error.status)
    flash(_("已答复，本人会看到。"), "success")
    return redirect(url_for(".flag_page", flag_id=flag_id), 303)
