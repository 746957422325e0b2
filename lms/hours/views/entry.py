"""Why did I get these hours? One entry with everything it rests on."""

from uuid import UUID

from flask.wrappers import Response

from lms.hours import queries
from lms.hours.views.blueprint import bp
from lms.infra.db import reading
from lms.web import guards, login, render


@bp.get("/me/hours/entries/<uuid:entry_id>")
@guards.signed_in
def entry_page(entry_id: UUID) -> Response:
    """One of my lines: what was watched, the rule in words, time, unit of that day, and every correction."""
    with reading() as session:
        found = queries.grounds(session, login.current().person_id, entry_id)
    return render.page("hours/entry.html", found=found)
