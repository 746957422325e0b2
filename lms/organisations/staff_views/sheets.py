"""Pages of spreadsheets of units: the template, reading one, confirming it, and exporting a subtree."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.infra import spreadsheet
from lms.infra.db import reading
from lms.infra.spreadsheet import SpreadsheetRefused, TemplateColumn
from lms.kernel import clock
from lms.kernel.errors import N_, Invalid
from lms.kernel.permissions import Permission
from lms.organisations import queries, service
from lms.organisations.domain import ranks
from lms.organisations.domain.planning import TITLES, Fault
from lms.organisations.forms import KIND_LABELS, STATE_LABELS, SheetForm
from lms.organisations.staff_views import shown
from lms.organisations.staff_views.blueprint import bp
from lms.web import guards, login, render

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
SHOWN = 100
TITLE = "单位"
COLUMNS = (
    TemplateColumn(TITLES["name"], "某某公司工会委员会", "必填。登记证书上的全称，最多 120 个字。"),
    TemplateColumn(
        TITLES["kind"],
        "单位工会",
        "不填就是单位工会。",
        tuple(ranks.KIND_NAMES[kind] for kind in ranks.FOUNDED),
    ),
    TemplateColumn(TITLES["uscc"], "81330000MC12345670", "18 位，没有可以不填。"),
    TemplateColumn(
        TITLES["parent"],
        "某某市总工会",
        "上级单位的全称或统一社会信用代码；可以是本表中的另一行。不填就建在导入所在的单位之下。",
    ),
)
NOTES = (
    "每行一个单位，不要改动表头，不要合并单元格。",
    "上级和下级可以在同一份表格中，先后不限。",
    "有一行不对，全部不导入，并列出哪一行、为什么。",
)


class TooManyRows(Invalid):
    """An export would be larger than one file may be."""

    code, title = "too_many_rows", N_("单位太多，一次导不完；请进入下级单位分别导出")


@bp.get("/units/import-template.xlsx")
@guards.requires(Permission.UNIT_EDIT)
def import_template() -> Response:
    """The table to fill in."""
    return _file(spreadsheet.write_template(COLUMNS, title=TITLE, notes=NOTES), "unit-template.xlsx", XLSX)


@bp.get("/units/<uuid:unit_id>/import")
@guards.requires(Permission.UNIT_EDIT)
def import_form(unit_id: UUID) -> Any:
    """How to fill in a table, and the field for it."""
    return _import_page(unit_id, SheetForm(formdata=None))


@bp.post("/units/<uuid:unit_id>/import")
@guards.requires(Permission.UNIT_EDIT)
def import_sheet(unit_id: UUID) -> Any:
    """Reads a table; one without faults waits to be confirmed."""
    with reading() as session:
        unit = shown.editable(session, unit_id)
    form = SheetForm()
    file = request.files.get("file")
    if not form.validate_on_submit() or not file or not file.filename:
        return _import_page(unit_id, form, status=422)
    try:
        read = service.read_sheet(
            unit.id,
            file.stream.read(),
            file.filename,
            max_rows=settings_module.current().unit_import_rows,
            reach=shown.scopes(Permission.UNIT_EDIT),
            actor_id=login.current().person_id,
            now=clock.now(),
        )
    except SpreadsheetRefused as refusal:
        form.show({"file": refusal.detail or refusal.title}, refusal.extra)
        return _import_page(unit_id, form, status=422)
    if isinstance(read, service.Faulty):
        return _import_page(unit_id, form, faults=read.faults, status=422)
    return redirect(url_for("organisations_staff.import_preview", import_id=read), 303)


@bp.get("/unit-imports/<uuid:import_id>")
@guards.requires(Permission.UNIT_EDIT)
def import_preview(import_id: UUID) -> Any:
    """What a table would found, before it is confirmed."""
    with reading() as session:
        waiting = queries.import_of(session, import_id, login.current().person_id)
        unit = shown.editable(session, waiting.unit_id)
        planned, faults = service.planned_by(session, waiting) if waiting.state == "waiting" else ((), ())
        crumbs = shown.crumbs(session, unit, _("导入单位"))
    return render.page(
        "organisations/import_preview.html",
        waiting=waiting,
        unit=unit,
        planned=planned[:SHOWN],
        count=len(planned),
        faults=_told(faults),
        kinds=KIND_LABELS,
        crumbs=crumbs,
    )


@bp.post("/unit-imports/<uuid:import_id>/application")
@guards.requires(Permission.UNIT_EDIT)
def apply_import(import_id: UUID) -> Any:
    """Founds all units of a confirmed table."""
    actor_id = login.current().person_id
    with reading() as session:
        waiting = queries.import_of(session, import_id, actor_id)
        shown.editable(session, waiting.unit_id)
    done = service.apply_sheet(import_id, reach=shown.scopes(Permission.UNIT_EDIT), actor_id=actor_id, now=clock.now())
    if isinstance(done, service.Faulty):
        flash(_("组织机构刚刚有变更，这份表格需要修改后重新上传。"), "warning")
        return redirect(url_for("organisations_staff.import_preview", import_id=import_id), 303)
    flash(_("已导入 %(count)s 个单位。", count=done), "success")
    return redirect(url_for("organisations_staff.unit_page", unit_id=waiting.unit_id), 303)


@bp.get("/units/<uuid:unit_id>/export.xlsx")
@guards.requires(Permission.UNIT_READ)
def export_xlsx(unit_id: UUID) -> Response:
    """A unit and all below it as a spreadsheet."""
    columns, rows = _exported(unit_id, "xlsx")
    return _file(spreadsheet.write_xlsx(columns, rows, title=TITLE), "units.xlsx", XLSX)


@bp.get("/units/<uuid:unit_id>/export.csv")
@guards.requires(Permission.UNIT_READ)
def export_csv(unit_id: UUID) -> Response:
    """The same as CSV."""
    columns, rows = _exported(unit_id, "csv")
    return _file(spreadsheet.write_csv(columns, rows), "units.csv", CSV)


def _exported(unit_id: UUID, form: str) -> tuple[list[str], list[list[str]]]:
    most = settings_module.current().unit_export_rows
    with reading() as session:
        unit = shown.readable(session, unit_id)
        found = queries.subtree(session, unit.path, limit=most + 1)
        above = queries.units(session, [unit.parent_id] if unit.parent_id else [])
    if len(found) > most:
        raise TooManyRows
    named = {one.id: one.name for one in (*above.values(), *found)}
    rows = [
        [
            one.name,
            ranks.KIND_NAMES[one.kind],
            one.uscc or "",
            named.get(one.parent_id, "") if one.parent_id else "",
            str(STATE_LABELS[one.state]),
        ]
        for one in found
    ]
    service.record_export(unit.id, rows=len(rows), form=form, actor_id=login.current().person_id, now=clock.now())
    return [*TITLES.values(), _("状态")], rows


def _import_page(unit_id: UUID, form: SheetForm, *, faults: Sequence[Fault] = (), status: int = 200) -> Any:
    with reading() as session:
        unit = shown.editable(session, unit_id)
        crumbs = shown.crumbs(session, unit, _("导入单位"))
    return render.page(
        "organisations/import.html",
        status=status,
        unit=unit,
        form=form,
        columns=COLUMNS,
        notes=NOTES,
        most=settings_module.current().unit_import_rows,
        faults=_told(faults[:SHOWN]),
        crumbs=crumbs,
    )


def _told(faults: Sequence[Fault]) -> list[tuple[int, str]]:
    return [(one.number, _(one.reason)) for one in faults]


def _file(content: bytes, name: str, media_type: str) -> Response:
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
