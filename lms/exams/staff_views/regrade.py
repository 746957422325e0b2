"""Wrong keys: what was decided, a new proposal, its effects on everybody, and the second person's word."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from lms.exams import queries, service
from lms.exams.domain import regrade as domain
from lms.exams.domain.keys import Accepted, Blank, Blanks, Choices, Key
from lms.exams.domain.regrade import KeyChange, Turn, Way
from lms.exams.forms import RegradeDecisionForm, RegradeForm
from lms.exams.queries import ExamItem, ExamRef
from lms.exams.staff_views.blueprint import bp, scopes, staff
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.questionbank import queries as questionbank
from lms.questionbank.domain.pictures import media_type
from lms.web import guards, login, pagination, pictures, render

PER_PAGE = 50
LONGEST_SEARCH = 60
RESULT_CHANGE = Permission.RESULT_CHANGE


@bp.get("/exams/<uuid:exam_id>/regrades")
@guards.requires(RESULT_CHANGE)
def regrade_list(exam_id: UUID) -> Any:
    """What was decided about keys of an exam, and the search for an item whose key is wrong."""
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    with reading() as session:
        exam = _exam(session, exam_id)
        listed = queries.regrades(session, exam_id, scopes(RESULT_CHANGE))
        banks = queries.exam(session, exam_id).blueprint.banks
        found = queries.asked_items(session, exam_id, banks, text) if text else ()
    return render.page("exams/staff/regrades.html", exam=exam, regrades=listed, text=text, found=found, letters="")


@bp.get("/regrades")
@guards.requires(RESULT_CHANGE)
def regrade_queue() -> Any:
    """Proposals in my reach that wait for a second person, and the exams in which I may propose one."""
    page, reach = pagination.page_number(), scopes(RESULT_CHANGE)
    with reading() as session:
        waiting = queries.waiting_regrades(session, reach) if page == 1 else ()
        exams = queries.staff_exams(session, reach, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
    return render.page(
        "exams/staff/regrade_queue.html",
        regrades=waiting,
        exams=exams[:PER_PAGE],
        me=login.current().person_id,
        previous_url=url_for(".regrade_queue", page=page - 1) if page > 1 else None,
        next_url=url_for(".regrade_queue", page=page + 1) if len(exams) > PER_PAGE else None,
        letters="",
    )


@bp.get("/exams/<uuid:exam_id>/items/<uuid:item_version_id>/regrade")
@guards.requires(RESULT_CHANGE)
def new_regrade(exam_id: UUID, item_version_id: UUID) -> Any:
    """The form of a proposal."""
    return _form_page(exam_id, item_version_id, RegradeForm(formdata=None))


@bp.post("/exams/<uuid:exam_id>/items/<uuid:item_version_id>/regrade")
@guards.requires(RESULT_CHANGE)
def propose_regrade(exam_id: UUID, item_version_id: UUID) -> Any:
    """Proposes; nothing changes yet."""
    form = RegradeForm()
    if not form.validate_on_submit():
        return _form_page(exam_id, item_version_id, form, status=422)
    way = Way(form.way.data)
    with reading() as session:
        _exam(session, exam_id)
        item = queries.items(session, [item_version_id]).get(item_version_id)
    if item is None:
        raise NotFound
    change = KeyChange(item_version_id, way, _posted_key(item, request.form) if way.needs_key else None)
    try:
        made = service.propose_regrade(
            exam_id, change, reason=form.reason.data, by=staff(RESULT_CHANGE), now=clock.now()
        )
    except Invalid as error:
        form.take(error)
        return _form_page(exam_id, item_version_id, form, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"": error.title})
        return _form_page(exam_id, item_version_id, form, status=error.status)
    flash(_("已提出。系统正在核算影响，核算完后由另一位管理人员确认。"), "success")
    return redirect(url_for(".regrade_page", regrade_id=made), 303)


@bp.get("/exams/<uuid:exam_id>/items/<uuid:item_version_id>/pictures/<int(max=99):number>")
@guards.requires(RESULT_CHANGE)
def asked_picture(exam_id: UUID, item_version_id: UUID, number: int) -> Any:
    """A picture of an item that stood in a paper of the exam."""
    with reading() as session:
        _exam(session, exam_id)
        item = _asked(session, exam_id, item_version_id)
        found = questionbank.picture(session, item.id, item.pictures, number)
    return pictures.answer(found, media_type(found))


@bp.get("/regrades/<uuid:regrade_id>")
@guards.requires(RESULT_CHANGE)
def regrade_page(regrade_id: UUID) -> Any:
    """One decision with all that it does."""
    return _page(regrade_id, RegradeDecisionForm(formdata=None))


@bp.post("/regrades/<uuid:regrade_id>/decision")
@guards.requires(RESULT_CHANGE)
def decide_regrade(regrade_id: UUID) -> Any:
    """Confirms or declines, as the second person, whoever may open the page of the decision."""
    form, by = RegradeDecisionForm(), staff(RESULT_CHANGE)
    with reading() as session:
        _exam(session, queries.regrade(session, regrade_id, by.scopes).exam.id)
    if not form.validate_on_submit():
        return _page(regrade_id, form, status=422)
    comment = form.comment.data or ""
    try:
        if form.decision.data == "confirm":
            service.confirm_regrade(regrade_id, comment=comment, by=by, now=clock.now())
            flash(_("已确认，正在更正成绩。"), "success")
        else:
            service.decline_regrade(regrade_id, comment=comment, by=by, now=clock.now())
            flash(_("已答复不同意，成绩没有变动。"), "success")
    except Invalid as error:
        form.take(error)
        return _page(regrade_id, form, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"decision": error.title})
        return _page(regrade_id, form, status=error.status)
    return redirect(url_for(".regrade_page", regrade_id=regrade_id), 303)


@bp.post("/regrades/<uuid:regrade_id>/withdrawal")
@guards.requires(RESULT_CHANGE)
def withdraw_regrade(regrade_id: UUID) -> Any:
    """Takes my own proposal back."""
    try:
        service.withdraw_regrade(regrade_id, by=staff(RESULT_CHANGE), now=clock.now())
        flash(_("已撤回，成绩没有变动。"), "success")
    except Conflict as error:
        flash(_(error.title), "warning")
    return redirect(url_for(".regrade_page", regrade_id=regrade_id), 303)


def _exam(session: Session, exam_id: UUID) -> ExamRef:
    """An exam in my reach that I do not sit, and whose keys I may see by now. Raises NotFound, OwnExam, KeysTooEarly."""
    found = queries.staff_exam(session, exam_id, scopes(RESULT_CHANGE))
    service.refuse_early_keys(session, exam_id, staff(Permission.EXAM_PREVIEW), now=clock.now())
    return found


def _posted_key(item: ExamItem, sent: MultiDict[str, str]) -> Key:
    """The key that the form gives: ticked options, or for each blank the texts that a semicolon separates."""
    if isinstance(item.key, Choices):
        ticked = set(sent.getlist("key"))
        return Choices(tuple(key for key in item.option_keys if key in ticked))
    texts = [sent.get(f"blank-{number}", "")[:500].replace("；", ";").split(";") for number in range(item.places)]
    return Blanks(tuple(Blank(tuple(Accepted(one.strip()) for one in each if one.strip())) for each in texts))


def _asked(session: Session, exam_id: UUID, version_id: UUID) -> ExamItem:
    """An item that stood in a paper of the exam. Raises NotFound."""
    item = queries.items(session, [version_id]).get(version_id)
    if item is None or not queries.was_asked(session, exam_id, version_id):
        raise NotFound
    return item


def _pictures(exam_id: UUID, item: ExamItem) -> dict[str, pictures.Shown]:
    return pictures.by_number(item.pictures, ".asked_picture", exam_id=exam_id, item_version_id=item.id)


def _form_page(exam_id: UUID, version_id: UUID, form: RegradeForm, *, status: int = 200) -> Any:
    with reading() as session:
        exam = _exam(session, exam_id)
        item = _asked(session, exam_id, version_id)
    form.way.choices = [one for one in form.way.choices if Way(one.value) in domain.ways_for(item.key)]
    return render.page(
        "exams/staff/regrade_form.html",
        exam=exam,
        item=item,
        blanks=range(item.places) if isinstance(item.key, Blanks) else (),
        right=item.key.right if isinstance(item.key, Choices) else (),
        ticked=request.form.getlist("key"),
        typed=request.form,
        form=form,
        pictures=_pictures(exam_id, item),
        letters="",
        status=status,
    )


def _page(regrade_id: UUID, form: RegradeDecisionForm, *, status: int = 200) -> Any:
    wanted = request.args.get("turn", "")
    turn = Turn(wanted) if wanted in (Turn.PASSES, Turn.FAILS) else None
    with reading() as session:
        found = queries.regrade(session, regrade_id, scopes(RESULT_CHANGE))
        service.refuse_early_keys(session, found.exam.id, staff(Permission.EXAM_PREVIEW), now=clock.now())
        item = queries.items(session, [found.version_id])[found.version_id]
        tally = queries.regrade_tally(session, regrade_id)
        effects = queries.effects(session, regrade_id, turn=turn, after=_after(), limit=PER_PAGE + 1)
    listed = effects[:PER_PAGE]
    more = len(effects) > PER_PAGE
    return render.page(
        "exams/staff/regrade.html",
        regrade=found,
        stem=item.stem,
        pictures=_pictures(found.exam.id, item),
        tally=tally,
        effects=listed,
        turn=turn,
        own=found.proposed_by == login.current().person_id,
        form=form,
        next_url=url_for(".regrade_page", regrade_id=regrade_id, turn=wanted or None, after=listed[-1].attempt_id)
        if more
        else None,
        letters="",
        status=status,
    )


def _after() -> UUID | None:
    text = request.args.get("after")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None
