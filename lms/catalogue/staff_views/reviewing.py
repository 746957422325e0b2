"""A reviewer's pages: the queue, everything that is handed in, the decision."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from lms.access import service as access
from lms.catalogue import service
from lms.catalogue.forms import DecisionForm, ReasonForm
from lms.catalogue.staff_views import shown
from lms.catalogue.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import Level
from lms.moderation.service import Decision
from lms.questionbank.events import keys_opening
from lms.video.views import grant_cookie
from lms.web import guards, login, render

SHOWN_WAITING = 100


@dataclass(frozen=True)
class Queue:
    """What waits at one level for this reviewer, with the days it has waited."""

    level: Level
    entries: tuple[tuple[moderation.QueueEntry, int], ...]


@bp.get("/reviews")
@guards.requires(Permission.REVIEW_PROVINCE, Permission.REVIEW_NATIONAL)
def review_queue() -> Any:
    """What waits for this reviewer, the longest first, and what they decided lately."""
    principal = login.current()
    now = clock.now()
    queues: list[Queue] = []
    reach: list[str] = []
    with reading() as session:
        for level, permission in service.PERMISSION_OF_LEVEL.items():
            scopes = access.scopes_for(principal, permission)
            if scopes:
                reach += scopes
                waiting = moderation.queue(
                    session,
                    service.STATE_OF_LEVEL[level],
                    scopes,
                    but_not=principal.person_id,
                    limit=SHOWN_WAITING,
                )
                queues.append(Queue(level, tuple((one, shown.days_since(one.since, now)) for one in waiting)))
        decided = moderation.decided_by(session, principal.person_id, reach)
    return render.page("catalogue/review_queue.html", queues=queues, decided=decided)


@bp.get("/reviews/<uuid:revision_id>")
@guards.requires(Permission.REVIEW_PROVINCE, Permission.REVIEW_NATIONAL, Permission.CONTENT_WITHDRAW)
def review_page(revision_id: UUID) -> Any:
    """Everything that was handed in, with the form of the decision when it is this reviewer's turn."""
    return page(revision_id, DecisionForm(formdata=None), ReasonForm(formdata=None))


@bp.post("/reviews/<uuid:revision_id>/decision")
@guards.requires(Permission.REVIEW_PROVINCE, Permission.REVIEW_NATIONAL)
def decide(revision_id: UUID) -> Any:
    """Takes the decision."""
    form = DecisionForm()
    valid = form.validate()
    try:
        level = Level(form.level.data or "")
    except ValueError as error:
        raise NotFound from error
    if not valid:
        return page(revision_id, form, ReasonForm(formdata=None), status=422)
    decision = Decision(
        decision=form.decision.data,
        comment=form.comment.data or "",
        content_hash=form.content_hash.data or "",
        credit_hours=form.hundredths
        if form.length_rule is None and level is Level.NATIONAL and form.decision.data == "approve"
        else None,
        findings=dict.fromkeys(form.findings.data or (), True),
    )
    try:
        service.decide(revision_id, level, decision, reviewer=login.current(), rule=form.length_rule, now=clock.now())
    except Invalid as error:
        form.take(error)
        return page(revision_id, form, ReasonForm(formdata=None), status=422)
    flash(_("审核结论已提交。"), "success")
    return redirect(url_for("catalogue_staff.review_queue"), 303)


def page(revision_id: UUID, form: DecisionForm, reason: ReasonForm, *, status: int = 200) -> Any:
    """The page of one revision as this person may see it. Raises NotFound, and what speaks against seeing its keys."""
    with reading() as session:
        seat = service.seat(session, revision_id, login.current())
        found = shown.load(session, revision_id)
        me, bank = login.current().person_id, found.version.bank_code
        keys_opening.send(None, session=session, bank_code=bank, person_id=me, at=clock.now())
    if seat.level is not None and not form.is_submitted():
        form.level.data = seat.level.value
        form.content_hash.data = found.version.content_hash
    response = render.page("catalogue/review.html", status=status, shown=found, seat=seat, form=form, reason=reason)
    if found.player:
        grant_cookie(found.asset.id)(response)
    return response
