"""The items of a section whose paper is the same for everybody, chosen by hand."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.classes import queries as classes
from lms.exams import queries
from lms.exams.domain.blueprint import Section
from lms.exams.queries import Question
from lms.exams.queries.planning import Draft
from lms.exams.service import planning
from lms.exams.staff_views.blueprint import bp
from lms.exams.staff_views.rules import staff
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.questionbank import queries as questionbank
from lms.questionbank.domain.pictures import media_type
from lms.web import guards, pictures, render
from lms.web.forms import Form

PREVIEW = Permission.EXAM_PREVIEW
PER_PAGE = 50


@bp.get("/exam-drafts/<uuid:draft_id>/sections/<int(max=99):number>/items")
@guards.requires(PREVIEW)
def section_items(draft_id: UUID, number: int) -> Any:
    """The items that a section may have, and those that it has."""
    after = request.args.get("after", None, type=UUID)
    found, section = _section(draft_id, number)
    try:
        with reading() as session:
            planning.see_banks(session, found.class_id, section.banks, staff(PREVIEW), now=clock.now())
            offered = queries.planning.item_choices(session, section, after=after, limit=PER_PAGE + 1)
            chosen = queries.planning.chosen_items(session, section.fixed)
    except Forbidden as error:
        flash(_(error.title), "danger")
        return redirect(url_for(".rules_draft", draft_id=draft_id), 303)
    listed, more = offered[:PER_PAGE], len(offered) > PER_PAGE
    address: dict[str, Any] = {"draft_id": draft_id, "number": number}
    return render.page(
        "exams/staff/section_items.html",
        draft=found,
        number=number,
        section=section,
        chosen=chosen,
        offered=[one for one in listed if one.id not in section.fixed],
        first_url=url_for(".section_items", **address) if after else None,
        next_url=url_for(".section_items", **address, after=listed[-1].id) if more else None,
        form=Form(formdata=None),
    )


@bp.post("/exam-drafts/<uuid:draft_id>/sections/<int(max=99):number>/items")
@guards.requires(PREVIEW)
def fix_items(draft_id: UUID, number: int) -> Any:
    """Adds the ticked items to the section, or takes ticked ones away."""
    _section(draft_id, number)
    if not Form().validate_on_submit():
        raise Invalid
    add, drop = _ids("add"), _ids("drop")
    try:
        planning.fix_items(draft_id, number, add=add, drop=drop, by=staff(PREVIEW), now=clock.now())
        flash(_("已保存。本部分的题数随所选试题变化。"), "success")
    except (Conflict, Forbidden) as error:
        flash(_(error.title), "danger")
    return redirect(url_for(".section_items", draft_id=draft_id, number=number), 303)


@bp.get("/exam-drafts/<uuid:draft_id>/items/<uuid:item_version_id>/pictures/<int(max=99):number>")
@guards.requires(PREVIEW)
def sample_picture(draft_id: UUID, item_version_id: UUID, number: int) -> Any:
    """A picture of a published item of the draft's banks."""
    draft = _draft(draft_id)
    banks = {bank for section in draft.plan.sections for bank in section.banks}
    with reading() as session:
        item = queries.items(session, [item_version_id]).get(item_version_id)
        if item is None or item.bank not in banks or not queries.published(session, [item.id]):
            raise NotFound
        try:
            planning.see_banks(session, draft.class_id, [item.bank], staff(PREVIEW), now=clock.now())
        except Forbidden as error:
            raise NotFound from error
        found = questionbank.picture(session, item.id, item.shown_pictures(whole=False), number)
    return pictures.answer(found, media_type(found))


def sample_pictures(draft_id: UUID, version_ids: Mapping[int, UUID], question: Question) -> dict[str, pictures.Shown]:
    """Where the pictures of an item of a sample paper are."""
    return pictures.by_number(
        question.pictures,
        ".sample_picture",
        draft_id=draft_id,
        item_version_id=version_ids[question.position],
    )


def _section(draft_id: UUID, number: int) -> tuple[Draft, Section]:
    found = _draft(draft_id)
    if not 1 <= number <= len(found.plan.sections):
        raise NotFound
    return found, found.plan.sections[number - 1]


def _draft(draft_id: UUID) -> Draft:
    """A draft within reach. Raises NotFound."""
    with reading() as session:
        found = queries.planning.draft(session, draft_id)
        if not staff(PREVIEW).reaches(classes.class_facts(session, found.class_id).unit_path):
            raise NotFound
    return found


def _ids(name: str) -> list[UUID]:
    try:
        return [UUID(one) for one in request.form.getlist(name)[:PER_PAGE]]
    except ValueError as error:
        raise NotFound from error
