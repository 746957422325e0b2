"""A draft of an exam's rules: its sections and settings, what the banks hold for it, proposing it and deciding it."""

import secrets
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from lms.classes import queries as classes
from lms.exams import queries
from lms.exams.domain.drawing import PoolTooSmall
from lms.exams.domain.plans import Days, Settings
from lms.exams.queries.planning import Draft
from lms.exams.service import planning
from lms.exams.staff_views.blueprint import bp
from lms.exams.staff_views.blueprint_items import sample_pictures
from lms.exams.staff_views.rules import SET, refused_to, staff
from lms.exams.staff_views.rules_forms import ProposeForm, PublishForm, RulesForm, SectionForm
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login, ports, render
from lms.web.forms import Form

FIRST = Settings(total=100, minutes=60, pass_mark=60, max_attempts=3)
"""What the form of rules proposes for a new exam (requirement 35)."""


@bp.get("/exam-drafts/<uuid:draft_id>")
@guards.requires(SET)
def rules_draft(draft_id: UUID) -> Any:
    """A draft, to work on or to decide."""
    return _page(draft_id)


@bp.post("/exam-drafts/<uuid:draft_id>/sections")
@guards.requires(SET)
def add_section(draft_id: UUID) -> Any:
    """Adds a section."""
    form = SectionForm()
    found = _seen(draft_id)
    with reading() as session:
        _offer(form, queries.planning.choices(session, found.class_id, staff(SET).scopes))
    if not form.validate_on_submit():
        return _page(draft_id, section=form, status=422)
    return _done(
        draft_id,
        lambda: planning.add_section(draft_id, form.section(), by=staff(SET), now=clock.now()),
        _("已添加。"),
        section=form,
    )


@bp.post("/exam-drafts/<uuid:draft_id>/sections/<int(max=99):number>/removal")
@guards.requires(SET)
def remove_section(draft_id: UUID, number: int) -> Any:
    """Removes a section."""
    return _done(
        draft_id,
        lambda: planning.remove_section(draft_id, number, by=staff(SET), now=clock.now()),
        _("已移除。"),
    )


@bp.post("/exam-drafts/<uuid:draft_id>/rules")
@guards.requires(SET)
def set_rules(draft_id: UUID) -> Any:
    """Sets limits and terms."""
    form = RulesForm()
    _seen(draft_id)
    if not form.validate_on_submit():
        return _page(draft_id, rules=form, status=422)
    return _done(
        draft_id,
        lambda: planning.set_rules(draft_id, form.title.data or "", form.settings(), by=staff(SET), now=clock.now()),
        _("考试规则已保存。"),
        rules=form,
    )


@bp.post("/exam-drafts/<uuid:draft_id>/proposal")
@guards.requires(SET)
def propose_rules(draft_id: UUID) -> Any:
    """Proposes the draft to a second person."""
    form = ProposeForm()
    _seen(draft_id)
    if not form.validate_on_submit():
        return _page(draft_id, proposing=form, status=422)
    return _done(
        draft_id,
        lambda: planning.propose_rules(draft_id, form.reason.data or "", by=staff(SET), now=clock.now()),
        _("已提交。由另一位管理人员核对后发布。"),
        proposing=form,
    )


@bp.post("/exam-drafts/<uuid:draft_id>/decision")
@guards.requires(SET)
def decide_rules(draft_id: UUID) -> Any:
    """Publishes or declines, as the second person."""
    form = PublishForm()
    found = _seen(draft_id)
    if not form.validate_on_submit():
        return _page(draft_id, deciding=form, status=422)
    by, comment, now = staff(SET), form.comment.data or "", clock.now()
    if form.decision.data == "decline":
        return _done(
            draft_id,
            lambda: planning.decline_rules(draft_id, comment, by=by, now=now),
            _("已答复不同意，考试规则没有变动。"),
            deciding=form,
        )
    try:
        version = planning.publish_rules(draft_id, by=by, comment=comment, now=now)
    except (Invalid, Conflict, Forbidden) as error:
        _tell(form, error)
        return _page(draft_id, deciding=form, status=error.status)
    flash(_("第 %(version)s 版考试规则已发布，从现在起开始的考试按它进行。", version=version), "success")
    return redirect(url_for(".class_exam", class_id=found.class_id), 303)


@bp.post("/exam-drafts/<uuid:draft_id>/reopening")
@guards.requires(SET)
def reopen_draft(draft_id: UUID) -> Any:
    """Takes my own proposal back and leads to the draft that goes on from it."""
    _seen(draft_id)
    try:
        draft_id = planning.reopen_draft(draft_id, by=staff(SET), now=clock.now())
    except (Conflict, Forbidden) as error:
        flash(_(error.title), "warning")
    else:
        flash(_("已收回，可以继续修改。"), "success")
    return redirect(url_for(".rules_draft", draft_id=draft_id), 303)


@bp.post("/exam-drafts/<uuid:draft_id>/withdrawal")
@guards.requires(SET)
def drop_draft(draft_id: UUID) -> Any:
    """Gives a draft up."""
    found = _seen(draft_id)
    try:
        planning.drop_draft(draft_id, by=staff(SET), now=clock.now())
    except Conflict as error:
        flash(_(error.title), "warning")
        return redirect(url_for(".rules_draft", draft_id=draft_id), 303)
    flash(_("草案已放弃，考试规则没有变动。"), "success")
    return redirect(url_for(".class_exam", class_id=found.class_id), 303)


@bp.post("/exam-drafts/<uuid:draft_id>/sample")
@guards.requires(Permission.EXAM_PREVIEW)
def sample_paper(draft_id: UUID) -> Any:
    """A paper as a learner would see it; a post, for it leaves a trace."""
    by = staff(Permission.EXAM_PREVIEW)
    with reading() as session:
        found = queries.planning.draft(session, draft_id)
        if not by.reaches(classes.class_facts(session, found.class_id).unit_path):
            raise NotFound
    try:
        sample = planning.sample_paper(draft_id, by=by, seed=secrets.randbits(63), now=clock.now())
    except (Invalid, PoolTooSmall, Forbidden) as error:
        for text in error.fields.values() or (error.title,):
            flash(_(text, **error.extra), "danger")
        return redirect(url_for(".rules_draft", draft_id=draft_id), 303)
    return render.page(
        "exams/staff/sample_paper.html",
        draft=found,
        sample=sample,
        pictures=partial(sample_pictures, draft_id, sample.version_ids),
        partial=found.plan.settings.partial if found.plan.settings else "all_or_nothing",
        letters=ascii_uppercase,
    )


def _seen(draft_id: UUID) -> Draft:
    """A draft within reach. Raises NotFound."""
    with reading() as session:
        found = queries.planning.draft(session, draft_id)
        if not staff(SET).reaches(classes.class_facts(session, found.class_id).unit_path):
            raise NotFound
    return found


def _done(draft_id: UUID, act: Callable[[], None], told: str, **forms: Form) -> Any:
    """Does an act and goes back to the draft; a refusal is shown in the form it came from, without one as a message."""
    form = next(iter(forms.values()), None)
    try:
        act()
    except (Invalid, Conflict, Forbidden) as error:
        if form is None:
            flash(_(error.title), "warning")
            return redirect(url_for(".rules_draft", draft_id=draft_id), 303)
        _tell(form, error)
        return _page(draft_id, status=error.status, **forms)
    flash(told, "success")
    return redirect(url_for(".rules_draft", draft_id=draft_id), 303)


def _tell(form: Form, error: DomainError) -> None:
    """Shows a refusal in a form: beside the fields that it names, or for the form as a whole."""
    form.show(error.fields or {"": error.title}, error.extra)


def _offer(form: SectionForm, banks: tuple[queries.planning.Choice, ...]) -> None:
    form.banks.choices = [SelectChoice(one.code, f"{one.title}（{one.code}）") for one in banks]


def _rules_form(found: Draft) -> RulesForm:
    """The form of rules as they stand in the draft."""
    form = RulesForm(formdata=None, data=asdict(found.plan.settings or FIRST) | {"title": found.plan.title})
    for field in (form.opens_at, form.closes_at, form.review_from):
        field.data = field.data.astimezone(SHANGHAI) if field.data else None
    return form


def _page(
    draft_id: UUID,
    *,
    section: SectionForm | None = None,
    rules: RulesForm | None = None,
    proposing: ProposeForm | None = None,
    deciding: PublishForm | None = None,
    status: int = 200,
) -> Any:
    by = staff(SET)
    with reading() as session:
        found = queries.planning.draft(session, draft_id)
        training = classes.class_facts(session, found.class_id)
        if not by.reaches(training.unit_path):
            raise NotFound
        banks = queries.planning.choices(session, found.class_id, by.scopes)
        seen = {one.code for one in banks} | queries.planning.known_banks(session, found.class_id)
        cells = queries.planning.plan_cells(session, found.plan.sections, seen)
        begun, still_open = queries.planning.begun(session, found.class_id)
        refused = refused_to(session, found.class_id)
    if section is None:
        section = SectionForm(formdata=None)
        _offer(section, banks)
    faults = found.plan.faults(Days(training.starts_on, training.ends_on))
    facts = {"maximum": found.plan.points, "total": found.plan.settings.total if found.plan.settings else 0}
    return render.page(
        "exams/staff/rules_draft.html",
        training=training,
        draft=found,
        own=found.drafted_by == by.person_id,
        may_preview=bool(ports.may(login.current(), Permission.EXAM_PREVIEW, training.unit_path)),
        banks={one.code: one.title for one in banks},
        cells=cells,
        faults={name: _(text, **facts) for name, text in faults.items()},
        begun=begun,
        still_open=still_open,
        refused=refused,
        section=section,
        rules=rules or _rules_form(found),
        proposing=proposing or ProposeForm(formdata=None),
        deciding=deciding or PublishForm(formdata=None),
        failed="rules" if rules else "section" if request.method == "POST" else "",
        status=status,
    )
