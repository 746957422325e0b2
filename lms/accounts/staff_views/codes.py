"""Staff pages that help people into their account: a one-time code on a slip, the reset of a lost second factor."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.accounts import queries
from lms.accounts.domain.reach import Staff
from lms.accounts.forms import ReasonForm
from lms.accounts.service import codes, second_factor
from lms.accounts.service.reaching import MorePowerful, OnlyForOthers, reached
from lms.accounts.staff_views.blueprint import bp
from lms.infra import qr
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login, ports, render


def _staff(permission: Permission) -> Staff:
    principal = login.current()
    return Staff(principal.person_id, ports.scopes_for(principal, permission))


def _outranks(one: UUID, other: UUID) -> bool:
    return ports.outranks(one, other, clock.now())


def _outranked(one: UUID, other: UUID) -> bool:
    return ports.outranks(one, other, clock.now() - codes.RESET_APART)


def _page(person_id: UUID, form: ReasonForm, *, status: int = 200) -> Any:
    issuing, resetting = _staff(Permission.CODE_ISSUE), _staff(Permission.ROLE_GRANT)
    with reading() as session:
        person = queries.person(session, person_id)
        if not (issuing.reaches(person.unit_path) or resetting.reaches(person.unit_path)):
            raise NotFound
        known = queries.credentials_of_person(session, person_id)
        refusal = None
        try:
            reached(
                session,
                person_id,
                staff=Staff(issuing.person_id, issuing.scopes + resetting.scopes),
                outranks=_outranks,
            )
        except (MorePowerful, OnlyForOthers) as error:
            refusal = _(error.title)
    return render.page(
        "accounts/staff/sign_in_help.html",
        person=person,
        username=known.username,
        active=known.active,
        refusal=refusal,
        may_issue=issuing.reaches(person.unit_path),
        may_reset=resetting.reaches(person.unit_path),
        has_second_factor=known.totp_secret is not None,
        hours=settings_module.current().sign_in_code_hours,
        takes_two=resetting.reaches(person.unit_path) and ports.takes_two(login.current(), person_id, clock.now()),
        form=form,
        status=status,
    )


@bp.get("/people/<uuid:person_id>/sign-in-help")
@guards.requires(Permission.CODE_ISSUE, Permission.ROLE_GRANT)
def sign_in_help(person_id: UUID) -> Any:
    """What can be done for somebody who can't sign in."""
    return _page(person_id, ReasonForm())


@bp.post("/people/<uuid:person_id>/sign-in-code")
@guards.requires(Permission.CODE_ISSUE)
def issue_code(person_id: UUID) -> Any:
    """Makes a one-time code; the answer is the slip, shown this once."""
    slip = codes.issue(
        person_id,
        staff=_staff(Permission.CODE_ISSUE),
        outranks=_outranks,
        outranked=_outranked,
        hours=settings_module.current().sign_in_code_hours,
        now=clock.now(),
    )
    address = url_for("accounts_learner.code_sign_in_form", _external=True)  # as this browser reaches the platform
    return render.page(
        "accounts/staff/code_slip.html",
        slip=slip,
        address=address,
        qr_image=qr.data_address(address),
        back_url=url_for(".sign_in_help", person_id=person_id),
    )


@bp.post("/people/<uuid:person_id>/second-factor/reset")
@guards.requires(Permission.ROLE_GRANT)
def reset_second_factor(person_id: UUID) -> Any:
    """Takes away a lost second factor; the reason is kept."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(person_id, form, status=422)
    staff, reason = _staff(Permission.ROLE_GRANT), form.reason.data
    try:
        second_factor.reset(person_id, staff=staff, outranks=_outranks, reason=reason, now=clock.now())
    except Invalid as error:
        form.take(error)
        return _page(person_id, form, status=422)
    flash(_("动态验证码已重置，对方下次登录时重新设置。"), "success")
    return redirect(url_for("accounts_staff.sign_in_help", person_id=person_id), 303)
