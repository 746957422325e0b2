"""Entering a training: its facts, its people by lines or by spreadsheet, its proof, and handing it in."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _, ngettext

from lms import settings as settings_module
from lms.infra import spreadsheet
from lms.infra.db import reading
from lms.infra.spreadsheet import SpreadsheetRefused, TemplateColumn
from lms.kernel import clock
from lms.kernel.errors import N_, Conflict, Invalid, TooMany
from lms.kernel.permissions import Permission
from lms.offline import queries, service
from lms.offline.domain import people as lists
from lms.offline.domain.people import COLUMNS, Listed
from lms.offline.forms import FactsForm, LinesForm, NewTrainingForm, ProofForm, SheetForm
from lms.offline.staff_views import shown
from lms.offline.staff_views.blueprint import bp
from lms.offline.staff_views.one import page_of
from lms.organisations import queries as organisations
from lms.organisations.domain.ranks import KINDS
from lms.web import guards, login, render, uploads
from lms.web.files import XLSX, attachment

ENTER = Permission.TRAINING_ENTER
TEMPLATE = (
    TemplateColumn(COLUMNS["name"], "王建国", "与平台中的姓名一致"),
    TemplateColumn(COLUMNS["username"], "", "可以不填；同名时用来区分"),
    TemplateColumn(COLUMNS["mobile"], "", "可以不填；同名时用来区分"),
    TemplateColumn(COLUMNS["hours"], "", "可以不填；不填按本次培训的学时"),
)
NOTES = (
    "每行一人，不要改动表头。",
    "全部正确才会保存；有一处不对，全部不保存，并列出所在的行和列。",
    "半天计 4 学时，一天计 8 学时。",
)


@bp.get("/training/new")
@guards.requires(ENTER)
def new_training_form() -> Any:
    """The form of a new training."""
    return _new_page(NewTrainingForm(formdata=None, unit=str(login.current().unit_id)))


@bp.post("/training/new")
@guards.requires(ENTER)
def new_training() -> Any:
    """Enters a training as a draft."""
    form, by = NewTrainingForm(), shown.staff(ENTER)
    if "find" in request.form:
        return _new_page(form)
    unit_id = _id(form.unit.data)
    if unit_id is None:
        form.show({"unit": N_("请查找并选择单位")})
    facts = form.facts() if form.validate_on_submit() and unit_id else None
    if facts is None or unit_id is None:
        return _new_page(form, status=422)
    try:
        training_id = service.create(facts, unit_id, by=by, now=clock.now())
    except Invalid as error:
        form.take(error)
        return _new_page(form, status=422)
    flash(_("已保存为草稿。请添加人员，上传证明材料，然后提交。"), "success")
    return redirect(url_for(".training", training_id=training_id), 303)


@bp.get("/training/<uuid:training_id>/edit")
@guards.requires(ENTER)
def edit_training_form(training_id: UUID) -> Any:
    """The form of a training's facts."""
    with reading() as session:
        found = queries.training(session, training_id, shown.staff(ENTER).scopes)
    if not found.open:
        raise service.NotNow
    form = FactsForm(formdata=None, obj=found)
    form.hours.data = f"{found.hours / 100:g}"
    return render.page("offline/staff/edit.html", form=form, found=found)


@bp.post("/training/<uuid:training_id>/edit")
@guards.requires(ENTER)
def edit_training(training_id: UUID) -> Any:
    """Writes a training's facts."""
    form = FactsForm()
    with reading() as session:
        found = queries.training(session, training_id, shown.staff(ENTER).scopes)
    facts = form.facts() if form.validate_on_submit() else None
    if facts is None:
        return render.page("offline/staff/edit.html", form=form, found=found, status=422)
    try:
        service.edit(training_id, facts, by=shown.staff(ENTER), now=clock.now())
    except (Invalid, Conflict) as error:
        shown.tell(form, error)
        return render.page("offline/staff/edit.html", form=form, found=found, status=error.status)
    flash(_("已保存。"), "success")
    return redirect(url_for(".training", training_id=training_id), 303)


@bp.post("/training/<uuid:training_id>/people")
@guards.requires(ENTER)
def add_lines(training_id: UUID) -> Any:
    """Adds people, one a line."""
    form = LinesForm()
    if not form.validate_on_submit():
        _seen(training_id)
        return page_of(training_id, status=422, lines_form=form)
    listed = lists.read_lines(form.lines.data, most=settings_module.current().training_people)
    return _added(training_id, listed, form, "lines_form")


@bp.get("/training/people-template.xlsx")
@guards.requires(ENTER)
def people_template() -> Any:
    """A spreadsheet to fill in."""
    content = spreadsheet.write_template(TEMPLATE, title="人员", notes=NOTES)
    return attachment(content, XLSX, "training-people.xlsx")


@bp.post("/training/<uuid:training_id>/sheet")
@guards.requires(ENTER)
def add_sheet(training_id: UUID) -> Any:
    """Adds the people of a spreadsheet."""
    form = SheetForm()
    _seen(training_id)
    if not form.validate_on_submit() or not form.sheet.data:
        form.show({"sheet": N_("请选择文件")})
        return page_of(training_id, status=422, sheet_form=form)
    limits = spreadsheet.Limits(max_rows=settings_module.current().training_people + 1)
    try:
        sheet = spreadsheet.read_table(form.sheet.data.read(), form.sheet.data.filename or "", limits=limits)
    except SpreadsheetRefused as error:
        form.show({"sheet": error.detail or error.title}, error.extra)
        return page_of(training_id, status=422, sheet_form=form)
    return _added(training_id, lists.read_table(sheet.rows), form, "sheet_form")


@bp.post("/training/<uuid:training_id>/people/<uuid:person_id>/removal")
@guards.requires(ENTER)
def remove_person(training_id: UUID, person_id: UUID) -> Any:
    """Takes somebody off the list."""
    return _act(training_id, lambda by: service.remove_person(training_id, person_id, by=by, now=clock.now()))


@bp.post("/training/<uuid:training_id>/proof")
@guards.requires(ENTER)
@uploads.large(ENTER)
def put_proof(training_id: UUID) -> Any:
    """Takes the proof in."""
    form = ProofForm()
    _seen(training_id)
    if not form.validate_on_submit() or not form.file.data:
        form.show({"file": N_("请选择文件")})
        return page_of(training_id, status=422, proof_form=form)
    most = settings_module.current().proof_mb * 1024 * 1024
    content = form.file.data.read(most + 1)
    name = form.file.data.filename or ""
    try:
        service.put_proof(training_id, content, name, by=shown.staff(ENTER), now=clock.now())
    except (Invalid, Conflict) as error:
        shown.tell(form, error)
        return page_of(training_id, status=error.status, proof_form=form)
    flash(_("证明材料已上传。"), "success")
    return redirect(url_for(".training", training_id=training_id), 303)


@bp.post("/training/<uuid:training_id>/submission")
@guards.requires(ENTER)
def submit_training(training_id: UUID) -> Any:
    """Hands the training in."""
    return _act(
        training_id,
        lambda by: service.submit(training_id, by=by, now=clock.now()),
        done=_("已提交，等待上一级工会审批。"),
    )


@bp.post("/training/<uuid:training_id>/retraction")
@guards.requires(ENTER)
def retract_training(training_id: UUID) -> Any:
    """Takes the training back."""
    return _act(
        training_id, lambda by: service.retract(training_id, by=by, now=clock.now()), done=_("已撤回，不再办理。")
    )


def _act(training_id: UUID, act: Callable[[Any], None], *, done: str = "") -> Any:
    try:
        act(shown.staff(ENTER))
    except (Invalid, Conflict) as error:
        for text in error.fields.values() or (error.title,):
            flash(_(text, **error.extra), "danger")
    else:
        if done:
            flash(done, "success")
    return redirect(url_for(".training", training_id=training_id), 303)


def _added(training_id: UUID, listed: Listed, form: Any, name: str) -> Any:
    try:
        count = service.add_people(training_id, listed, by=shown.staff(ENTER), now=clock.now())
    except service.ListRefused as error:
        told = [(one.row, one.column, _(one.text)) for one in error.problems]
        return page_of(training_id, status=422, problems=told, **{name: form})
    except (Invalid, Conflict, TooMany) as error:
        shown.tell(form, error)
        return page_of(training_id, status=error.status, **{name: form})
    flash(ngettext("名单中现有这 %(num)s 人。", "名单中现有这 %(num)s 人。", count), "success")
    return redirect(url_for(".training", training_id=training_id), 303)


def _seen(training_id: UUID) -> None:
    """Raises NotFound when the training is not in this person's hands, before anything of the request is judged."""
    with reading() as session:
        queries.training(session, training_id, shown.staff(ENTER).scopes)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _new_page(form: NewTrainingForm, *, status: int = 200) -> Any:
    with reading() as session:
        offered = organisations.choices_within(
            session, (form.unit_query.data or "")[:120], _id(form.unit.data), shown.staff(ENTER).scopes, kinds=KINDS
        )
    return render.page("offline/staff/new.html", form=form, choices=offered, status=status)
