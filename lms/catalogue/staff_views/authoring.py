"""An author's pages: own lectures, the upload form, a lecture's state, handing in and taking back."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms import SelectChoice

from lms import settings as settings_module
from lms.accounts.queries import own_among
from lms.catalogue import queries, service
from lms.catalogue.domain import outline
from lms.catalogue.forms import NEW_COURSE, LectureForm
from lms.catalogue.staff_views import shown
from lms.catalogue.staff_views.blueprint import bp
from lms.catalogue.staff_views.received import Received
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.moderation import queries as moderation_queries
from lms.moderation.domain.workflow import Action, Rank, State, TransitionRefused
from lms.questionbank.domain.textformat import render as items_as_text
from lms.video import queries as video_queries, service as video
from lms.video.views import grant_cookie
from lms.web import guards, login, pagination, ports, render, uploads

EDITABLE = frozenset({State.DRAFT, State.RETURNED})
SETTLED = frozenset({"ready", "refused", "failed"})


def _own(session: Session, revision_id: UUID, principal: Principal) -> moderation_queries.Revision:
    revision = moderation_queries.revision(session, revision_id)
    if not own_among(session, principal.person_id, [revision.author_id]):
        raise NotFound
    return revision


def _workable(session: Session, revision_id: UUID, principal: Principal) -> moderation_queries.Revision:
    """The same for one that they may still work on. Raises NotFound, LeftTheUnit."""
    revision = _own(session, revision_id, principal)
    service.require_still_author(principal, revision.unit_path)
    return revision


def _here(revision: moderation_queries.Revision) -> bool:
    """Whether the author may still work on what belongs to the unit of a lecture."""
    return bool(ports.may(login.current(), Permission.LECTURE_AUTHOR, revision.unit_path))


@bp.get("/lectures")
@guards.requires(Permission.LECTURE_AUTHOR)
def my_lectures() -> Any:
    """Everything the author ever began, the last changed first."""
    page = pagination.page_number()
    with reading() as session:
        found = moderation_queries.of_author(
            session, login.current().person_id, limit=shown.PER_PAGE + 1, offset=(page - 1) * shown.PER_PAGE
        )
    return render.page(
        "catalogue/my_lectures.html",
        revisions=found[: shown.PER_PAGE],
        page=page,
        more=len(found) > shown.PER_PAGE,
    )


@bp.get("/lectures/new")
@guards.requires(Permission.LECTURE_AUTHOR)
def new_lecture_form() -> Any:
    """The empty upload form."""
    return _form_page(_form(login.current()), revision=None)


@bp.post("/lectures")
@guards.requires(Permission.LECTURE_AUTHOR)
@uploads.large(Permission.LECTURE_AUTHOR)
def new_lecture() -> Any:
    """Takes the form; files that arrived whole are kept when another field is wrong."""
    principal = login.current()
    form = _form(principal)
    draft = _draft(form, principal)
    if draft is None:
        return _form_page(form, revision=None, status=422)
    revision_id = service.create_lecture(draft, author=principal, demo=False, now=clock.now())
    flash(_("已保存为草稿。视频处理完成前后都可以提交审核。"), "success")
    return _to_detail(revision_id)


@bp.get("/lectures/<uuid:revision_id>")
@guards.requires(Permission.LECTURE_AUTHOR)
def lecture_detail(revision_id: UUID) -> Any:
    """Where a lecture stands, and what may be done with it now."""
    with reading() as session:
        _own(session, revision_id, login.current())
        found = shown.load(session, revision_id)
        begun = moderation_queries.of_subject(session, found.revision.subject_id, service.ON_ITS_WAY)
    here = _here(found.revision)
    response = render.page(
        "catalogue/lecture_detail.html",
        shown=found,
        progress=found.progress,
        settled=found.asset.state in SETTLED,
        left=None if here else service.LeftTheUnit.title,
        editable=here and found.revision.state in EDITABLE,
        retractable=here and found.revision.state in service.ON_ITS_WAY,
        revisable=here and found.revision.state in service.REVISABLE,
        begun=bool(begun),
    )
    if found.player:
        grant_cookie(found.asset.id)(response)
    return response


@bp.get("/lectures/<uuid:revision_id>/progress")
@guards.requires(Permission.LECTURE_AUTHOR)
def lecture_progress(revision_id: UUID) -> Any:
    """The part of the page that tells how far the video is."""
    with reading() as session:
        here = _here(_own(session, revision_id, login.current()))
        progress = video_queries.progress(session, queries.asset_of_revision(session, revision_id))
    return render.page(
        "catalogue/video_progress.html",
        revision_id=revision_id,
        progress=progress,
        settled=progress.state in SETTLED,
        left=not here,
    )


@bp.get("/lectures/<uuid:revision_id>/edit")
@guards.requires(Permission.LECTURE_AUTHOR)
def edit_lecture_form(revision_id: UUID) -> Any:
    """The upload form with what a draft or a returned lecture holds."""
    principal = login.current()
    with reading() as session:
        revision = _workable(session, revision_id, principal)
        version = queries.lecture_version(session, revision_id)
    if revision.state not in EDITABLE:
        flash(_("当前状态不能修改。"), "warning")
        return _to_detail(revision_id)
    form = _form(principal, version)
    form.title.data = version.title
    form.course.data = str(version.course_id)
    form.teacher_name.data = version.teacher.name
    form.teacher_institution.data = version.teacher.institution
    form.teacher_post.data = version.teacher.post
    form.outline.data = outline.as_text(version.outline)
    form.items.data = items_as_text(version.items)
    form.practice_items.data = items_as_text(version.practice_items)
    form.asset_id.data = str(version.asset_id)
    form.caption_id.data = str(version.caption_id or "")
    return _form_page(form, revision=revision)


@bp.post("/lectures/<uuid:revision_id>/edit")
@guards.requires(Permission.LECTURE_AUTHOR)
@uploads.large(Permission.LECTURE_AUTHOR)
def edit_lecture(revision_id: UUID) -> Any:
    """Takes the changed form."""
    principal = login.current()
    with reading() as session:
        revision = _workable(session, revision_id, principal)
        version = queries.lecture_version(session, revision_id)
    if revision.state not in EDITABLE:  # before the files are taken, which may be large
        raise TransitionRefused(revision.state, Action.REVISE, Rank.AUTHOR)
    form = _form(principal, version)
    draft = _draft(form, principal)
    if draft is None:
        return _form_page(form, revision=revision, status=422)
    service.edit_lecture(revision_id, draft, author=principal, now=clock.now())
    flash(_("修改已保存。"), "success")
    return _to_detail(revision_id)


@bp.post("/lectures/<uuid:revision_id>/submission")
@guards.requires(Permission.LECTURE_AUTHOR)
def submit_lecture(revision_id: UUID) -> Any:
    """Hands the lecture in for review."""
    try:
        service.submit(revision_id, author=login.current(), now=clock.now())
    except Invalid as error:
        for text in (error.title, error.detail, *error.fields.values()):
            if text:
                flash(_(text), "danger")
    else:
        flash(_("已提交审核。审核结果会显示在本页。"), "success")
    return _to_detail(revision_id)


@bp.post("/lectures/<uuid:revision_id>/retraction")
@guards.requires(Permission.LECTURE_AUTHOR)
def retract_lecture(revision_id: UUID) -> Any:
    """Takes the lecture back for good."""
    service.retract(revision_id, author=login.current(), now=clock.now())
    flash(_("已撤回。"), "success")
    return _to_detail(revision_id)


@bp.post("/lectures/<uuid:revision_id>/new-version")
@guards.requires(Permission.LECTURE_AUTHOR)
def revise_lecture(revision_id: UUID) -> Any:
    """Opens a draft of a new version of a published lecture, or the one that is on its way."""
    return _to_detail(service.revise(revision_id, author=login.current(), now=clock.now()))


@bp.post("/lectures/<uuid:revision_id>/encoding")
@guards.requires(Permission.LECTURE_AUTHOR)
def retry_encoding(revision_id: UUID) -> Any:
    """Tries a failed encoding once more."""
    principal = login.current()
    with reading() as session:
        _workable(session, revision_id, principal)
        asset_id = queries.asset_of_revision(session, revision_id)
    if video.try_again(asset_id, owner_id=principal.person_id, now=clock.now()):
        flash(_("已重新排队转码，可以离开本页。"), "success")
    else:
        flash(_("视频没有处于转码失败的状态，不需要重试。"), "info")
    return _to_detail(revision_id)


@bp.post("/lectures/<uuid:revision_id>/grant")
@guards.requires(
    Permission.LECTURE_AUTHOR, Permission.REVIEW_PROVINCE, Permission.REVIEW_NATIONAL, Permission.CONTENT_WITHDRAW
)
def renew_grant(revision_id: UUID) -> Any:
    """Lets the preview player read on for a few minutes."""
    principal = login.current()
    with reading() as session:
        author_id = moderation_queries.revision(session, revision_id).author_id
        if not own_among(session, principal.person_id, [author_id]):
            service.seat(session, revision_id, principal)
        asset_id = queries.asset_of_revision(session, revision_id)
    response = Response(status=204)
    grant_cookie(asset_id)(response)
    return response


def _to_detail(revision_id: UUID) -> Any:
    return redirect(url_for("catalogue_staff.lecture_detail", revision_id=revision_id), 303)


def _form(principal: Principal, version: queries.LectureVersion | None = None) -> LectureForm:
    """The form with the courses to choose from; a lecture that exists stays in its course."""
    form = LectureForm()
    if version is not None:
        form.course.choices = [SelectChoice(str(version.course_id), version.course_title)]
        return form
    with reading() as session:
        mine = queries.courses_of_author(session, principal.person_id)
    form.course.choices = [
        SelectChoice(NEW_COURSE, _("新课程（以标题为课程名称）")),
        *(SelectChoice(str(course_id), title) for course_id, title in mine),
    ]
    return form


def _draft(form: LectureForm, principal: Principal) -> service.LectureDraft | None:
    """Stores the files, checks everything, and gives the draft; None when the form now shows what is wrong."""
    form.validate()
    received = Received(form, principal, now=clock.now())
    received.take_video(request.files.get("video"))
    received.take_captions(request.files.get("captions"))
    items = received.items(request.files.get("items_file"))
    practice_items = received.practice_items()
    received.apart(items, practice_items)
    if form.errors or received.asset_id is None:
        return None
    course = form.course.data
    draft = service.LectureDraft(
        course_id=None if course == NEW_COURSE else UUID(course),
        title=form.title.data,
        teacher_name=form.teacher_name.data,
        teacher_institution=form.teacher_institution.data,
        teacher_post=form.teacher_post.data,
        outline=received.outline,
        asset_id=received.asset_id,
        caption_id=received.caption_id,
        items=items,
        practice_items=practice_items,
    )
    try:
        service.require_impersonal(draft)
    except Invalid as error:
        form.take(error)
        return None
    return draft


def _form_page(form: LectureForm, *, revision: moderation_queries.Revision | None, status: int = 200) -> Any:
    received = Received(form, login.current(), now=clock.now())
    form.video.flags.required = received.asset is None
    return render.page(
        "catalogue/lecture_form.html",
        status=status,
        form=form,
        revision=revision,
        received=received,
        max_bytes=settings_module.current().max_upload_bytes,
    )
