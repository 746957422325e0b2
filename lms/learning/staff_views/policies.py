"""What each course asks of who watches it, and deciding it anew."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.catalogue import queries as catalogue
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.learning import queries, service
from lms.learning.domain.presence import Kind, Terms
from lms.learning.domain.watchpolicy import WatchPolicy
from lms.learning.forms import PolicyForm
from lms.learning.staff_views.blueprint import bp
from lms.web import guards, login, pagination, render

PAGE = 50


@bp.get("/watching")
@guards.requires(Permission.WATCH_POLICY_SET)
def policy_list() -> Any:
    """The published courses with what each asks now."""
    page = pagination.page_number()
    with reading() as session:
        found = catalogue.published_course_ids(session, limit=PAGE + 1, offset=(page - 1) * PAGE)
        titles = catalogue.course_titles(session, found[:PAGE])
        policies = queries.policies_of(session, found[:PAGE])
    return render.page(
        "learning/staff/policy_list.html",
        courses=[(course_id, titles[course_id], policies[course_id]) for course_id in found[:PAGE]],
        previous_url=url_for(".policy_list", page=page - 1) if page > 1 else None,
        next_url=url_for(".policy_list", page=page + 1) if len(found) > PAGE else None,
    )


@bp.get("/watching/<uuid:course_id>")
@guards.requires(Permission.WATCH_POLICY_SET)
def policy_form(course_id: UUID) -> Any:
    """What a course asks now, its earlier versions, and the form for the next."""
    with reading() as session:
        held = queries.policy_of(session, course_id)
    form = PolicyForm(
        seen_version=held.version,
        threshold_percent=held.threshold_percent,
        max_rate_percent=held.max_rate_percent,
        seek_courtesy=held.seek_courtesy,
        pause_when_hidden=held.pause_when_hidden,
        presence=held.presence.on,
        from_minutes=held.presence.from_minutes,
        to_minutes=held.presence.to_minutes,
        seconds=held.presence.seconds,
        presence_kind=held.presence_kind.value,
    )
    return _page(course_id, form)


@bp.post("/watching/<uuid:course_id>")
@guards.requires(Permission.WATCH_POLICY_SET)
def set_policy(course_id: UUID) -> Any:
    """A new version of what a course asks; leases that are open keep the one before."""
    form = PolicyForm()
    with reading() as session:
        _title(session, course_id)
    if not form.validate_on_submit():
        return _page(course_id, form), 422
    try:
        service.set_policy(
            course_id,
            _asked(form),
            seen_version=form.seen_version.data,
            reason=form.reason.data,
            actor_id=login.current().person_id,
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _page(course_id, form), 422
    except Conflict as error:
        form.show({"": error.detail or error.title})
        return _page(course_id, form), 409
    flash(_("学习规则已保存，从下一次开始播放起生效"), "success")
    return redirect(url_for(".policy_form", course_id=course_id))


def _asked(form: PolicyForm) -> WatchPolicy:
    return WatchPolicy(
        threshold_percent=form.threshold_percent.data,
        max_rate_percent=form.max_rate_percent.data,
        seek_courtesy=form.seek_courtesy.data,
        pause_when_hidden=form.pause_when_hidden.data,
        presence=Terms(form.presence.data, form.from_minutes.data, form.to_minutes.data, form.seconds.data),
        presence_kind=Kind(form.presence_kind.data),
    )


def _page(course_id: UUID, form: PolicyForm) -> Any:
    with reading() as session:
        title = _title(session, course_id)
        history = queries.policy_history(session, course_id)
        names = accounts.names(session, [one.decided_by for one in history])
    return render.page(
        "learning/staff/policy.html",
        course_id=course_id,
        title=title,
        form=form,
        history=[(one, names.get(one.decided_by, "")) for one in history],
    )


def _title(session: Session, course_id: UUID) -> str:
    for course in catalogue.course_cards(session, [course_id]):
        return course.title
    raise NotFound  # also for one that was never published
