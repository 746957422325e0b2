"""The staff desk: what waits for me, by role."""

from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _

from lms.access import service as access
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.permissions import Permission
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import State
from lms.portal import desk as waiting
from lms.web import guards, login, render

bp = Blueprint("portal_staff", __name__)

SHOWN = 6


@bp.get("/")
@guards.requires(Permission.DESK_OPEN)
def desk() -> Any:
    """What waits for me."""
    who = login.current()
    with reading() as session:
        mine = moderation.of_author(session, who.person_id, limit=SHOWN) if _may(Permission.LECTURE_AUTHOR) else None
        queues = []
        for permission, state, title in (
            (Permission.REVIEW_PROVINCE, State.PROVINCE_REVIEW, _("等待省级审核")),
            (Permission.REVIEW_NATIONAL, State.NATIONAL_REVIEW, _("等待全国审核")),
        ):
            scopes = access.scopes_for(who, permission)
            if scopes:
                entries = moderation.queue(session, state, scopes, but_not=who.person_id, limit=SHOWN)
                queues.append({"title": title, "entries": entries, "url": url_for("catalogue_staff.review_queue")})
        tasks = waiting.tasks(session, who, now=clock.now())
    return render.page("portal/desk.html", mine=mine, queues=queues, tasks=tasks)


def _may(permission: Permission) -> bool:
    return bool(access.may(login.current(), permission))
