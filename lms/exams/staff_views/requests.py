"""What waits for a second person in the exams of all classes in reach: make-up sittings and more time."""

from typing import Any

from lms.exams import queries
from lms.exams.staff_views.blueprint import bp, scopes
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.permissions import Permission
from lms.web import guards, login, render

SHOWN = 50
"""What is decided makes room for what waits behind it."""


@bp.get("/exam-requests")
@guards.requires(Permission.EXAM_ADMIT, Permission.EXAM_INVIGILATE)
def request_queue() -> Any:
    """Requests that I may decide on, the oldest first; each leads to the page on which it is decided."""
    me = login.current().person_id
    admits, watches = scopes(Permission.EXAM_ADMIT), scopes(Permission.EXAM_INVIGILATE)
    with reading() as session:
        sittings = queries.deciding.sittings(session, admits, me, limit=SHOWN) if admits else ()
        more_time = queries.deciding.more_time(session, watches, me, now=clock.now(), limit=SHOWN) if watches else ()
    return render.page("exams/staff/request_queue.html", sittings=sittings, more_time=more_time)
