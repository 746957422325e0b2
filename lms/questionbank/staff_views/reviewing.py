"""A reviewer's pages of items: what waits, the decision on one, and stopping what is published."""

from datetime import UTC, datetime
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.access import service as access
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.moderation.domain.workflow import Level, State
from lms.questionbank import queries, service
from lms.questionbank.events import banks_closing
from lms.questionbank.forms import ACTION_LABELS, LEVEL_LABELS, TYPE_LABELS, ItemDecisionForm, WhyForm
from lms.questionbank.staff_views import browsing, shown
from lms.questionbank.staff_views.blueprint import bp
from lms.web import guards, login, render

PER_PAGE = 50
SHOWN_OBJECTIONS = {
    "author_reviews_nothing_of_their_own": lambda: _("您是作者，不能审核自己的内容，请由其他人审核。"),
    "one_level_for_each_person": lambda: _("您已在另一级作出决定，这一级须由其他人审核。"),
    "province_decides_first": lambda: _("省级审核尚未完成，请在省级通过后再审核。"),
    "level_already_decided": lambda: _("这一级已经有人作出决定，请刷新页面查看。"),
}


@bp.get("/item-reviews")
@guards.requires(Permission.REVIEW_PROVINCE, Permission.REVIEW_NATIONAL)
def item_review_queue() -> Any:
    """The items that wait at this reviewer's levels, the oldest first."""
    person = login.current()
    queues = []
    with reading() as session:
        closed = _closed(session)
        for level, permission in service.PERMISSION_OF_LEVEL.items():
            reach = access.scopes_for(person, permission)
            if reach:
                found = queries.waiting(
                    session, service.STATE_OF_LEVEL[level].value, reach, after=_after(level), limit=PER_PAGE + 1
                )
                last = found[PER_PAGE - 1] if len(found) > PER_PAGE else None
                place: dict[str, Any] = {level.value: f"{last.created_at.timestamp():.6f}~{last.id}"} if last else {}
                following = url_for("questionbank_staff.item_review_queue", **place) if last else None
                queues.append((LEVEL_LABELS[level.value], found[:PER_PAGE], following))
    return render.page("questionbank/item_reviews.html", queues=queues, closed=closed, types=TYPE_LABELS)


@bp.get("/item-reviews/<uuid:version_id>")
@guards.requires(Permission.REVIEW_PROVINCE, Permission.REVIEW_NATIONAL)
def item_review_page(version_id: UUID) -> Any:
    """An item as a learner sees it, with its key, its history and the form of the decision."""
    return _page(version_id, ItemDecisionForm(formdata=None))


@bp.post("/item-reviews/<uuid:version_id>/decision")
@guards.requires(Permission.REVIEW_PROVINCE, Permission.REVIEW_NATIONAL)
def decide_item(version_id: UUID) -> Any:
    """Takes the decision and goes on to the next item that waits."""
    form = ItemDecisionForm()
    try:
        level = Level(form.level.data or "")
    except ValueError as error:
        raise NotFound from error
    if not form.validate():
        return _page(version_id, form, status=422)
    try:
        state = service.decide(
            version_id,
            level,
            approves=form.decision.data == "approve",
            comment=form.comment.data or "",
            token=form.token.data or "",
            reviewer=login.current(),
            now=clock.now(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _page(version_id, form, status=422)
    said = {
        State.NATIONAL_REVIEW: _("已通过，等待全国审核。"),
        State.PUBLISHED: _("已通过并发布，可以进入试卷。"),
        State.RETURNED: _("已退回作者修改。"),
    }
    flash(said[state], "success")
    with reading() as session:
        reach = access.scopes_for(login.current(), service.PERMISSION_OF_LEVEL[level])
        waiting = queries.waiting(session, service.STATE_OF_LEVEL[level].value, reach, limit=PER_PAGE)
        closed = _closed(session)
    following = next((one for one in waiting if one.bank_code not in closed), None)
    if following is not None:
        return redirect(url_for("questionbank_staff.item_review_page", version_id=following.id), 303)
    return redirect(url_for("questionbank_staff.item_review_queue"), 303)


@bp.post("/banks/<string(maxlength=36):bank_code>/items/<uuid:version_id>/withdrawal")
@guards.requires(Permission.CONTENT_WITHDRAW)
def stop_item(bank_code: str, version_id: UUID) -> Any:
    """Takes a published item out of the draw."""
    form = WhyForm()
    with reading() as session:
        shown.opened(session, version_id, bank_code)
    try:
        service.stop(version_id, reason=form.reason.data or "", actor=login.current(), now=clock.now())
    except Invalid as refusal:
        form.take(refusal)
        return browsing.item(bank_code, version_id, form, status=422)
    flash(_("已停用，不再进入新的试卷；已经抽到这道题的试卷不变。"), "success")
    return redirect(url_for("questionbank_staff.item_page", bank_code=bank_code, version_id=version_id), 303)


def _closed(session: Session) -> frozenset[str]:
    """The banks whose items this person may not see now."""
    told = banks_closing.send(None, session=session, person_id=login.current().person_id, at=clock.now())
    return frozenset(code for _receiver, codes in told for code in codes)


def _page(version_id: UUID, form: ItemDecisionForm, *, status: int = 200) -> Any:
    """The page of an item within this reviewer's reach, at whatever level it is. Raises NotFound."""
    with reading() as session:
        opened = shown.opened(session, version_id)
        found, events, versions = opened.version, opened.events, shown.versions(session, opened)
        seat = service.seat(session, found, events, login.current())
    if seat.level is None and not any(one.actor_id == login.current().person_id and one.level for one in events):
        raise NotFound
    before = next((one for one in versions if one.state == "published" and one.id != found.id), None)
    if seat.level is not None and not form.is_submitted():
        form.level.data = seat.level.value
        form.token.data = found.token
    return render.page(
        "questionbank/item_review.html",
        status=status,
        bank=opened.bank,
        version=found,
        item=shown.of(found.item, found),
        before=shown.of(before.item, before) if before else None,
        asked=shown.asked(found.item, found),
        events=[one for one in events if one.version_id == found.id],
        seat=seat,
        objection=SHOWN_OBJECTIONS[seat.objection]() if seat.objection else "",
        form=form,
        actions=ACTION_LABELS,
        levels=LEVEL_LABELS,
        letters=ascii_uppercase,
        crumbs=[(_("题目审核"), url_for("questionbank_staff.item_review_queue")), (found.ref, None)],
    )


def _after(level: Level) -> tuple[datetime, UUID] | None:
    text = request.args.get(level.value)
    if not text:
        return None
    moment, _tilde, version_id = text.partition("~")
    try:
        return datetime.fromtimestamp(float(moment), UTC), UUID(version_id)
    except (ValueError, OverflowError, OSError) as error:
        raise NotFound from error
