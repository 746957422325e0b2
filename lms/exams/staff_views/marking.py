"""Marking by item: what waits, one answer after the other, and how many mark each."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.exams import queries, service
from lms.exams.domain.marking import Plan
from lms.exams.forms import FlagForm, MarkForm, PlanForm
from lms.exams.queries import ExamRef, Piece
from lms.exams.staff_views.blueprint import bp, scopes, staff
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, Invalid
from lms.kernel.permissions import Permission
from lms.questionbank import queries as questionbank
from lms.questionbank.domain.pictures import media_type
from lms.web import guards, login, pictures, ports, render


@bp.get("/marking")
@guards.requires(Permission.EXAM_MARK)
def marking_list() -> Any:
    """Exams in my reach with answers for people to mark."""
    with reading() as session:
        found = queries.to_mark(session, scopes(Permission.EXAM_MARK))
    return render.page("exams/staff/marking_list.html", exams=found)


@bp.get("/marking/<uuid:exam_id>")
@guards.requires(Permission.EXAM_MARK)
def marking_items(exam_id: UUID) -> Any:
    """The items of an exam that people mark."""
    return _items_page(exam_id)


@bp.post("/marking/<uuid:exam_id>/plan")
@guards.requires(Permission.RESULT_CHANGE)
def set_marking_plan(exam_id: UUID) -> Any:
    """How many mark each answer."""
    form, by = PlanForm(), staff(Permission.RESULT_CHANGE)
    if not form.validate_on_submit():
        return _items_page(exam_id, form, status=422)
    plan = Plan(form.markers.data, form.threshold.data)
    service.set_plan(exam_id, plan, by=by, now=clock.now())
    flash(_("阅卷方式已保存，对还没有人评分的答案生效。"), "success")
    return redirect(url_for(".marking_items", exam_id=exam_id), 303)


@bp.post("/marking/<uuid:exam_id>/items/<uuid:item_version_id>/next")
@guards.requires(Permission.EXAM_MARK)
def next_piece(exam_id: UUID, item_version_id: UUID) -> Any:
    """Takes the next answer to an item."""
    return _to_next(exam_id, item_version_id)


@bp.get("/marking/pieces/<uuid:piece_id>")
@guards.requires(Permission.EXAM_MARK)
def piece_page(piece_id: UUID) -> Any:
    """The answer that I hold."""
    found = _piece(piece_id)
    draft = found.draft or {}
    form = _empty(found, draft.get("comment", ""))
    for field, text in zip(form.parts, draft.get("parts", ()), strict=False):
        field.raw_data = [text]
    return _piece_page(found, form)


@bp.get("/marking/pieces/<uuid:piece_id>/pictures/<int(max=99):number>")
@guards.requires(Permission.EXAM_MARK)
def piece_picture(piece_id: UUID, number: int) -> Any:
    """A picture of the item whose answer I hold."""
    piece = _piece(piece_id)
    with reading() as session:
        found = questionbank.picture(session, piece.version_id, piece.pictures, number)
    return pictures.answer(found, media_type(found))


@bp.post("/marking/pieces/<uuid:piece_id>/mark")
@guards.requires(Permission.EXAM_MARK)
def mark_piece(piece_id: UUID) -> Any:
    """Stores my points and goes on to the next answer."""
    form, by = MarkForm(), staff(Permission.EXAM_MARK)
    try:
        if not form.validate_on_submit():
            raise Invalid
        parts = [field.data for field in form.parts]
        done = service.mark(piece_id, parts, form.comment.data or "", by=by, now=clock.now())
    except Invalid as error:
        found, shown = _piece(piece_id), error
        if len(form.parts) != len(found.asked):
            form = _empty(found, form.comment.data or "")
            shown = Invalid(fields={f"parts-{number}": N_("请填写每一问的分数") for number in range(len(found.asked))})
        _show(form, shown)
        return _piece_page(found, form, status=422)
    except service.WithSomebodyElse as refusal:
        flash(_(refusal.title), "warning")
        return redirect(url_for(".marking_list"), 303)
    flash(_("评分已保存。这份答卷已全部评完，成绩已经生成。") if done.final else _("评分已保存。"), "success")
    return _to_next(done.exam_id, done.version_id)


@bp.post("/marking/pieces/<uuid:piece_id>/draft")
@guards.requires(Permission.EXAM_MARK)
def save_piece_draft(piece_id: UUID) -> Any:
    """Keeps what I have typed; asked by the page itself."""
    parts = [text for name, text in request.form.items() if name.startswith("parts-")]
    comment = request.form.get("comment", "")
    service.save_draft(piece_id, parts, comment, by=staff(Permission.EXAM_MARK), now=clock.now())
    return "", 204


@bp.post("/marking/pieces/<uuid:piece_id>/pass")
@guards.requires(Permission.EXAM_MARK)
def pass_piece(piece_id: UUID) -> Any:
    """Leaves the answer to others: without a reason only for now."""
    form, by = FlagForm(), staff(Permission.EXAM_MARK)
    try:
        if not form.validate_on_submit():
            raise Invalid(fields={"flag": _("标记时请写明原因")})
        flag = form.flag.data if form.act.data == "flag" else ""
        if form.act.data == "flag" and not flag:
            raise Invalid(fields={"flag": _("标记时请写明原因")})
        done = service.put_back(piece_id, flag=flag, by=by, now=clock.now())
    except Invalid as error:
        found = _piece(piece_id)
        form.take(error)
        return _piece_page(found, _empty(found), flag_form=form, status=422)
    except service.WithSomebodyElse as refusal:
        flash(_(refusal.title), "warning")
        return redirect(url_for(".marking_list"), 303)
    flash(_("已标记，交给其他阅卷人处理。") if flag else _("已跳过，最后会再出现。"), "success")
    return _to_next(done.exam_id, done.version_id)


def _to_next(exam_id: UUID, version_id: UUID) -> Any:
    found = service.take(exam_id, version_id, by=staff(Permission.EXAM_MARK), now=clock.now())
    if found is None:
        flash(_("这道题现在没有您可以评的答案了。"), "info")
        return redirect(url_for(".marking_items", exam_id=exam_id), 303)
    return redirect(url_for(".piece_page", piece_id=found), 303)


def _refuse(session: Session, exam: ExamRef) -> None:
    service.refuse_keys(session, exam.id, exam.class_id, login.current().person_id, now=clock.now())


def _piece(piece_id: UUID) -> Piece:
    with reading() as session:
        found = queries.piece(session, piece_id, scopes(Permission.EXAM_MARK), login.current().person_id)
        _refuse(session, found.exam)
        return found


def _items_page(exam_id: UUID, form: PlanForm | None = None, *, status: int = 200) -> Any:
    me, now = login.current(), clock.now()
    with reading() as session:
        exam = queries.staff_exam(session, exam_id, scopes(Permission.EXAM_MARK))
        _refuse(session, exam)
        items = queries.items_to_mark(session, exam_id, me.person_id, now=now)
        plan = queries.marking_plan(session, exam_id)
        may_set = bool(ports.may(me, Permission.RESULT_CHANGE, exam.unit_path))
        tallies = queries.marker_tallies(session, exam_id) if may_set else ()
        names = ports.person_names(session, [one.marker_id for one in tallies])
    return render.page(
        "exams/staff/marking_items.html",
        exam=exam,
        items=items,
        plan=plan,
        form=form or PlanForm(formdata=None, markers=plan.markers, threshold=plan.threshold),
        may_set=may_set,
        tallies=[(names.get(one.marker_id, ""), one) for one in tallies],
        letters="",
        status=status,
    )


def _piece_page(found: Piece, form: MarkForm, *, flag_form: FlagForm | None = None, status: int = 200) -> Any:
    return render.page(
        "exams/staff/piece.html",
        piece=found,
        form=form,
        rows=list(zip(found.asked, form.parts, strict=True)),
        flag_form=flag_form or FlagForm(formdata=None),
        pictures=pictures.by_number(found.pictures, ".piece_picture", piece_id=found.id),
        letters="",
        status=status,
    )


def _empty(found: Piece, comment: str = "") -> MarkForm:
    return MarkForm(formdata=None, parts=[None] * len(found.asked), comment=comment)


def _show(form: MarkForm, error: Invalid) -> None:
    for name, text in error.fields.items():
        number = name.removeprefix("parts-")
        if number.isdecimal() and int(number) < len(form.parts):
            form.parts[int(number)].errors = [_(text)]
        else:
            form.show({name: text})
