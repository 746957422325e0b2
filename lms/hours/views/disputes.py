"""My disputes about hours: filing one, following it, taking it one level up."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from lms.hours import queries, service
from lms.hours.domain import disputes as rules
from lms.hours.forms import DisputeForm, MissingForm
from lms.hours.views.asked import asked_id
from lms.hours.views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid
from lms.web import guards, login, render

PER_PAGE = 30


@bp.get("/me/hours/disputes")
@guards.signed_in
def my_disputes() -> Any:
    """All of mine, the newest first."""
    with reading() as session:
        found = queries.own_disputes(session, login.current().person_id, before=asked_id("before"), limit=PER_PAGE + 1)
    listed = found[:PER_PAGE]
    more = len(found) > PER_PAGE
    return render.page(
        "hours/disputes.html",
        disputes=[(one, _(rules.STATE_WORDS[rules.State(one.state)])) for one in listed],
        next_url=url_for("hours_learner.my_disputes", before=listed[-1].id) if more else None,
    )


@bp.get("/me/hours/disputes/new")
@guards.signed_in
def new_dispute() -> Any:
    """The form for hours that are missing."""
    return render.page("hours/new_dispute.html", form=MissingForm(), entry=None)


@bp.post("/me/hours/disputes/new")
@guards.signed_in
def file_missing() -> Any:
    """Files a dispute about hours that are missing."""
    form = MissingForm()
    return _file(form, None, form.about.data or "")


@bp.get("/me/hours/entries/<uuid:entry_id>/dispute")
@guards.signed_in
def new_entry_dispute(entry_id: UUID) -> Any:
    """The form for an entry of mine."""
    return _form(DisputeForm(), entry_id)


@bp.post("/me/hours/entries/<uuid:entry_id>/dispute")
@guards.signed_in
def file_about_entry(entry_id: UUID) -> Any:
    """Files a dispute about an entry of mine."""
    return _file(DisputeForm(), entry_id, "")


@bp.get("/me/hours/disputes/<uuid:dispute_id>")
@guards.signed_in
def my_dispute(dispute_id: UUID) -> Any:
    """One of mine with every word."""
    return _page(dispute_id, DisputeForm())


@bp.post("/me/hours/disputes/<uuid:dispute_id>/escalation")
@guards.signed_in
def escalate(dispute_id: UUID) -> Any:
    """Asks the level above."""
    form = DisputeForm()
    person_id = login.current().person_id
    if not form.validate_on_submit():
        return _page(dispute_id, form, status=422)
    try:
        service.escalate_dispute(dispute_id, person_id=person_id, text=form.text.data or "", now=clock.now())
    except Invalid as error:
        form.take(error)
        return _page(dispute_id, form, status=422)
    except Conflict as error:
        form.show({"text": error.title})
        return _page(dispute_id, form, status=error.status)
    flash(_("已提交上级复核，答复后会显示在这里。"), "success")
    return redirect(url_for("hours_learner.my_dispute", dispute_id=dispute_id), 303)


@bp.post("/me/hours/disputes/<uuid:dispute_id>/withdrawal")
@guards.signed_in
def withdraw(dispute_id: UUID) -> Any:
    """Takes mine back."""
    try:
        service.withdraw_dispute(dispute_id, person_id=login.current().person_id, now=clock.now())
        flash(_("已撤回。"), "success")
    except Conflict as error:
        flash(_(error.title), "warning")
    return redirect(url_for("hours_learner.my_dispute", dispute_id=dispute_id), 303)


def _file(form: DisputeForm, entry_id: UUID | None, about: str) -> Any:
    person_id = login.current().person_id
    if not form.validate_on_submit():
        return _form(form, entry_id, status=422)
    try:
        made = service.file_dispute(
            person_id, entry_id=entry_id, about=about, text=form.text.data or "", now=clock.now()
        )
    except Invalid as error:
        form.take(error)
        return _form(form, entry_id, status=422)
    except Conflict as error:
        form.show({"text": error.title})
        return _form(form, entry_id, status=error.status)
    flash(_("异议已提交。单位管理员或班主任答复后，会显示在这里。"), "success")
    return redirect(url_for("hours_learner.my_dispute", dispute_id=made), 303)


def _form(form: DisputeForm, entry_id: UUID | None, *, status: int = 200) -> Any:
    entry = None
    if entry_id is not None:
        with reading() as session:
            entry = queries.own_entry(session, login.current().person_id, entry_id)
    return render.page("hours/new_dispute.html", form=form, entry=entry, status=status)


def _page(dispute_id: UUID, form: DisputeForm, *, status: int = 200) -> Any:
    with reading() as session:
        found, words = queries.own_dispute(session, login.current().person_id, dispute_id)
    return render.page(
        "hours/dispute.html",
        dispute=found,
        state_name=_(rules.STATE_WORDS[rules.State(found.state)]),
        words=[
            (one, _(rules.ACT_WORDS[rules.Act(one.act)]), _(rules.OUTCOME_WORDS[one.outcome]) if one.outcome else "")
            for one in words
        ],
        form=form,
        status=status,
    )
