"""Pages on which items come from files and go into files."""

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Conflict, NotFound
from lms.kernel.permissions import Permission
from lms.questionbank import queries, service
from lms.questionbank.domain.formats.detection import Format
from lms.questionbank.domain.formats.outcome import MAX_ITEMS, Fault, NotCarried
from lms.questionbank.forms import FORMAT_LABELS, FileForm, StoreForm
from lms.questionbank.staff_views import shown
from lms.questionbank.staff_views.blueprint import bp
from lms.web import guards, login, render, uploads

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = {
    Format.XLSX: ("xlsx", XLSX),
    Format.CSV: ("csv", "text/csv; charset=utf-8"),
    Format.TEXT: ("txt", "text/plain; charset=utf-8"),
    Format.GIFT: ("gift.txt", "text/plain; charset=utf-8"),
    Format.MOODLE_XML: ("xml", "application/xml; charset=utf-8"),
}
SHOWN = 200


@bp.get("/item-import-template.xlsx")
@guards.requires(Permission.ITEM_AUTHOR)
def item_template() -> Response:
    """The table to fill in."""
    return _file(service.template(), "item-template.xlsx", XLSX)


@bp.get("/banks/<string(maxlength=36):bank_code>/import")
@guards.requires(Permission.ITEM_AUTHOR)
def import_form(bank_code: str) -> Any:
    """How items are written down, and the field for a file of them."""
    return _import_page(bank_code, FileForm(formdata=None))


@bp.post("/banks/<string(maxlength=36):bank_code>/import")
@guards.requires(Permission.ITEM_AUTHOR)
@uploads.large(Permission.ITEM_AUTHOR)
def import_file(bank_code: str) -> Any:
    """Reads a file; what it holds is shown before anything is stored."""
    with reading() as session:
        shown.reached(session, bank_code)
    form = FileForm()
    data = _sent(form)
    if not form.validate_on_submit() or not data:
        return _import_page(bank_code, form, status=422)
    name, me = form.file.data.filename, login.current().person_id
    read = service.read_file(data, name, Format(form.format.data) if form.format.data else None)
    with shown.writing(bank_code) as bank:
        file_id = service.keep_upload(bank.code, read, name, actor_id=me, now=clock.now())
    return redirect(url_for("questionbank_staff.import_preview", file_id=file_id), 303)


@bp.get("/item-imports/<uuid:file_id>")
@guards.requires(Permission.ITEM_AUTHOR)
def import_preview(file_id: UUID) -> Any:
    """Everything that a file holds, its faults first."""
    return _preview(file_id, StoreForm(formdata=None))


@bp.post("/item-imports/<uuid:file_id>/application")
@guards.requires(Permission.ITEM_AUTHOR)
def store_import(file_id: UUID) -> Any:
    """Stores what was read as drafts."""
    form = StoreForm()
    with reading() as session:
        waiting = queries.waiting_file(session, file_id, login.current().person_id)
    try:
        with shown.writing(waiting.bank_code):
            done = service.store_upload(
                file_id,
                actor_id=login.current().person_id,
                only_valid=form.only_valid.data,
                replacing=form.replacing.data,
                now=clock.now(),
            )
    except service.ItemsRefused as refusal:
        return _preview(file_id, form, refused=refusal.faults, status=422)
    except Conflict as refusal:
        form.form_errors.append(_(refusal.title))
        return _preview(file_id, form, status=409)
    flash(
        _("已保存草稿 %(stored)s 道，%(unchanged)s 道原来就有。", stored=done.stored, unchanged=done.unchanged),
        "success",
    )
    return redirect(url_for("questionbank_staff.bank_page", bank_code=waiting.bank_code, state="draft"), 303)


@bp.post("/banks/<string(maxlength=36):bank_code>/export")
@guards.requires(Permission.ITEM_AUTHOR)
def export_file(bank_code: str) -> Any:
    """A bank as a file; a post, for it leaves a trace."""
    try:
        format = Format(request.form.get("format", ""))
        suffix, media_type = FILES[format]
    except (ValueError, KeyError) as error:
        raise NotFound from error
    try:
        with shown.writing(bank_code) as bank:
            data = service.export_bank(bank.code, format, actor_id=login.current().person_id, now=clock.now())
    except NotCarried as refusal:
        return render.page(
            "questionbank/not_carried.html",
            status=422,
            bank=bank,
            format=FORMAT_LABELS[format.value],
            faults=refusal.faults[:SHOWN],
            crumbs=shown.crumbs(bank, _("导出")),
        )
    return _file(data, f"bank-{bank.code}.{suffix}", media_type)


def _sent(form: FileForm) -> bytes:
    """The bytes of the file that was sent; empty, and the form says why, when there is none or it is too large."""
    file = request.files.get("file")
    most = settings_module.current().item_file_bytes
    if not file or not file.filename:
        form.refuse_file(_("请选择文件"))
        return b""
    with uploads.local_path(file).open("rb") as opened:
        data = opened.read(most + 1)
    if not data:
        form.refuse_file(_("文件是空的"))
    elif len(data) > most:
        form.refuse_file(_("文件超过 %(megabytes)s MB，请分成几个文件", megabytes=most // 1024**2))
        return b""
    return data


def _import_page(bank_code: str, form: FileForm, *, status: int = 200) -> Any:
    with reading() as session:
        bank = shown.reached(session, bank_code)
    return render.page(
        "questionbank/import.html",
        status=status,
        bank=bank,
        form=form,
        most=MAX_ITEMS,
        megabytes=settings_module.current().item_file_bytes // 1024**2,
        crumbs=shown.crumbs(bank, _("导入题目")),
    )


def _preview(file_id: UUID, form: StoreForm, *, refused: tuple[Fault, ...] = (), status: int = 200) -> Any:
    with reading() as session:
        waiting = queries.waiting_file(session, file_id, login.current().person_id)
        bank = shown.reached(session, waiting.bank_code)
    return render.page(
        "questionbank/import_preview.html",
        status=status,
        waiting=waiting,
        bank=bank,
        form=form,
        format=FORMAT_LABELS.get(waiting.format, _("无法识别")),
        faults=(*waiting.faults, *refused),
        items=[(one.where, one.warnings, shown.of(one.item)) for one in waiting.items[:SHOWN]],
        crumbs=shown.crumbs(bank, _("导入题目")),
    )


def _file(content: bytes, name: str, media_type: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
