"""A person's own page of their accommodations."""

from typing import Any

from flask import Blueprint
from flask_babel import gettext as _

from lms.accommodations import queries
from lms.accommodations.domain.measures import BASES, STATES
from lms.infra.db import reading
from lms.kernel import clock
from lms.web import guards, login, render

bp = Blueprint("accommodations_learner", __name__)


def words() -> dict[str, Any]:
    """What a page says for stored values."""
    return {
        "bases": {one.value: _(text) for one, text in BASES.items()},
        "states": {state: _(text) for state, text in STATES.items()},
    }


@bp.get("/me/data/accommodations")
@guards.signed_in
def own() -> Any:
    """What I was granted, from when to when, and what of it holds today. What only waits stands there too."""
    with reading() as session:
        found = queries.accommodations_of(session, login.current().person_id)
    today = clock.now().astimezone(clock.SHANGHAI).date()
    held = [one for one in found if one.holds(today)]
    now = max(held, key=lambda one: (one.decided_at, one.version), default=None)
    return render.page("accommodations/own.html", accommodations=found, now=now, **words())
