"""People who may be one, and joining two accounts of one person: one member of staff proposes it, another one looks and confirms."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import fieldregister
from lms.accounts.forms.people import JoinForm, SureForm
from lms.accounts.queries import joinings
from lms.accounts.queries.people_profile import Profile
from lms.accounts.service import joining
from lms.accounts.staff_views import people_shown as shown
from lms.accounts.staff_views.blueprint import bp
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login, render

PAGE = 30
NOT_SURE = N_("请勾选确认")


@bp.get("/people/twins")
@guards.requires(Permission.PERSON_JOIN)
def twins() -> Any:
    """Pairs of my scope who share a mobile number, or name and unit."""
    one_id, other_id = shown.asked_id("one"), shown.asked_id("other")
    after = (one_id, other_id) if one_id and other_id else None
    with reading() as session:
        found = queries.likely_pairs(
            session,
            shown.scopes(Permission.PERSON_JOIN),
            asker_id=login.current().person_id,
            after=after,
            limit=PAGE + 1,
        )
    pairs = found[:PAGE]
    more = len(found) > PAGE
    return render.page(
        "accounts/staff/twins.html",
        pairs=pairs,
        words=shown.words(),
        next_url=url_for(".twins", one=pairs[-1].one.id, other=pairs[-1].other.id) if more else None,
    )


@bp.get("/people/<uuid:person_id>/joining/<uuid:gone_id>")
@guards.requires(Permission.PERSON_JOIN)
def join_form(person_id: UUID, gone_id: UUID) -> Any:
    """Both accounts side by side: which one stays, and what happens to the other."""
    return _page(person_id, gone_id, JoinForm(formdata=None))


@bp.post("/people/<uuid:person_id>/joining/<uuid:gone_id>")
@guards.requires(Permission.PERSON_JOIN)
def propose_joining(person_id: UUID, gone_id: UUID) -> Any:
    """Proposes to join the second account into the first; the reason leads to a last look, and only from there it is filed."""
    form = JoinForm()
    if not form.validate_on_submit():
        return _page(person_id, gone_id, form, status=422)
    if "step" not in request.form:
        return _page(person_id, gone_id, form, last_look=True)
    if not form.sure.data:
        form.show({"sure": NOT_SURE})
        return _page(person_id, gone_id, form, last_look=True, status=422)
    by = shown.staff(Permission.PERSON_JOIN)
    try:
        proposal_id = joining.propose(person_id, gone_id, by=by, reason=form.reason.data, now=clock.now())
    except (Invalid, Conflict, Forbidden) as error:
        form.show(error.fields or {"": error.title}, error.extra)
        return _page(person_id, gone_id, form, last_look=True, status=error.status)
    flash(_("合并申请已提交，由另一位管理员确认后才会合并。"), "success")
    return redirect(url_for(".joining_page", proposal_id=proposal_id), 303)


@bp.get("/people/joinings")
@guards.requires(Permission.PERSON_JOIN)
def joining_list() -> Any:
    """Proposals in my scope, the newest first."""
    before = shown.asked_id("after")
    with reading() as session:
        found = joinings.proposals(session, shown.scopes(Permission.PERSON_JOIN), before=before, limit=PAGE + 1)
    return render.page(
        "accounts/staff/joinings.html",
        proposals=found[:PAGE],
        next_url=url_for(".joining_list", after=found[PAGE - 1].id) if len(found) > PAGE else None,
    )


@bp.get("/people/joinings/<uuid:proposal_id>")
@guards.requires(Permission.PERSON_JOIN)
def joining_page(proposal_id: UUID) -> Any:
    """One proposal with both accounts, and what may be done with it."""
    return _proposal_page(proposal_id, SureForm(formdata=None))


@bp.post("/people/joinings/<uuid:proposal_id>/confirmation")
@guards.requires(Permission.PERSON_JOIN)
def confirm_joining(proposal_id: UUID) -> Any:
    """The second person's word: the accounts are joined for good."""
    form = SureForm()
    if not form.validate_on_submit() or not form.sure.data:
        form.show({"sure": NOT_SURE})
        return _proposal_page(proposal_id, form, status=422)
    try:
        joined = joining.confirm(proposal_id, by=shown.staff(Permission.PERSON_JOIN), now=clock.now())
    except (Conflict, Forbidden) as error:
        form.show({"": error.title}, error.extra)
        return _proposal_page(proposal_id, form, status=error.status)
    flash(_("两个账号已合并。"), "success")
    return redirect(url_for(".person_page", person_id=joined.kept_id), 303)


@bp.post("/people/joinings/<uuid:proposal_id>/refusal")
@guards.requires(Permission.PERSON_JOIN)
def refuse_joining(proposal_id: UUID) -> Any:
    """Takes one's own proposal back or declines another's; both accounts stay as they are."""
    joining.refuse(proposal_id, by=shown.staff(Permission.PERSON_JOIN), now=clock.now())
    flash(_("合并申请已结束，两个账号没有变动。"), "success")
    return redirect(url_for(".joining_list"), 303)


def _pair(session: Session, person_id: UUID, gone_id: UUID) -> tuple[Profile, Profile]:
    kept = shown.editable(session, person_id, Permission.PERSON_JOIN)
    return kept, shown.editable(session, gone_id, Permission.PERSON_JOIN)


def _shown(kept: Profile, gone: Profile) -> dict[str, Any]:
    mobiles = {one.id: fieldregister.mask("mobile", one.mobile) for one in (kept, gone)}
    return {"kept": kept, "gone": gone, "mobiles": mobiles, "words": shown.words()}


def _page(person_id: UUID, gone_id: UUID, form: JoinForm, *, last_look: bool = False, status: int = 200) -> Any:
    with reading() as session:
        kept, gone = _pair(session, person_id, gone_id)
    if kept.id == gone.id:
        raise NotFound
    return render.page("accounts/staff/join.html", **_shown(kept, gone), form=form, last_look=last_look, status=status)


def _proposal_page(proposal_id: UUID, form: SureForm, *, status: int = 200) -> Any:
    who = login.current().person_id
    with reading() as session:
        found = joinings.proposal(session, proposal_id, shown.scopes(Permission.PERSON_JOIN))
        kept, gone = _pair(session, found.kept_id, found.gone_id)
    is_open = found.state == "open"
    return render.page(
        "accounts/staff/joining.html",
        **_shown(kept, gone),
        proposal=found,
        mine=is_open and found.proposed_by == who,
        may_decide=is_open and who not in {found.proposed_by, found.kept_id, found.gone_id},
        form=form,
        status=status,
    )
