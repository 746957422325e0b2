"""The live board of an exam and the page of one candidate: what is going on, messages, and more time that takes two persons."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _, ngettext
from sqlalchemy.orm import Session

from lms.access import service as access
from lms.classes import queries as classes
from lms.exams import queries, service
from lms.exams.api.board import PAGE, asked_for
from lms.exams.domain.watching import Seat
from lms.exams.forms import DecisionForm, MessageForm, MoreTimeForm
from lms.exams.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login, render

WATCH = Permission.EXAM_INVIGILATE


@bp.get("/classes/<uuid:class_id>/exam-board")
@guards.requires(WATCH)
def board(class_id: UUID) -> Any:
    """The exam of a class as it is under way."""
    return _board(class_id)


def _board(
    class_id: UUID, *, message: MessageForm | None = None, more_time: MoreTimeForm | None = None, status: int = 200
) -> Any:
    now = clock.now()
    show, after = asked_for()
    with reading() as session:
        training = classes.class_facts(session, class_id)
        _require_invigilator(session, class_id, training.unit_path)
        exam = queries.exam_of_class(session, class_id)
        if exam is None:
            return render.page("exams/staff/no_exam.html", training=training)
        numbers = queries.counts(session, exam.id, class_id, now=now)
        listed = queries.candidates(session, exam.id, show=show, after=after, limit=PAGE + 1, now=now)
        known = queries.known_items(session, [one.attempt_id for one in listed])
        asked = queries.requests(session, exam.id)
        said = queries.messages_of_exam(session, exam.id)
    tab = show.value if show else None
    following = listed[PAGE - 1].attempt_id if len(listed) > PAGE else None
    return render.page(
        "exams/staff/board.html",
        training=training,
        exam=exam,
        counts=numbers,
        candidates=listed[:PAGE],
        known=known,
        show=tab,
        tabs=[None, Seat.ANSWERING.value, Seat.SILENT.value, Seat.HANDED_IN.value],
        board_url=url_for("exams_api.board", exam_id=exam.id, show=tab, after=after),
        next_url=url_for(".board", class_id=class_id, show=tab, after=following) if following else None,
        requests=asked,
        messages=said,
        **_acts(message, more_time),
        now=now,
        status=status,
    )


def _acts(message: MessageForm | None, more_time: MoreTimeForm | None) -> dict[str, Any]:
    """What may be done on both pages: the forms, and who would do it."""
    return {
        "message": message or MessageForm(formdata=None),
        "more_time": more_time or MoreTimeForm(formdata=None),
        "decision": DecisionForm(formdata=None),
        "me": login.current().person_id,
    }


@bp.post("/exams/<uuid:exam_id>/messages")
@guards.requires(WATCH)
def tell_all(exam_id: UUID) -> Any:
    """Tells everybody in the exam."""
    class_id = _class_of(exam_id)
    return _tell(
        exam_id,
        None,
        again=lambda form, status: _board(class_id, message=form, status=status),
        to=url_for(".board", class_id=class_id),
    )


@bp.post("/exams/<uuid:exam_id>/more-time")
@guards.requires(WATCH)
def ask_more_time_for_all(exam_id: UUID) -> Any:
    """Asks for more time for everybody at work."""
    class_id = _class_of(exam_id)
    return _ask_more_time(
        exam_id,
        None,
        again=lambda form, status: _board(class_id, more_time=form, status=status),
        to=url_for(".board", class_id=class_id, _anchor="board-requests"),
    )


@bp.get("/attempts/<uuid:attempt_id>/watch")
@guards.requires(WATCH)
def candidate(attempt_id: UUID) -> Any:
    """One candidate: how far, when last heard of, what was told of the page."""
    return _candidate(attempt_id)


def _candidate(
    attempt_id: UUID, *, message: MessageForm | None = None, more_time: MoreTimeForm | None = None, status: int = 200
) -> Any:
    now = clock.now()
    with reading() as session:
        exam_id, found = queries.candidate(session, attempt_id, now=now)
        class_id, unit_path = queries.place_of(session, exam_id)
        _require_invigilator(session, class_id, unit_path)
        events = queries.told(session, attempt_id)
        known = queries.known_items(session, [attempt_id])
        asked = [one for one in queries.requests(session, exam_id) if one.attempt_id in (attempt_id, None)]
        said = queries.messages(session, attempt_id)
    return render.page(
        "exams/staff/candidate.html",
        found=found,
        events=events,
        known=known,
        requests=asked,
        messages=said,
        back_url=url_for(".board", class_id=class_id),
        **_acts(message, more_time),
        now=now,
        status=status,
    )


@bp.post("/attempts/<uuid:attempt_id>/messages")
@guards.requires(WATCH)
def tell_one(attempt_id: UUID) -> Any:
    """Tells one candidate."""
    return _tell(
        _exam_of(attempt_id),
        attempt_id,
        again=lambda form, status: _candidate(attempt_id, message=form, status=status),
        to=url_for(".candidate", attempt_id=attempt_id),
    )


@bp.post("/attempts/<uuid:attempt_id>/more-time")
@guards.requires(WATCH)
def ask_more_time_for_one(attempt_id: UUID) -> Any:
    """Asks for more time for one candidate."""
    return _ask_more_time(
        _exam_of(attempt_id),
        attempt_id,
        again=lambda form, status: _candidate(attempt_id, more_time=form, status=status),
        to=url_for(".candidate", attempt_id=attempt_id, _anchor="board-requests"),
    )


@bp.post("/more-time/<uuid:request_id>/decision")
@guards.requires(WATCH)
def decide_more_time(request_id: UUID) -> Any:
    """A second person confirms more time, or declines it."""
    with reading() as session:
        asked = queries.request(session, request_id)
    _class_of(asked.exam_id)
    back = redirect(url_for(".board", class_id=asked.class_id), 303)
    form = DecisionForm()
    if not form.validate_on_submit():
        flash(_("请选择确认或不同意。"), "danger")
        return back
    approve = form.decision.data == "approve"
    try:
        given = service.decide_more_time(
            request_id, approve=approve, by=login.current().person_id, reach=_reach(), now=clock.now()
        )
    except (Conflict, Forbidden) as error:
        flash(_(error.title), "danger")
        return back
    if approve:
        flash(ngettext("已为 %(num)d 份答卷加时。", "已为 %(num)d 份答卷加时。", given), "success")
    else:
        flash(_("已答复不同意加时。"), "success")
    return back


def _tell(exam_id: UUID, attempt_id: UUID | None, *, again: Callable[[MessageForm, int], Any], to: str) -> Any:
    form = MessageForm()
    if not form.validate_on_submit():
        return again(form, 422)
    try:
        service.tell(
            exam_id,
            attempt_id,
            form.text.data or "",
            by=login.current().person_id,
            reach=_reach(),
            now=clock.now(),
        )
    except Conflict as error:
        form.show({"": error.title})
        return again(form, 409)
    except Invalid as error:
        form.take(error)
        return again(form, 422)
    flash(_("消息已发出，考生的答题页面几秒内会显示。"), "success")
    return redirect(to, 303)


def _ask_more_time(
    exam_id: UUID, attempt_id: UUID | None, *, again: Callable[[MoreTimeForm, int], Any], to: str
) -> Any:
    form = MoreTimeForm()
    if not form.validate_on_submit():
        return again(form, 422)
    me, now = login.current().person_id, clock.now()
    try:
        service.ask_more_time(
            exam_id, attempt_id, int(form.minutes.data), form.reason.data or "", by=me, reach=_reach(), now=now
        )
    except Invalid as error:
        form.take(error)
        return again(form, 422)
    except (Conflict, Forbidden) as error:
        form.show({"": error.title})
        return again(form, error.status)
    flash(_("已提出加时，请另一位工作人员在监考页面确认，确认后立即生效。"), "success")
    return redirect(to, 303)


def _reach() -> tuple[str, ...]:
    return access.scopes_for(login.current(), WATCH)


def _class_of(exam_id: UUID) -> UUID:
    """The class of an exam that this person may watch. Raises NotFound, OwnExam."""
    with reading() as session:
        class_id, unit_path = queries.place_of(session, exam_id)
        _require_invigilator(session, class_id, unit_path)
    return class_id


def _exam_of(attempt_id: UUID) -> UUID:
    """The exam of an attempt that this person may watch. Raises NotFound, OwnExam."""
    with reading() as session:
        exam_id = queries.exam_id_of(session, attempt_id)
    _class_of(exam_id)
    return exam_id


def _require_invigilator(session: Session, class_id: UUID, unit_path: str) -> None:
    """Raises NotFound for who has no office there, OwnExam for who sits the exam: they see how nobody is doing."""
    if not access.may(login.current(), WATCH, unit_path):
        raise NotFound
    service.refuse_own(session, class_id, login.current().person_id)
