"""Staff pages of ID numbers: who waits for a comparison, comparing without seeing, seeing for a stated purpose."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.accounts.domain import reveals
from lms.accounts.domain.reach import Staff
from lms.accounts.forms.privacy import ComparisonForm, RevealForm
from lms.accounts.queries import oversight, privacy as queries
from lms.accounts.service import id_numbers
from lms.accounts.staff_views import people_shown as shown
from lms.accounts.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Forbidden, Invalid
from lms.kernel.permissions import Permission
from lms.kernel.scope import covers
from lms.web import guards, login, render

PER_PAGE = 50


def _staff() -> Staff:
    return shown.staff(Permission.PERSON_REVEAL)


@bp.get("/id-numbers")
@guards.requires(Permission.PERSON_REVEAL)
def id_numbers_waiting() -> Any:
    """People who gave a number that nobody compared yet, and pairs of whom one gave the other's."""
    scopes, after, asker_id = shown.scopes(Permission.PERSON_REVEAL), shown.asked_id("after"), login.current().person_id
    with reading() as session:
        found = queries.unconfirmed_holders(session, scopes, asker_id=asker_id, after=after, limit=PER_PAGE + 1)
        clashes = queries.clashes(session, scopes, asker_id=asker_id, limit=PER_PAGE) if after is None else ()
    holders, more = found[:PER_PAGE], len(found) > PER_PAGE
    return render.page(
        "accounts/staff/id_numbers.html",
        holders=holders,
        clashes=clashes,
        next_url=url_for("accounts_staff.id_numbers_waiting", after=holders[-1].person_id) if more else None,
    )


def _holder(session: Session, person_id: UUID) -> queries.Holder:
    scopes = shown.scopes(Permission.PERSON_REVEAL)
    return queries.id_number_holder(session, person_id, scopes, asker_id=login.current().person_id)


def _page(person_id: UUID, *, comparison: ComparisonForm, reveal: RevealForm, status: int = 200) -> Any:
    with reading() as session:
        holder = _holder(session, person_id)
        known = queries.id_number(session, person_id)
        seen = [_as_told(one) for one in oversight.reveals_of(session, person_id)]
    comparison.id_number.data = ""
    return render.page(
        "accounts/staff/id_number.html",
        holder=holder,
        known=known,
        comparison=comparison,
        reveal=reveal,
        seen=[(one, _(reveals.PURPOSES[one.purpose])) for one in seen],
        status=status,
    )


def _as_told(one: oversight.Reveal) -> oversight.Reveal:
    """Who of another union looked, and what they wrote of it, is for who reaches that union; that it happened goes along."""
    told = any(covers(scope, one.unit_path) for scope in shown.scopes(Permission.PERSON_REVEAL))
    return one if told else replace(one, actor_name=_("其他工会的管理员"), reason="")


@bp.get("/people/<uuid:person_id>/id-number")
@guards.requires(Permission.PERSON_REVEAL)
def id_number_page(person_id: UUID) -> Any:
    """One person's number, masked, with what may be done about it."""
    return _page(person_id, comparison=ComparisonForm(), reveal=RevealForm())


@bp.post("/people/<uuid:person_id>/id-number/comparison")
@guards.requires(Permission.PERSON_REVEAL)
def compare_id_number(person_id: UUID) -> Any:
    """Compares the number of the file."""
    form = ComparisonForm()
    reveal = RevealForm(formdata=None)
    if not form.validate_on_submit():
        return _page(person_id, comparison=form, reveal=reveal, status=422)
    try:
        alike = id_numbers.compare(person_id, form.id_number.data, by=_staff(), now=clock.now())
    except Invalid as error:
        form.take(error)
        return _page(person_id, comparison=form, reveal=reveal, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"id_number": error.title})
        return _page(person_id, comparison=form, reveal=reveal, status=error.status)
    if not alike:
        form.show({"id_number": id_numbers.DIFFERS})
        return _page(person_id, comparison=form, reveal=reveal, status=422)
    flash(_("号码一致，身份已按身份证号核验。"), "success")
    return redirect(url_for("accounts_staff.id_number_page", person_id=person_id), 303)


@bp.post("/people/<uuid:person_id>/id-number/reveal")
@guards.requires(Permission.PERSON_REVEAL)
def reveal_id_number(person_id: UUID) -> Any:
    """Shows the whole number on this one answer; nothing of it is kept by browsers or caches."""
    form = RevealForm()
    comparison = ComparisonForm(formdata=None)
    if not form.validate_on_submit():
        return _page(person_id, comparison=comparison, reveal=form, status=422)
    try:
        number = id_numbers.reveal(
            person_id, purpose=form.purpose.data, reason=form.reason.data, by=_staff(), now=clock.now()
        )
    except Invalid as error:
        form.take(error)
        return _page(person_id, comparison=comparison, reveal=form, status=422)
    except (Conflict, Forbidden) as error:
        form.show({"purpose": error.title})
        return _page(person_id, comparison=comparison, reveal=form, status=error.status)
    with reading() as session:
        holder = _holder(session, person_id)
    return render.page(
        "accounts/staff/id_number_shown.html",
        holder=holder,
        number=number,
        purpose=_(reveals.PURPOSES[form.purpose.data]),
    )
