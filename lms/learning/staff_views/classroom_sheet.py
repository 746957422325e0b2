"""The frozen sheet of a classroom: to read, to print, to sign, and to correct by two persons."""

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.learning.domain import classroom as rules
from lms.learning.forms import CorrectionForm, DecideForm, SignatureForm, SubstituteForm
from lms.learning.queries import classrooms as queries, classroomsheets
from lms.learning.queries.classrooms import Room
from lms.learning.queries.classroomsheets import Sheet
from lms.learning.service import classroom
from lms.learning.staff_views.blueprint import bp, staff
from lms.web import guards, login, render

HOLD, CONFIRM = Permission.CLASSROOM_HOLD, Permission.CLASSROOM_CONFIRM
OFFERED = 200


class Said(TypedDict):
    """What a signature states."""

    headcount: int
    statement: str
    sheet_sha256: str


@bp.get("/classrooms/<uuid:classroom_id>/sheet")
@guards.requires(HOLD)
def sheet(classroom_id: UUID) -> Any:
    """The sheet, with what may be done with it."""
    return _page(classroom_id)


def _page(
    classroom_id: UUID,
    *,
    signing: SignatureForm | None = None,
    correcting: CorrectionForm | None = None,
    status: int = 200,
) -> Any:
    me = login.current().person_id
    with reading() as session:
        room = queries.room(session, classroom_id, staff(HOLD).scopes)
        found = classroomsheets.sheet(session, classroom_id)
        if found is None:
            raise NotFound
        signature = classroomsheets.signature(session, classroom_id)
        corrections = classroomsheets.corrections(session, classroom_id)
        credited = {one.id: one.credited_ms for one in queries.present(session, classroom_id)}
        candidates = queries.candidates(session, room, "", staff(HOLD).scopes, limit=OFFERED)
        photos = queries.photos(session, classroom_id)
    correcting = correcting or CorrectionForm(formdata=None)
    own = room.host_id == me
    may_confirm = staff(CONFIRM).reaches(room.unit_path)
    listed = {line.person_id: line.name for line in found.people}
    host_listed = room.host_id in listed
    due = host_listed or clock.now() - found.frozen_at >= classroom.HOST_HAS
    substitute = may_confirm and not own and not signature and due
    offered = {one.person_id: f"{one.name} · {one.unit_name}" for one in candidates} | listed
    correcting.person.choices = [SelectChoice(str(key), name) for key, name in offered.items()]
    return render.page(
        "learning/staff/sheet.html",
        room=room,
        sheet=found,
        seen=_seen(room, found),
        credited=credited,
        signature=signature,
        corrections=corrections,
        photos=photos,
        own=own,
        me=me,
        may_confirm=may_confirm,
        substitute=substitute,
        host_listed=host_listed,
        host_until=found.frozen_at + classroom.HOST_HAS,
        signing=signing or _form(own)(formdata=None, sheet_sha256=found.sha256, headcount=len(listed)),
        correcting=correcting,
        decide_form=DecideForm(formdata=None),
        status=status,
    )


def _form(own: bool) -> type[SignatureForm]:
    return SignatureForm if own else SubstituteForm


def _seen(room: Room, found: Sheet) -> dict[UUID, int]:
    """How many milliseconds of the video each presence saw."""

    def ms(moment: datetime) -> int:
        return round((moment - room.opened_at).total_seconds() * 1000)

    return {
        line.attendance_id: sum(
            end - start for start, end in rules.seen(found.plays, ms(line.came_at), ms(line.left_at))
        )
        for line in found.people
    }


@bp.post("/classrooms/<uuid:classroom_id>/signature")
@guards.requires(HOLD)
def sign_sheet(classroom_id: UUID) -> Any:
    """The host signs, or somebody above for them."""
    with reading() as session:
        room = queries.room(session, classroom_id, staff(HOLD).scopes)
    me = login.current().person_id
    own = room.host_id == me
    form = _form(own)()
    if not form.validate_on_submit():
        return _page(classroom_id, signing=form, status=422)
    try:
        said: Said = {
            "headcount": form.headcount.data or 0,
            "statement": form.statement.data or "",
            "sheet_sha256": form.sheet_sha256.data or "",
        }
        if own:
            classroom.sign(classroom_id, by=staff(HOLD), **said, now=clock.now())
        else:
            classroom.sign_for_host(classroom_id, by=staff(CONFIRM), **said, now=clock.now())
    except Invalid as error:
        form.take(error)
        return _page(classroom_id, signing=form, status=422)
    except Conflict as error:
        form.show({"": error.detail or error.title})
        return _page(classroom_id, signing=form, status=409)
    flash(_("已签名。学时正在计入，一般一分钟内完成。"), "success")
    return redirect(url_for(".sheet", classroom_id=classroom_id), 303)


@bp.post("/classrooms/<uuid:classroom_id>/corrections")
@guards.requires(HOLD)
def propose_correction(classroom_id: UUID) -> Any:
    """Proposes to add or strike somebody."""
    form = CorrectionForm()
    with reading() as session:
        queries.room(session, classroom_id, staff(HOLD).scopes)
    if not form.validate_on_submit():
        return _page(classroom_id, correcting=form, status=422)
    stay = None
    if form.kind.data == "add":
        if form.from_at.data is None or form.until_at.data is None:
            form.show({"from_at": N_("请填写到场和离开时间")})
            return _page(classroom_id, correcting=form, status=422)
        stay = (_instant(form.from_at.data), _instant(form.until_at.data))
    try:
        classroom.propose(
            classroom_id,
            _person(form.person.data),
            stay=stay,
            reason=form.reason.data or "",
            by=staff(HOLD),
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _page(classroom_id, correcting=form, status=422)
    except Conflict as error:
        form.show({"person": error.detail or error.title})
        return _page(classroom_id, correcting=form, status=409)
    flash(_("已提出更正，须由另一位单位管理员确认后生效。"), "success")
    return redirect(url_for(".sheet", classroom_id=classroom_id, _anchor="corrections"), 303)


@bp.post("/classroom-corrections/<uuid:amendment_id>/decision")
@guards.requires(CONFIRM)
def decide_correction(amendment_id: UUID) -> Any:
    """A second person decides on a correction."""
    form, who = DecideForm(), staff(CONFIRM)
    with reading() as session:
        one = classroomsheets.correction(session, amendment_id, who.scopes)
    back = redirect(url_for(".sheet", classroom_id=one.session_id, _anchor="corrections"), 303)
    if not form.validate_on_submit():
        flash(_("请选择同意或不同意。"), "danger")
        return back
    approve = form.decision.data == "approve"
    try:
        classroom.decide(amendment_id, approve=approve, comment=form.comment.data or "", by=who, now=clock.now())
    except Invalid as error:
        flash(_(next(iter(error.fields.values()), error.title)), "danger")
    except (Conflict, Forbidden) as error:
        flash(_(error.title), "danger")
    else:
        flash(_("已确认更正。") if approve else _("已答复不同意。"), "success")
    return back


def _instant(local: datetime) -> datetime:
    return local.replace(tzinfo=SHANGHAI)


def _person(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError as error:
        raise NotFound from error
