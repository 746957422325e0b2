"""People by spreadsheet: a template, an import that shows first what it would do, and an export that asks what for."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _, ngettext

from lms import settings as settings_module
from lms.accounts import queries
from lms.accounts.domain import importing as rules, wording
from lms.accounts.forms.people import ExportForm, ReadSheetForm, SheetForm
from lms.accounts.service import handing_out, importing
from lms.accounts.service.asking import TooManyGuesses
from lms.accounts.staff_views import people_list, people_shown as shown
from lms.accounts.staff_views.blueprint import bp
from lms.infra import spreadsheet
from lms.infra.db import reading
from lms.infra.spreadsheet import SpreadsheetRefused, TemplateColumn
from lms.kernel import clock
from lms.kernel.errors import N_, Invalid
from lms.kernel.permissions import Permission
from lms.web import guards, render

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
SHOWN = 50
TEMPLATE = (
    TemplateColumn(rules.COLUMNS["name"], "王建国", "与证件一致，少数民族姓名可用“·”"),
    TemplateColumn(rules.COLUMNS["sex"], "男", "", tuple(wording.SEXES.values())),
    TemplateColumn(rules.COLUMNS["unit"], "某某公司工会委员会", "平台中的单位全称，或统一社会信用代码"),
    TemplateColumn(rules.COLUMNS["post"], "工会主席", ""),
    TemplateColumn(rules.COLUMNS["mobile"], "13800000000", "11 位"),
    TemplateColumn(rules.COLUMNS["category"], "企事业单位工会干部", "", tuple(wording.CATEGORIES.values())),
    TemplateColumn(rules.COLUMNS["employment"], "专职", "", tuple(wording.EMPLOYMENTS.values())),
    TemplateColumn(rules.COLUMNS["appointed_on"], "2020-03-01", "年-月-日"),
    TemplateColumn(rules.COLUMNS["username"], "", "可以不填，由平台生成"),
)
NOTES = (
    "每行一人，不要改动表头。",
    "全部正确才会导入；有一处不对，全部不导入，并列出所在的行和列。",
    "姓名和手机都与平台中已有人员相同的，不重复添加，也不改动。",
    "导入的账号没有密码：请发放一次性登录码，由本人设置密码。",
)
EXPORTED = {
    "name": rules.COLUMNS["name"],
    "sex": rules.COLUMNS["sex"],
    "unit": rules.COLUMNS["unit"],
    "post": rules.COLUMNS["post"],
    "category": rules.COLUMNS["category"],
    "employment": rules.COLUMNS["employment"],
    "appointed_on": rules.COLUMNS["appointed_on"],
    "username": rules.COLUMNS["username"],
    "identity_level": N_("身份确认"),
    "state": N_("账号状态"),
}


@bp.get("/people/import")
@guards.requires(Permission.PERSON_EDIT)
def import_form() -> Any:
    """The page where a spreadsheet is handed in."""
    return _import_page(SheetForm(formdata=None))


@bp.get("/people/import/template.xlsx")
@guards.requires(Permission.PERSON_EDIT)
def import_template() -> Response:
    """A spreadsheet to fill in."""
    content = spreadsheet.write_template(TEMPLATE, title="人员", notes=NOTES)
    return _file(content, XLSX, "people-template.xlsx")


@bp.post("/people/import")
@guards.requires(Permission.PERSON_EDIT)
def import_preview() -> Any:
    """Reads a spreadsheet and says what would happen; nothing is stored yet."""
    form, by, now = SheetForm(), shown.staff(), clock.now()
    file = request.files.get("file")
    if not form.validate_on_submit() or not file:
        form.show({"file": N_("请选择文件")})
        return _import_page(form, status=422)
    limits = spreadsheet.Limits(max_rows=settings_module.current().import_rows + 1)
    try:
        sheet = spreadsheet.read_table(file.read(), file.filename or "", limits=limits)
    except SpreadsheetRefused as error:
        form.show({"file": error.detail or error.title}, error.extra)
        return _import_page(form, status=422)
    try:
        found = importing.preview(sheet.rows, by=by, now=now)
    except TooManyGuesses as error:
        form.show({"file": error.title})
        return _import_page(form, status=error.status)
    if found.problems:
        return _import_page(form, problems=found.problems, status=422)
    return render.page(
        "accounts/staff/import_preview.html",
        form=ReadSheetForm(formdata=None, rows=importing.seal(sheet.rows, by=by, now=now)),
        found=found,
        listed=found.new[:SHOWN],
    )


@bp.post("/people/import/rows")
@guards.requires(Permission.PERSON_EDIT)
def import_rows() -> Any:
    """Adds the people of a previewed spreadsheet."""
    form = ReadSheetForm()
    if not form.validate_on_submit():
        raise Invalid
    try:
        added = importing.apply(form.rows.data, by=shown.staff(), now=clock.now())
    except importing.ImportRefused as error:
        flash(_(error.title), "danger")
        return redirect(url_for(".import_form"), 303)
    flash(ngettext("已添加 %(num)s 人。", "已添加 %(num)s 人。", len(added)), "success")
    return redirect(url_for(".people"), 303)


@bp.get("/people/export")
@guards.requires(Permission.PERSON_EXPORT)
def export_form() -> Any:
    """Asks what for, and for whom."""
    return _export_page(ExportForm(formdata=None, kind="xlsx"))


@bp.post("/people/export")
@guards.requires(Permission.PERSON_EXPORT)
def export() -> Any:
    """The list of the address as a file; who gets it and what for is kept."""
    form, limit = ExportForm(), settings_module.current().export_rows
    if not form.validate_on_submit():
        return _export_page(form, status=422)
    with reading() as session:
        sought = people_list.asked_list(people_list.asked_unit(session), Permission.PERSON_EXPORT)
        people = queries.people_in(session, sought, limit=limit + 1)
    if len(people) > limit:
        form.show({"": N_("一次最多导出 %(limit)s 人，请先缩小范围")}, {"limit": limit})
        return _export_page(form, status=422)
    handing_out.note(
        people,
        sought.reach,
        receiver=form.receiver.data,
        purpose=form.reason.data,
        by=shown.staff(Permission.PERSON_EXPORT),
        now=clock.now(),
    )
    titles, rows = [_(title) for title in EXPORTED.values()], _rows(people)
    if form.kind.data == "csv":
        return _file(spreadsheet.write_csv(titles, rows), CSV, "people.csv")
    return _file(spreadsheet.write_xlsx(titles, rows, title=_("人员")), XLSX, "people.xlsx")


def _rows(people: Iterable[queries.Listed]) -> list[list[str]]:
    words = shown.words()
    return [
        [
            one.name,
            words["sex"][one.sex],
            one.unit_name,
            one.post,
            words["category"][one.category],
            words["employment"][one.employment],
            one.appointed_on.isoformat() if one.appointed_on else "",
            one.username,
            words["identity_level"][one.identity_level],
            words["state"][one.state],
        ]
        for one in people
    ]


def _import_page(form: SheetForm, *, problems: Iterable[rules.Problem] = (), status: int = 200) -> Any:
    told = [(one.row, one.column, _(one.text)) for one in problems]
    most = settings_module.current().import_rows
    return render.page("accounts/staff/import.html", form=form, problems=told, most=most, status=status)


def _export_page(form: ExportForm, *, status: int = 200) -> Any:
    with reading() as session:
        unit = people_list.asked_unit(session)
    people_list.asked_list(unit, Permission.PERSON_EXPORT)
    return render.page(
        "accounts/staff/export.html",
        form=form,
        unit=unit,
        action=f"{url_for('.export')}?{urlencode(request.args.to_dict())}",
        most=settings_module.current().export_rows,
        status=status,
    )


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
