"""The list of a unit's hours as a spreadsheet; who gets it and what for is kept."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from lms import settings as settings_module
from lms.accounts.domain import wording
from lms.accounts.forms.people import ExportForm
from lms.accounts.service import disclosures
from lms.infra import spreadsheet
from lms.infra.db import reading, unit_of_work
from lms.kernel import clock
from lms.kernel.errors import N_
from lms.kernel.permissions import Permission
from lms.reporting import queries
from lms.reporting.domain.reminders import as_hours
from lms.reporting.queries import Listed
from lms.reporting.staff_views.asked import Asked, asked
from lms.reporting.staff_views.blueprint import bp
from lms.web import guards, login, render
from lms.web.files import CSV, XLSX, attachment

FIELDS = ("name", "unit", "post", "category", "hours")
"""What the file tells, by the names of the field register."""
TITLES = (
    N_("姓名"),
    N_("单位"),
    N_("职务"),
    N_("人员类别"),
    N_("网络自学"),
    N_("网络自学要求"),
    N_("集中培训"),
    N_("集中培训要求"),
    N_("还差"),
    N_("达标情况"),
)


@bp.get("/hours/export")
@guards.requires(Permission.PERSON_EXPORT)
def export_form() -> Any:
    """Asks what for, and for whom."""
    return _page(ExportForm(formdata=None, kind="xlsx"))


@bp.post("/hours/export")
@guards.requires(Permission.PERSON_EXPORT)
def export() -> Any:
    """The list of the address as a file."""
    form, limit = ExportForm(), settings_module.current().export_rows
    with reading() as session:
        found = asked(session, Permission.PERSON_EXPORT)
        if not form.validate_on_submit():
            return _page(form, status=422)
        people = queries.people_in(session, found.sought, limit=limit + 1)
    if len(people) > limit:
        form.show({"": N_("一次最多导出 %(limit)s 人，请先缩小范围")}, {"limit": limit})
        return _page(form, status=422)
    _note(found, people, form)
    titles, rows = [_(title) for title in TITLES], [_row(one) for one in people]
    if form.kind.data == "csv":
        return attachment(spreadsheet.write_csv(titles, rows), CSV, "hours.csv")
    return attachment(spreadsheet.write_xlsx(titles, rows, title=str(found.sought.year)), XLSX, "hours.xlsx")


def _note(found: Asked, people: Sequence[Listed], form: ExportForm) -> None:
    by, now = login.current().person_id, clock.now()
    with unit_of_work():
        for path in found.sought.reach:
            persons = sum(one.unit_path.startswith(path) for one in people)
            disclosures.record(form.receiver.data, form.reason.data, FIELDS, persons, path, by, now)


def _row(one: Listed) -> list[str]:
    return [
        one.name,
        one.unit_name,
        one.post,
        _(wording.CATEGORIES[one.category]),
        as_hours(one.self_study),
        as_hours(one.self_required),
        as_hours(one.centralized),
        as_hours(one.central_required),
        as_hours(one.missing),
        _("未达标") if one.missing else _("已达标"),
    ]


def _page(form: ExportForm, *, status: int = 200) -> Any:
    with reading() as session:
        found = asked(session, Permission.PERSON_EXPORT)
    return render.page(
        "reporting/staff/export.html",
        form=form,
        unit=found.unit,
        year=found.sought.year,
        action=url_for(".export", **found.kept),
        back=url_for(".unit_hours", **found.kept),
        most=settings_module.current().export_rows,
        status=status,
    )
