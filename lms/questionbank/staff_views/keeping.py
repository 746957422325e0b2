"""Pages by which a bank is kept in order: its knowledge points, what rests on a law that changed, near-duplicates."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.questionbank import queries, service
from lms.questionbank.forms import FlagForm, PointForm
from lms.questionbank.staff_views import browsing, shown
from lms.questionbank.staff_views.blueprint import bp
from lms.web import guards, login, render

PER_PAGE = 30


@bp.get("/banks/<string(maxlength=36):bank_code>/knowledge-points")
@guards.requires(Permission.ITEM_AUTHOR)
def knowledge_points(bank_code: str) -> Any:
    """The tree of a bank's knowledge points with their items."""
    return _points(bank_code, PointForm(formdata=None))


@bp.post("/banks/<string(maxlength=36):bank_code>/knowledge-points")
@guards.requires(Permission.ITEM_AUTHOR)
def add_knowledge_point(bank_code: str) -> Any:
    """Adds a knowledge point."""
    form, me = PointForm(), login.current().person_id
    try:
        with shown.writing(bank_code) as bank:
            service.add_knowledge_point(bank.code, form.path.data or "", actor_id=me, now=clock.now())
    except Invalid as refusal:
        form.take(refusal)
        return _points(bank_code, form, status=422)
    flash(_("已添加知识点。"), "success")
    return redirect(url_for("questionbank_staff.knowledge_points", bank_code=bank_code), 303)


@bp.post("/banks/<string(maxlength=36):bank_code>/flags")
@guards.requires(Permission.ITEM_AUTHOR)
def flag_items(bank_code: str) -> Any:
    """Flags all items that rest on a source."""
    form = FlagForm()
    try:
        with shown.writing(bank_code) as bank:
            count = service.flag_by_source(
                bank.code,
                form.source.data or "",
                reason=form.reason.data or "",
                actor_id=login.current().person_id,
                now=clock.now(),
            )
    except Invalid as refusal:
        form.take(refusal)
        return browsing.listing(bank_code, form, status=422)
    flash(_("已标记 %(count)s 道题，等待重新审看。", count=count), "success")
    return redirect(url_for("questionbank_staff.bank_page", bank_code=bank_code, flagged=1), 303)


@bp.get("/banks/<string(maxlength=36):bank_code>/duplicates")
@guards.requires(Permission.ITEM_AUTHOR)
def duplicates(bank_code: str) -> Any:
    """Pairs of items that say nearly the same, the likest first."""
    after = _after()
    with reading() as session:
        bank = shown.reached(session, bank_code)
        found = queries.twins(session, bank.code, after=after, limit=PER_PAGE + 1)
    listed, more = found[:PER_PAGE], len(found) > PER_PAGE
    last = f"{listed[-1].likeness}~{listed[-1].version_id}~{listed[-1].other_id}" if more else ""
    page_url = url_for("questionbank_staff.duplicates", bank_code=bank_code)
    return render.page(
        "questionbank/duplicates.html",
        bank=bank,
        pairs=listed,
        first_url=page_url if after else None,
        next_url=url_for("questionbank_staff.duplicates", bank_code=bank_code, after=last) if more else None,
        crumbs=shown.crumbs(bank, _("近似题目")),
    )


@bp.post("/banks/<string(maxlength=36):bank_code>/duplicates")
@guards.requires(Permission.ITEM_AUTHOR)
def keep_both(bank_code: str) -> Any:
    """Both of a pair are wanted."""
    try:
        first, second = UUID(request.form.get("version", "")), UUID(request.form.get("other", ""))
    except ValueError as error:
        raise NotFound from error
    with shown.writing(bank_code) as bank:
        service.both_wanted(first, second, bank.code, actor_id=login.current().person_id, now=clock.now())
    flash(_("两道题都保留，不再提示。"), "success")
    return redirect(url_for("questionbank_staff.duplicates", bank_code=bank_code), 303)


def _points(bank_code: str, form: PointForm, *, status: int = 200) -> Any:
    with reading() as session:
        bank = shown.reached(session, bank_code)
        points = queries.knowledge_points(session, bank.code)
    return render.page(
        "questionbank/knowledge_points.html",
        status=status,
        bank=bank,
        points=points,
        form=form,
        crumbs=shown.crumbs(bank, _("知识点")),
    )


def _after() -> tuple[int, UUID, UUID] | None:
    text = request.args.get("after")
    if not text:
        return None
    try:
        likeness, version_id, other_id = text.split("~")
        per_cent = int(likeness)
        if not 0 <= per_cent <= 100:
            raise NotFound
        return per_cent, UUID(version_id), UUID(other_id)
    except ValueError as error:
        raise NotFound from error
