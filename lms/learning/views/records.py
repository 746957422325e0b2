"""My learning records: each sitting with where it came from, and what was noticed about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.learning.domain.suspicion import NAMES, TOLD
from lms.learning.forms import ObjectionForm
from lms.learning.queries import flags as flag_queries, records as queries
from lms.learning.service import flags
from lms.learning.views.blueprint import bp
from lms.web import guards, login, render

PAGE = 30


@bp.get("/me/records")
@guards.signed_in
def records() -> Any:
    """When I watched what, at home or in a classroom, and what was credited."""
    me = login.current().person_id
    with reading() as session:
        found = queries.sittings(session, me, before=_before(), limit=PAGE + 1)
        noticed = flag_queries.own_flags(session, me)
    listed = found[:PAGE]
    more = url_for(".records", before=listed[-1].opened_at.isoformat()) if len(found) > PAGE else None
    return render.page(
        "learning/records.html",
        sittings=listed,
        flags=[(one, _(NAMES[one.ground])) for one in noticed],
        next_url=more,
    )


@bp.get("/me/flags/<uuid:flag_id>")
@guards.signed_in
def own_flag(flag_id: UUID) -> Any:
    """What was noticed about my watching, in plain words, and what I may say to it."""
    return _page(flag_id, ObjectionForm(formdata=None))


@bp.post("/me/flags/<uuid:flag_id>/objection")
@guards.signed_in
def object_to_flag(flag_id: UUID) -> Any:
    """Files what I have to say."""
    form, me = ObjectionForm(), login.current().person_id
    with reading() as session:
        flag_queries.own_flag(session, flag_id, me)
    if not form.validate_on_submit():
        return _page(flag_id, form, status=422)
    try:
        flags.object_to(flag_id, person_id=me, text=form.text.data or "", now=clock.now())
    except (Invalid, Conflict) as error:
        form.show(error.fields or {"text": error.title})
        return _page(flag_id, form, status=error.status)
    flash(_("已提交，工作人员会答复。您的学时没有因此改变。"), "success")
    return redirect(url_for(".own_flag", flag_id=flag_id), 303)


def _page(flag_id: UUID, form: ObjectionForm, *, status: int = 200) -> Any:
    with reading() as session:
        found = flag_queries.own_flag(session, flag_id, login.current().person_id)
        said = flag_queries.objections(session, flag_id)
    return render.page(
        "learning/own_flag.html",
        flag=found,
        name=_(NAMES[found.ground]),
        told=_(TOLD[found.ground], **found.evidence),
        objections=said,
        form=form,
        status=status,
    )


def _before() -> datetime | None:
    text = request.args.get("before")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotFound from error
    if moment.tzinfo is None or not 1970 < moment.year < 9000:
        raise NotFound
    return moment
