"""Staff pages of help that takes two: what waits, asking for it, confirming, declining or withdrawing it."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms import SelectChoice

from lms import settings as settings_module
from lms.access import queries, service
from lms.access.domain.pairing import Help
from lms.access.forms import HELP_NAMES, JointHelpForm
from lms.access.staff_views.blueprint import bp
from lms.accounts import queries as accounts
from lms.infra import qr
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login, render

PAGE = 50


@bp.get("/joint-help")
@guards.requires(Permission.ROLE_GRANT)
def joint_help_list() -> Any:
    """Requests for people in my scope, the newest first."""
    before = request.args.get("after", None, type=UUID)
    scopes = service.scopes_for(login.current(), Permission.ROLE_GRANT)
    with reading() as session:
        found = queries.joint_helps(session, scopes, before=before, limit=PAGE + 1, now=clock.now())
    return render.page(
        "access/joint_helps.html",
        requests=found[:PAGE],
        now=clock.now(),
        names=HELP_NAMES,
        next_url=url_for(".joint_help_list", after=found[PAGE - 1].id) if len(found) > PAGE else None,
        first_url=url_for(".joint_help_list") if before else None,
    )


@bp.get("/people/<uuid:person_id>/joint-help")
@guards.requires(Permission.ROLE_GRANT)
def joint_help_form(person_id: UUID) -> Any:
    """Asks what is needed, and why."""
    return _form_page(person_id, JointHelpForm(formdata=None))


@bp.post("/people/<uuid:person_id>/joint-help")
@guards.requires(Permission.ROLE_GRANT)
def ask_joint_help(person_id: UUID) -> Any:
    """Files the request; another administrator confirms it."""
    form = JointHelpForm()
    with reading() as session:
        _person, offered = _offered(session, person_id)
    form.help.choices = _choices(offered)
    if not form.validate_on_submit():
        return _form_page(person_id, form, status=422)
    try:
        request_id = service.ask(
            person_id, Help(form.help.data), reason=form.reason.data, by=login.current(), now=clock.now()
        )
    except Invalid as error:
        form.take(error)
        return _form_page(person_id, form, status=422)
    except Conflict as error:
        form.show({"": error.title})
        return _form_page(person_id, form, status=error.status)
    flash(_("已提交，等待另一位管理员在 24 小时内确认。"), "success")
    return redirect(url_for(".joint_help_page", request_id=request_id), 303)


@bp.get("/joint-help/<uuid:request_id>")
@guards.requires(Permission.ROLE_GRANT)
def joint_help_page(request_id: UUID) -> Any:
    """One request, and what may be done with it."""
    now, who = clock.now(), login.current()
    with reading() as session:
        found = _request(session, request_id)
        fits = service.could_give_all(session, who.person_id, found.person_id, now=now)
    mine = found.asked_by == who.person_id
    return render.page(
        "access/joint_help.html",
        asked=found,
        name=HELP_NAMES[found.help],
        state=found.state_at(now),
        mine=mine,
        may_decide=found.state_at(now) == "open" and not mine and who.person_id != found.person_id and fits,
    )


@bp.post("/joint-help/<uuid:request_id>/confirmation")
@guards.requires(Permission.ROLE_GRANT)
def confirm_joint_help(request_id: UUID) -> Any:
    """The second person's word. The answer to one for a code is the slip, shown this once."""
    hours = settings_module.current().sign_in_code_hours
    slip = service.confirm(request_id, by=login.current(), hours=hours, now=clock.now())
    if slip is None:
        flash(_("已确认，动态验证码已重置，对方下次登录时重新设置。"), "success")
        return redirect(url_for(".joint_help_page", request_id=request_id), 303)
    address = url_for("accounts_learner.code_sign_in_form", _external=True)
    return render.page(
        "accounts/staff/code_slip.html",
        slip=slip,
        address=address,
        qr_image=qr.data_address(address),
        back_url=url_for(".joint_help_page", request_id=request_id),
    )


@bp.post("/joint-help/<uuid:request_id>/refusal")
@guards.requires(Permission.ROLE_GRANT)
def refuse_joint_help(request_id: UUID) -> Any:
    """Withdraws one's own request or declines another's."""
    service.refuse(request_id, by=login.current(), now=clock.now())
    flash(_("申请已结束，没有办理。"), "success")
    return redirect(url_for(".joint_help_page", request_id=request_id), 303)


def _request(session: Session, request_id: UUID) -> queries.JointHelp:
    found = queries.joint_help(session, request_id)
    if not service.reads_help(login.current(), found, now=clock.now()):
        raise NotFound
    return found


def _offered(session: Session, person_id: UUID) -> tuple[accounts.Person, tuple[Help, ...]]:
    """The person and what may be asked for them. Raises NotFound alike for out of reach and for who needs no two."""
    who = login.current()
    person = accounts.person(session, person_id)
    if not service.may(who, Permission.ROLE_GRANT, person.unit_path):  # before anything else of them is asked
        raise NotFound
    offered = service.offers(session, who, person_id, now=clock.now())
    if not offered:
        raise NotFound
    return person, offered


def _form_page(person_id: UUID, form: JointHelpForm, *, status: int = 200) -> Any:
    with reading() as session:
        person, offered = _offered(session, person_id)
    form.help.choices = _choices(offered)
    return render.page("access/joint_help_form.html", form=form, person=person, status=status)


def _choices(offered: tuple[Help, ...]) -> list[SelectChoice]:
    return [SelectChoice(one.value, HELP_NAMES[one]) for one in offered]
