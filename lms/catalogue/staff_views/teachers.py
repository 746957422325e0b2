"""The pool of teachers: who teaches here, where they are from, how many of their lectures learners see."""

from typing import Any

from flask import request, url_for

from lms.catalogue import queries
from lms.catalogue.staff_views import shown
from lms.catalogue.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel.permissions import Permission
from lms.web import guards, pagination, render

LONGEST_SEARCH = 60


@bp.get("/teachers")
@guards.requires(Permission.TEACHER_READ)
def teacher_list() -> Any:
    """All teachers, or those whose name or institution has a text. What is shown beside published lectures can't change here."""
    page = pagination.page_number()
    text = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    with reading() as session:
        found = queries.teachers(session, text, limit=shown.PER_PAGE + 1, offset=(page - 1) * shown.PER_PAGE)
    return render.page(
        "catalogue/teacher_list.html",
        teachers=found[: shown.PER_PAGE],
        text=text,
        previous_url=url_for(".teacher_list", q=text or None, page=page - 1) if page > 1 else None,
        next_url=url_for(".teacher_list", q=text or None, page=page + 1) if len(found) > shown.PER_PAGE else None,
    )
