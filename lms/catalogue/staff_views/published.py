"""Pages of who manages published content: the list, stopping at once, putting back."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from lms.access import service as access
from lms.catalogue import service
from lms.catalogue.forms import DecisionForm, ReasonForm
from lms.catalogue.staff_views import reviewing, shown
from lms.catalogue.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.permissions import Permission
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import State
from lms.web import guards, login, pagination, render


@bp.get("/published")
@guards.requires(Permission.CONTENT_WITHDRAW)
def published_list() -> Any:
    """Published and suspended lectures within the person's scope."""
    page = pagination.page_number()
    scopes = access.scopes_for(login.current(), Permission.CONTENT_WITHDRAW)
    with reading() as session:
        found = moderation.in_state(
            session,
            [State.PUBLISHED, State.SUSPENDED],
            scopes,
            limit=shown.PER_PAGE + 1,
            offset=(page - 1) * shown.PER_PAGE,
        )
    return render.page(
        "catalogue/published_list.html",
        revisions=found[: shown.PER_PAGE],
        page=page,
        more=len(found) > shown.PER_PAGE,
    )


@bp.post("/reviews/<uuid:revision_id>/suspension")
@guards.requires(Permission.CONTENT_WITHDRAW)
def suspend(revision_id: UUID) -> Any:
    """Takes a published lecture away from learners at once."""
    form = ReasonForm()
    if not form.validate():
        return reviewing.page(revision_id, DecisionForm(formdata=None), form, status=422)
    service.suspend(revision_id, actor=login.current(), reason=form.reason.data, now=clock.now())
    flash(_("已暂停，学员现在看不到这一讲。"), "success")
    return _back(revision_id)


@bp.post("/reviews/<uuid:revision_id>/resumption")
@guards.requires(Permission.CONTENT_WITHDRAW)
def resume(revision_id: UUID) -> Any:
    """Puts a suspended lecture back."""
    form = ReasonForm()
    if not form.validate():
        return reviewing.page(revision_id, DecisionForm(formdata=None), form, status=422)
    service.resume(revision_id, actor=login.current(), reason=form.reason.data, now=clock.now())
    flash(_("已恢复，学员可以继续学习。"), "success")
    return _back(revision_id)


def _back(revision_id: UUID) -> Any:
    return redirect(url_for("catalogue_staff.review_page", revision_id=revision_id), 303)
