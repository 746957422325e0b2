"""The editor of items: typed in, looked at as a learner sees it, saved as a draft, handed in."""

from string import ascii_uppercase
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, Invalid, NotFound
from lms.kernel.permissions import Permission
from lms.questionbank import queries, service
from lms.questionbank.domain import typed as typing_
from lms.questionbank.domain.exchange import ExchangeItem, Kind
from lms.questionbank.domain.typed import Typed, editable
from lms.questionbank.forms import TYPE_LABELS, ItemForm, WhyForm
from lms.questionbank.queries import VersionOfItem
from lms.questionbank.staff_views import browsing, inserting, shown
from lms.questionbank.staff_views.blueprint import bp
from lms.web import guards, login, render

ROWS = 4
MORE = 2
MOST_SELECTED = 100


@bp.get("/banks/<string(maxlength=36):bank_code>/items/new")
@guards.requires(Permission.ITEM_AUTHOR)
def new_item_form(bank_code: str) -> Any:
    """The empty editor of a type."""
    form = ItemForm(formdata=None)
    form.knowledge_point.data = request.args.get("point", "")[:60]
    return _page(bank_code, form, Typed(_kind(request.args.get("type"))))


@bp.post("/banks/<string(maxlength=36):bank_code>/items")
@guards.requires(Permission.ITEM_AUTHOR)
def new_item(bank_code: str) -> Any:
    """Stores a new item as a draft, or shows what it looks like."""
    form, typed = _sent(_kind(request.form.get("type")))
    with reading() as session:
        shown.reached(session, bank_code)
    item = _made(form, *inserting.with_pictures(form, typed, None))
    if item is None or _stays():
        return _page(bank_code, form, typed, item=item, status=200 if _stays() else 422)
    try:
        with shown.writing(bank_code) as bank:
            version_id = service.create(bank.code, item, author_id=login.current().person_id, now=clock.now())
    except Invalid as refusal:
        form.take(refusal)
        return _page(bank_code, form, typed, status=422)
    return _saved(bank_code, version_id, item)


@bp.get("/banks/<string(maxlength=36):bank_code>/items/<uuid:version_id>/edit")
@guards.requires(Permission.ITEM_AUTHOR)
def edit_item_form(bank_code: str, version_id: UUID) -> Any:
    """The editor with what a version says."""
    with reading() as session:
        bank = shown.reached(session, bank_code)
        found = queries.version(session, version_id, bank.code)
    if not editable(found.item):
        flash(_("这道案例题的小题里有选择题等题型，请导出为 Excel 或文本修改后再导入。"), "warning")
        return _to_item(bank_code, version_id)
    typed = typing_.typed_of(found.item)
    form = ItemForm(formdata=None)
    form.fill(typed)
    form.token.data = found.token
    return _page(bank_code, form, typed, version=found)


@bp.post("/banks/<string(maxlength=36):bank_code>/items/<uuid:version_id>/edit")
@guards.requires(Permission.ITEM_AUTHOR)
def edit_item(bank_code: str, version_id: UUID) -> Any:
    """Saves what was typed, unless somebody else saved in the meantime."""
    with reading() as session:
        bank = shown.reached(session, bank_code)
        found = queries.version(session, version_id, bank.code)
    form, typed = _sent(found.item.kind)
    item = _made(form, *inserting.with_pictures(form, typed, found.item))
    if item is None or _stays():
        return _page(bank_code, form, typed, version=found, item=item, status=200 if _stays() else 422)
    try:
        with shown.writing(bank_code) as bank:
            written = service.save(
                version_id,
                bank.code,
                item,
                token=form.token.data or "",
                author_id=login.current().person_id,
                now=clock.now(),
            )
    except service.ChangedElsewhere as refusal:
        form.token.raw_data = None
        form.token.data = refusal.newer.token  # a second press saves over what is shown now
        return _page(bank_code, form, typed, version=found, newer=refusal.newer, status=409)
    except Invalid as refusal:
        form.take(refusal)
        return _page(bank_code, form, typed, version=found, status=422)
    except Conflict as refusal:
        form.form_errors.append(_(refusal.title))
        return _page(bank_code, form, typed, version=found, status=409)
    return _saved(bank_code, written, item)


@bp.post("/banks/<string(maxlength=36):bank_code>/items/<uuid:version_id>/deletion")
@guards.requires(Permission.ITEM_AUTHOR)
def throw_item_away(bank_code: str, version_id: UUID) -> Any:
    """Takes a draft away."""
    with shown.writing(bank_code) as bank:
        service.throw_away(version_id, bank.code, actor_id=login.current().person_id, now=clock.now())
    flash(_("草稿已删除。"), "success")
    return _to_bank(bank_code)


@bp.post("/banks/<string(maxlength=36):bank_code>/submissions")
@guards.requires(Permission.ITEM_AUTHOR)
def hand_items_in(bank_code: str) -> Any:
    """Hands the chosen drafts in, all or none."""
    with reading() as session:
        shown.reached(session, bank_code)
    chosen = _versions(request.form.getlist("version")[:MOST_SELECTED])
    if not chosen:
        flash(_("请先勾选要提交的草稿。"), "warning")
        return _to_bank(bank_code)
    try:
        with shown.writing(bank_code) as bank:
            count = service.hand_in(chosen, bank.code, actor_id=login.current().person_id, now=clock.now())
    except (service.NotADraft, service.NotHandedIn) as refusal:
        why = _(str(refusal.extra.get("why", refusal.title)))
        flash(_("没有提交任何题目。%(ref)s：%(why)s", ref=refusal.extra["ref"], why=why), "danger")
        return _to_item(bank_code, chosen[0]) if len(chosen) == 1 else _to_bank(bank_code)
    flash(_("已提交 %(count)s 道题，等待省级审核。", count=count), "success")
    return _to_bank(bank_code)


@bp.post("/banks/<string(maxlength=36):bank_code>/items/<uuid:version_id>/flag")
@guards.requires(Permission.ITEM_AUTHOR)
def flag_item(bank_code: str, version_id: UUID) -> Any:
    """Says that an item has to be looked at again."""
    form, me = WhyForm(), login.current().person_id
    try:
        with shown.writing(bank_code) as bank:
            service.flag(version_id, bank.code, reason=form.reason.data or "", actor_id=me, now=clock.now())
    except Invalid as refusal:
        form.take(refusal)
        return browsing.item(bank_code, version_id, form, status=422)
    flash(_("已标记，等待重新审看。"), "success")
    return _to_item(bank_code, version_id)


@bp.post("/banks/<string(maxlength=36):bank_code>/items/<uuid:version_id>/flag/settlement")
@guards.requires(Permission.ITEM_AUTHOR)
def settle_item_flag(bank_code: str, version_id: UUID) -> Any:
    """Somebody looked at the item and found it right."""
    with shown.writing(bank_code) as bank:
        service.settle(version_id, bank.code, actor_id=login.current().person_id, now=clock.now())
    flash(_("已取消标记。"), "success")
    return _to_item(bank_code, version_id)


def _kind(text: str | None) -> Kind:
    try:
        return Kind(text or Kind.SINGLE)
    except ValueError as error:
        raise NotFound from error


def _stays() -> bool:
    """Whether another button than that of saving was pressed: the page is shown again, nothing is stored."""
    return bool(request.form.get("preview") or request.form.get("more"))


def _sent(kind: Kind) -> tuple[ItemForm, Typed]:
    form = ItemForm()
    form.validate()
    questions, answers = request.form.getlist("question"), request.form.getlist("answer")
    difficulty = form.difficulty.data
    typed = Typed(
        kind,
        stem=form.stem.data or "",
        options=typing_.rows_of(request.form.getlist("option"), request.form.getlist("right")),
        truth=form.truth.data or "",
        blanks=form.blanks.data or "",
        case_sensitive=form.case_sensitive.data,
        pairs=form.pairs.data or "",
        reference=form.reference.data or "",
        parts=tuple(zip(questions, answers, strict=False))[: typing_.MOST_ROWS],
        feedback=form.feedback.data or "",
        ref=form.ref.data or "",
        knowledge_point=form.knowledge_point.data or "",
        difficulty=int(difficulty) if difficulty in {"1", "2", "3", "4", "5"} else 2,
        source=form.source.data or "",
        void_rule=form.void_rule.data or "",
        valid_until=form.valid_until.data,
        situational=form.situational.data,
        shuffle=form.shuffle.data,
    )
    return form, typed


def _made(form: ItemForm, typed: Typed, before: ExchangeItem | None) -> ExchangeItem | None:
    """The item, None when the form now says what is wrong; a press for more rows finds no fault."""
    if request.form.get("more"):
        for field in form:
            field.errors = ()
        return None
    made = typing_.made(typed, before)
    if made.problems:
        form.show(made.problems)
    if form.errors and inserting.wanted():
        form.form_errors.append(_("图片没有保存。请改正以上内容，再重新选择图片插入。"))
    return None if form.errors else made.item


def _saved(bank_code: str, version_id: UUID, item: ExchangeItem) -> Any:
    with reading() as session:
        found = queries.version(session, version_id, bank_code)
        alike = service.alike_to(session, bank_code, item, but_item=found.item_id)
    flash(_("已保存为草稿 %(ref)s。", ref=found.ref), "success")
    for like in alike[:3]:
        address = url_for("questionbank_staff.item_page", bank_code=bank_code, version_id=like.version_id)
        text = _("与 %(ref)s 近乎重复（相似度 %(percent)s%%）", ref=like.ref, percent=like.likeness)
        flash(Markup('<a href="{}">{}</a>').format(address, text), "warning")
    if inserting.wanted():
        flash(_("图片已插入。"), "success")
        address = url_for("questionbank_staff.edit_item_form", bank_code=bank_code, version_id=version_id)
        return redirect(f"{address}#pictures", 303)
    if request.form.get("next"):
        kept: dict[str, Any] = {"type": item.kind.value, "point": item.knowledge_point}
        return redirect(url_for("questionbank_staff.new_item_form", bank_code=bank_code, **kept), 303)
    return _to_item(bank_code, version_id)


def _page(
    bank_code: str,
    form: ItemForm,
    typed: Typed,
    *,
    version: VersionOfItem | None = None,
    item: ExchangeItem | None = None,
    newer: VersionOfItem | None = None,
    status: int = 200,
) -> Any:
    with reading() as session:
        bank = shown.reached(session, bank_code)
        points = queries.knowledge_points(session, bank.code)
    for field in (form.stem, form.truth, form.blanks, form.pairs):
        field.flags.required = True
    more = MORE if request.form.get("more") else 0
    options = [*typed.options, *[("", False)] * max(more, ROWS - len(typed.options))]
    parts = [*typed.parts, *[("", "")] * max(more, MORE - len(typed.parts))]
    form.picture_place.choices = inserting.places(typed.kind, len(options), len(parts))
    return render.page(
        "questionbank/item_form.html",
        status=status,
        bank=bank,
        form=form,
        kind=typed.kind.value,
        types=TYPE_LABELS,
        options=options[: typing_.MOST_ROWS],
        questions=parts[: typing_.MOST_ROWS],
        points=points,
        version=version,
        newer=shown.of(newer.item, newer) if newer else None,
        pictures=inserting.held(version),
        newer_by=newer.author_name if newer else "",
        asked=shown.asked(item, version) if item and request.form.get("preview") else None,
        preview=shown.of(item, version) if item and request.form.get("preview") else None,
        letters=ascii_uppercase,
        crumbs=shown.crumbs(bank, version.ref if version else _("新题目")),
    )


def _versions(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise NotFound from error


def _to_item(bank_code: str, version_id: UUID) -> Any:
    return redirect(url_for("questionbank_staff.item_page", bank_code=bank_code, version_id=version_id), 303)


def _to_bank(bank_code: str) -> Any:
    return redirect(url_for("questionbank_staff.bank_page", bank_code=bank_code, state="draft"), 303)
