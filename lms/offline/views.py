"""The page of my training elsewhere: what my units entered of me, its proof's name, and who approved it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from lms.infra.db import reading
from lms.kernel.errors import NotFound
from lms.offline import queries
from lms.offline.staff_views import shown
from lms.web import guards, login, render

bp = Blueprint("offline_learner", __name__)

PAGE = 20


@bp.get("/me/training")
@guards.signed_in
def my_training() -> Any:
    """Trainings that list me, the newest first."""
    after = _asked(request.args.get("after"))
    with reading() as session:
        found = queries.of_person(session, login.current().person_id, after=after, limit=PAGE + 1)
    listed = found[:PAGE]
    return render.page(
        "offline/my_training.html",
        trainings=listed,
        words=shown.words(),
        next_url=url_for(".my_training", after=listed[-1].id) if len(found) > PAGE else None,
        first_url=url_for(".my_training") if after else None,
    )


def _asked(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None
