"""The list of trainings that units entered."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from lms.infra.db import reading
from lms.kernel.errors import NotFound
from lms.kernel.permissions import Permission
from lms.offline import queries
from lms.offline.domain.workflow import STATE_NAMES, State
from lms.offline.staff_views import shown
from lms.offline.staff_views.blueprint import bp
from lms.web import guards, login, ports, render

PAGE = 30
TABS = (State.SUBMITTED, State.RETURNED, State.DRAFT, State.APPROVED, State.DECLINED)


@bp.get("/training")
@guards.requires(Permission.TRAINING_ENTER, Permission.TRAINING_APPROVE)
def trainings() -> Any:
    """Trainings of my units, the newest first."""
    state = request.args.get("state", "")
    if state and state not in STATE_NAMES:
        raise NotFound
    after = shown.as_id(request.args.get("after"))
    with reading() as session:
        page = queries.page(session, shown.reader(), state=state, after=after, limit=PAGE)
    last = page.trainings[-1].id if page.trainings else None
    tabs = [("", _("全部")), *((one.value, _(STATE_NAMES[one])) for one in TABS)]
    return render.page(
        "offline/staff/trainings.html",
        trainings=page.trainings,
        words=shown.words(),
        tabs=[
            {"label": label, "href": url_for(".trainings", state=value or None), "active": value == state}
            for value, label in tabs
        ],
        may_enter=bool(ports.may(login.current(), Permission.TRAINING_ENTER, None)),
        first_url=url_for(".trainings", state=state or None) if after else None,
        next_url=url_for(".trainings", state=state or None, after=last) if page.more else None,
    )
