"""Pages of the requests of people who did not find their unit: the queue, one request, settling and declining it."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import N_, Invalid
from lms.kernel.permissions import Permission
from lms.organisations import queries, service
from lms.organisations.domain.ranks import founded_below
from lms.organisations.forms import DeclineForm, SettleForm
from lms.organisations.staff_views import shown
from lms.organisations.staff_views.blueprint import bp
from lms.organisations.staff_views.browsing import after
from lms.web import guards, login, ports, render

CHOOSE = N_("请查找并选择单位，或者新建单位")
NAME_NEEDED = N_("请填写单位名称")


@bp.get("/unit-requests")
@guards.requires(Permission.UNIT_EDIT)
def request_list() -> Any:
    """What waits within this person's unions, the oldest first."""
    with reading() as session:
        scopes = shown.scopes(Permission.UNIT_EDIT)
        found = queries.requests(session, scopes, after=after(), limit=shown.PER_PAGE + 1)
        names = ports.names_within(session, [one.person_id for one in found], scopes)
    listed = found[: shown.PER_PAGE]
    more = len(found) > shown.PER_PAGE
    return render.page(
        "organisations/requests.html",
        requests=[(one, names.get(one.person_id, "")) for one in listed],
        first_url=url_for("organisations_staff.request_list") if request.args.get("after") else None,
        next_url=url_for("organisations_staff.request_list", after=listed[-1].id) if more else None,
    )


@bp.get("/unit-requests/<uuid:request_id>")
@guards.requires(Permission.UNIT_EDIT)
def request_page(request_id: UUID) -> Any:
    """One request with its two answers."""
    return _page(request_id, None, DeclineForm(formdata=None))


@bp.post("/unit-requests/<uuid:request_id>/settlement")
@guards.requires(Permission.UNIT_EDIT)
def settle(request_id: UUID) -> Any:
    """Settles the request with the chosen unit, or with a new one."""
    with reading() as session:
        asked = _request(session, request_id)
        parent = queries.unit(session, asked.parent_id)
        form = SettleForm()
        form.offer(founded_below(parent.kind))
        chosen = _choices(session, asked, form).chosen
    if request.form.get("find"):
        return _page(request_id, form, DeclineForm(formdata=None), quiet=True)
    make_new = bool(request.form.get("new"))
    problems = {}
    if make_new and not form.name.data:
        problems["name"] = NAME_NEEDED
    if not make_new and chosen is None:
        problems["target_id"] = CHOOSE
    valid = form.validate_on_submit()
    form.show(problems)
    if problems or not valid:
        return _page(request_id, form, DeclineForm(formdata=None), status=422)
    try:
        service.settle(
            request_id,
            unit_id=None if make_new or chosen is None else chosen.id,
            name=form.name.data or "",
            kind=form.kind.data or "unit",
            uscc=form.uscc.data,
            reach=shown.scopes(Permission.UNIT_EDIT),
            actor_id=login.current().person_id,
            now=clock.now(),
        )
    except Invalid as error:
        form.take(error)
        return _page(request_id, form, DeclineForm(formdata=None), status=422)
    flash(_("已处理，申请人已转到这个单位。"), "success")
    return redirect(url_for("organisations_staff.request_list"), 303)


@bp.post("/unit-requests/<uuid:request_id>/refusal")
@guards.requires(Permission.UNIT_EDIT)
def decline(request_id: UUID) -> Any:
    """Turns the request down."""
    with reading() as session:
        _request(session, request_id)
    form = DeclineForm()
    if not form.validate_on_submit():
        return _page(request_id, None, form, status=422)
    service.decline(
        request_id,
        comment=form.comment.data,
        reach=shown.scopes(Permission.UNIT_EDIT),
        actor_id=login.current().person_id,
        now=clock.now(),
    )
    flash(_("已处理，申请人留在原来选择的上级工会。"), "success")
    return redirect(url_for("organisations_staff.request_list"), 303)


def _request(session: Session, request_id: UUID) -> queries.Request:
    return queries.request(session, request_id, shown.scopes(Permission.UNIT_EDIT))


def _choices(session: Session, asked: queries.Request, form: SettleForm) -> queries.Choices:
    try:
        chosen = UUID(form.target_id.data or "")
    except ValueError:
        chosen = None
    text = (form.target_query.data or "")[: shown.LONGEST_SEARCH]
    return queries.choices_within(session, text, chosen, (asked.parent_path,), kinds=queries.OWN)


def _page(
    request_id: UUID, form: SettleForm | None, refusal: DeclineForm, *, status: int = 200, quiet: bool = False
) -> Any:
    with reading() as session:
        asked = _request(session, request_id)
        parent = queries.unit(session, asked.parent_id)
        settled = queries.unit(session, asked.unit_id).name if asked.unit_id else ""
        if form is None:
            form = SettleForm(formdata=None, name=asked.name, target_query=asked.name)
            form.offer(founded_below(parent.kind))
        context = {
            "choices": _choices(session, asked, form),
            "person": ports.names_within(session, [asked.person_id], shown.scopes(Permission.UNIT_EDIT)).get(
                asked.person_id, ""
            ),
            "crumbs": shown.crumbs(session, parent),
        }
    return render.page(
        "organisations/request.html",
        status=status,
        asked=asked,
        settled=settled,
        form=form,
        refusal=refusal,
        quiet=quiet,
        **context,
    )
