"""The page of my messages."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.wrappers import Response

from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.notices import queries, service
from lms.web import guards, login, render

bp = Blueprint("notices", __name__)

PAGE = 20


@bp.get("/me/notices")
@guards.signed_in
def my_notices() -> Response:
    """My messages, the newest first."""
    after = _asked(request.args.get("after"))
    with reading() as session:
        found = queries.page(session, login.current().person_id, after=after, limit=PAGE)
    last = found.notices[-1].id if found.notices else None
    return render.page(
        "notices/my_notices.html",
        notices=found.notices,
        newest=found.notices[0].id if found.notices and after is None else None,
        newest_url=url_for(".my_notices") if after else None,
        older_url=url_for(".my_notices", after=last) if found.more else None,
    )


@bp.post("/me/notices/<uuid:notice_id>/open")
@guards.signed_in
def open_notice(notice_id: UUID) -> Any:
    """Marks a message as read and goes where it leads."""
    link = service.open_notice(notice_id, login.current().person_id, now=clock.now())
    return redirect(link or url_for(".my_notices"), 303)


@bp.post("/me/notices/read")
@guards.signed_in
def read_all() -> Any:
    """Marks what the page showed, and what is older, as read."""
    until = _asked(request.form.get("until"))
    if until is not None:
        service.read_all(login.current().person_id, until=until, now=clock.now())
    return redirect(url_for(".my_notices"), 303)


def _asked(text: str | None) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
