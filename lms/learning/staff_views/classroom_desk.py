"""The desk of a running classroom: the code, who is there, signing in from the list, photos, the screen, the end."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, send_file, url_for
from flask_babel import gettext as _, ngettext

from lms import settings as settings_module
from lms.accounts.staff_views import people_shown as shown
from lms.infra import ffmpeg, qr
from lms.infra.db import reading
from lms.infra.storage import storage
from lms.kernel import clock
from lms.kernel.errors import Conflict, DomainError, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.learning.forms import FindForm, PhotoForm
from lms.learning.queries import classrooms as queries, classroomsheets
from lms.learning.queries.classrooms import Room
from lms.learning.service import classroom
from lms.learning.service.classroom.people import CodePolicy
from lms.learning.staff_views.blueprint import bp, staff
from lms.video.views import grant_cookie
from lms.web import guards, login, render, uploads

HOLD = Permission.CLASSROOM_HOLD
CANDIDATES = 60
PHOTO_BYTES = 12 * 1024**2


def _code(room: Room) -> dict[str, Any]:
    """The code of this moment as the page shows it: digits, picture, how long it is good."""
    now = clock.now()
    code = classroom.code_shown(room.id, CodePolicy(settings_module.current().classroom_code_seconds), now=now)
    address = url_for("learning_learner.code_form", c=code.digits, _external=True)
    return {
        "digits": f"{code.digits[:3]} {code.digits[3:]}",
        "qr_image": qr.data_address(address),
        "address": url_for("learning_learner.code_form", _external=True).removeprefix("https://"),
        "seconds": max(1, round((code.until - now).total_seconds())),
    }


@bp.get("/classrooms/<uuid:classroom_id>")
@guards.requires(HOLD)
def desk(classroom_id: UUID) -> Any:
    """A classroom: the host's desk while it runs, its record afterwards."""
    return _desk(classroom_id)


def _desk(classroom_id: UUID, photo: PhotoForm | None = None, *, status: int = 200) -> Any:
    asked = shown.unhide(request.args.get("f"))
    me = login.current().person_id
    with reading() as session:
        room = queries.room(session, classroom_id, staff(HOLD).scopes)
        people = queries.present(session, classroom_id)
        photos = queries.photos(session, classroom_id)
        signature = classroomsheets.signature(session, classroom_id)
        hosting = room.host_id == me and room.state == "open"
        scopes = staff(HOLD).scopes
        candidates = queries.candidates(session, room, asked.text, scopes, limit=CANDIDATES) if hosting else ()
    there = {one.person_id for one in people if one.left_at is None}
    listed = [one for one in candidates if one.person_id not in there | {room.host_id}]
    return render.page(
        "learning/staff/classroom.html",
        room=room,
        hosting=hosting,
        own=room.host_id == me,
        code=_code(room) if hosting else None,
        people=people,
        present=len(there),
        candidates=listed,
        photos=photos,
        signature=signature,
        find=FindForm(formdata=None, text=asked.text),
        photo_form=photo or PhotoForm(formdata=None),
        status=status,
    )


@bp.post("/classrooms/<uuid:classroom_id>/search")
@guards.requires(HOLD)
def find_person(classroom_id: UUID) -> Any:
    """Takes the search to the desk, the name sealed."""
    form = FindForm()
    with reading() as session:
        queries.room(session, classroom_id, staff(HOLD).scopes)
    hidden = shown.hide(shown.Asked(text=form.text.data or "")) if form.validate_on_submit() else None
    return redirect(url_for(".desk", classroom_id=classroom_id, f=hidden, _anchor="list"), 303)


@bp.post("/classrooms/<uuid:classroom_id>/attendances")
@guards.requires(HOLD)
def sign_people_in(classroom_id: UUID) -> Any:
    """Signs in whoever was ticked, one after the other; who can't be is named by the reason.

    Who is not there any more, or never was in reach, is passed over; where that is all of them, there is nothing at this address.
    """
    chosen = [UUID(text) for text in request.form.getlist("person") if _is_id(text)][:CANDIDATES]
    photo_id = request.form.get("photo", type=UUID)
    by, done, passed = staff(HOLD), 0, 0
    with reading() as session:
        queries.room(session, classroom_id, by.scopes)
    for person_id in chosen:
        try:
            classroom.sign_in(classroom_id, person_id, by=by, photo_id=photo_id, now=clock.now())
            done += 1
        except NotFound:
            passed += 1
        except DomainError as error:
            flash(_(error.title), "danger")
            break
    if passed and passed == len(chosen):
        raise NotFound
    if passed:
        flash(
            ngettext(
                "所选人员中有 %(num)d 人已不在名单中，没有签到。",
                "所选人员中有 %(num)d 人已不在名单中，没有签到。",
                passed,
            ),
            "warning",
        )
    if done:
        flash(ngettext("已签到 %(num)d 人。", "已签到 %(num)d 人。", done), "success")
    elif not chosen:
        flash(_("请先勾选到场的人员。"), "warning")
    return redirect(url_for(".desk", classroom_id=classroom_id), 303)


@bp.post("/classrooms/<uuid:classroom_id>/attendances/<uuid:attendance_id>/end")
@guards.requires(HOLD)
def sign_person_out(classroom_id: UUID, attendance_id: UUID) -> Any:
    """The host sees that somebody has left."""
    with reading() as session:
        queries.room(session, classroom_id, staff(HOLD).scopes)
        listed = {one.id for one in queries.present(session, classroom_id)}
    if attendance_id not in listed:
        raise NotFound
    classroom.sign_person_out(attendance_id, by=staff(HOLD), now=clock.now())
    return redirect(url_for(".desk", classroom_id=classroom_id), 303)


@bp.post("/classrooms/<uuid:classroom_id>/photos")
@uploads.large(HOLD, most=PHOTO_BYTES)
@guards.requires(HOLD)
def add_photo(classroom_id: UUID) -> Any:
    """Takes a photo in."""
    form = PhotoForm()
    with reading() as session:
        queries.room(session, classroom_id, staff(HOLD).scopes)
    file = form.photo.data
    if not form.validate_on_submit() or not getattr(file, "filename", ""):
        return _desk(classroom_id, form, status=422)
    try:
        classroom.add_photo(
            classroom_id,
            uploads.local_path(file),
            program=ffmpeg.find(settings_module.current().ffmpeg),
            by=staff(HOLD),
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _desk(classroom_id, form, status=422)
    except Conflict as error:
        form.show({"photo": error.title})
        return _desk(classroom_id, form, status=409)
    flash(_("照片已保存。"), "success")
    return redirect(url_for(".desk", classroom_id=classroom_id, _anchor="photos"), 303)


@bp.get("/classrooms/<uuid:classroom_id>/photos/<uuid:photo_id>.jpg")
@guards.requires(HOLD)
def photo(classroom_id: UUID, photo_id: UUID) -> Any:
    """A photo, for whose scope the classroom lies in."""
    with reading() as session:
        queries.room(session, classroom_id, staff(HOLD).scopes)
        found = next((one for one in queries.photos(session, classroom_id) if one.id == photo_id), None)
    if found is None:
        raise NotFound
    path = storage().path(classroom.photo_key(classroom_id, found.sha256))
    response = send_file(path, mimetype="image/jpeg", conditional=True, max_age=0)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/classrooms/<uuid:classroom_id>/screen")
@guards.requires(HOLD)
def screen(classroom_id: UUID) -> Any:
    """What stands before the room: the video, the code, how many are there."""
    with reading() as session:
        room = queries.room(session, classroom_id, staff(HOLD).scopes)
        present = queries.count_live(session, classroom_id)
    if room.host_id != login.current().person_id:
        raise NotFound
    if room.state != "open":
        return redirect(url_for(".desk", classroom_id=classroom_id), 303)
    response = render.page(
        "learning/staff/screen.html",
        room=room,
        code=_code(room),
        present=present,
        playlist_url=url_for("video_learner.package_file", asset_id=room.asset_id, name="master.m3u8"),
    )
    grant_cookie(room.asset_id)(response)
    return response


@bp.post("/classrooms/<uuid:classroom_id>/end")
@guards.requires(HOLD)
def end_room(classroom_id: UUID) -> Any:
    """Ends the classroom and freezes its sheet."""
    with reading() as session:
        queries.room(session, classroom_id, staff(HOLD).scopes)
    classroom.end_room(classroom_id, by=staff(HOLD), now=clock.now())
    flash(_("分课堂已结束，签到表已封存。请核对后签名，学时在签名后计入。"), "success")
    return redirect(url_for(".sheet", classroom_id=classroom_id), 303)


def _is_id(text: str) -> bool:
    return shown.as_id(text) is not None
