"""Staff pages of accommodations: those of one person, what waits for its second person, one version."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.accommodations import queries, service
from lms.accommodations.domain.measures import USUAL
from lms.accommodations.forms import DecisionForm, ProposalForm, RevocationForm
from lms.accommodations.views import words
from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login, ports, render

bp = Blueprint("accommodations_staff", __name__)

GRANT = Permission.ACCOMMODATION_GRANT
PER_PAGE = 50


def _scopes() -> tuple[str, ...]:
    return ports.scopes_for(login.current(), GRANT)


def _staff() -> Staff:
    return Staff(login.current().person_id, _scopes())


@bp.get("/people/<uuid:person_id>/accommodations")
@guards.requires(GRANT)
def person_page(person_id: UUID) -> Any:
    """What somebody was granted, and the form for the next version."""
    today = clock.now().astimezone(clock.SHANGHAI).date()
    return _person_page(person_id, ProposalForm(formdata=None, exam_factor=1, from_on=today))


@bp.post("/people/<uuid:person_id>/accommodations")
@guards.requires(GRANT)
def propose(person_id: UUID) -> Any:
    """Proposes an accommodation; another person confirms it."""
    form = ProposalForm()
    if not form.validate_on_submit():
        return _person_page(person_id, form, status=422)
    wanted = service.Proposal(
        form.measure, form.ground, form.reference.data or "", form.from_on.data, form.until_on.data
    )
    try:
        service.propose(person_id, wanted, by=_staff(), now=clock.now())
    except Invalid as error:
        form.take(error)
        return _person_page(person_id, form, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"": error.title})
        return _person_page(person_id, form, status=error.status)
    flash(_("已提出，等待另一位管理人员确认后生效。"), "success")
    return redirect(url_for(".person_page", person_id=person_id), 303)


@bp.get("/accommodations")
@guards.requires(GRANT)
def queue() -> Any:
    """Proposals in my reach that wait, the oldest first."""
    with reading() as session:
        found = queries.waiting(session, _scopes(), after=_after(), limit=PER_PAGE + 1)
    listed = found[:PER_PAGE]
    more = len(found) > PER_PAGE
    return render.page(
        "accommodations/staff/queue.html",
        accommodations=listed,
        me=login.current().person_id,
        next_url=url_for(".queue", after=listed[-1].id) if more else None,
    )


@bp.get("/accommodations/<uuid:accommodation_id>")
@guards.requires(GRANT)
def accommodation(accommodation_id: UUID) -> Any:
    """One version, with what may be done."""
    return _one_page(accommodation_id)


@bp.post("/accommodations/<uuid:accommodation_id>/decision")
@guards.requires(GRANT)
def decide(accommodation_id: UUID) -> Any:
    """Confirms or declines, as the second person."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _one_page(accommodation_id, decision=form, status=422)
    comment, by, now = form.comment.data or "", _staff(), clock.now()
    try:
        if form.decision.data == "confirm":
            service.confirm(accommodation_id, by=by, comment=comment, now=now)
            flash(_("已批准，本人已收到通知。"), "success")
        else:
            service.decline(accommodation_id, by=by, comment=comment, now=now)
            flash(_("已答复不同意。"), "success")
    except Invalid as error:
        form.take(error)
        return _one_page(accommodation_id, decision=form, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"": error.title})
        return _one_page(accommodation_id, decision=form, status=error.status)
    return redirect(url_for(".queue"), 303)


@bp.post("/accommodations/<uuid:accommodation_id>/withdrawal")
@guards.requires(GRANT)
def withdraw(accommodation_id: UUID) -> Any:
    """Takes my own proposal back."""
    try:
        person_id = service.withdraw(accommodation_id, by=_staff(), now=clock.now())
        flash(_("已撤回。"), "success")
    except Conflict as error:
        flash(_(error.title), "warning")
        return redirect(url_for(".accommodation", accommodation_id=accommodation_id), 303)
    return redirect(url_for(".person_page", person_id=person_id), 303)


@bp.post("/accommodations/<uuid:accommodation_id>/revocation")
@guards.requires(GRANT)
def revoke(accommodation_id: UUID) -> Any:
    """Ends what was confirmed."""
    form = RevocationForm()
    if not form.validate_on_submit():
        return _one_page(accommodation_id, revocation=form, status=422)
    try:
        service.revoke(accommodation_id, by=_staff(), reason=form.reason.data, now=clock.now())
    except Invalid as error:
        form.take(error)
        return _one_page(accommodation_id, revocation=form, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"": error.title})
        return _one_page(accommodation_id, revocation=form, status=error.status)
    flash(_("已撤销，本人已收到通知。正在进行的考试时间不变。"), "success")
    return redirect(url_for(".accommodation", accommodation_id=accommodation_id), 303)


def _after() -> UUID | None:
    text = request.args.get("after")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


def _person_page(person_id: UUID, form: ProposalForm, *, status: int = 200) -> Any:
    today = clock.now().astimezone(clock.SHANGHAI).date()
    with reading() as session:
        person = accounts.own_profile(session, person_id, _scopes())
        found = queries.accommodations_of(session, person_id)
    return render.page(
        "accommodations/staff/person.html",
        person=person,
        accommodations=found,
        holding=[one.id for one in found if one.holds(today)],
        waiting=any(one.state == "proposed" for one in found),
        oneself=person_id == login.current().person_id,
        here=person.closed_at is None,
        form=form,
        status=status,
        **words(),
    )


def _one_page(
    accommodation_id: UUID,
    *,
    decision: DecisionForm | None = None,
    revocation: RevocationForm | None = None,
    status: int = 200,
) -> Any:
    with reading() as session:
        found = queries.accommodation(session, accommodation_id, _scopes())
    me = login.current().person_id
    return render.page(
        "accommodations/staff/accommodation.html",
        accommodation=found,
        usual=USUAL,
        own=found.proposed_by == me,
        oneself=found.person_id == me,
        decision=decision or DecisionForm(formdata=None),
        revocation=revocation or RevocationForm(formdata=None),
        status=status,
        **words(),
    )
