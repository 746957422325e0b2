"""My hours as a file to keep: a PDF to read and print, a spreadsheet to count with."""

from flask.wrappers import Response

from lms import settings as settings_module
from lms.hours.domain import statement as layout
from lms.hours.domain.statement import Statement
from lms.hours.queries.statement import statement
from lms.hours.views.blueprint import bp
from lms.infra import ratelimit, spreadsheet
from lms.infra.db import reading
from lms.infra.typesetting import UndrawableText, typesetter
from lms.kernel import clock
from lms.kernel.errors import N_, Conflict, TooMany
from lms.web import guards, login
from lms.web.files import XLSX, attachment

STATEMENTS_AN_HOUR = 20


class TooManyStatements(TooMany):
    """Typesetting costs more than a page."""

    code, title = "statements_limited", N_("下载过于频繁，请一小时后再试")


class NotPrintable(Conflict):
    """A title or a name has a character that no font of this machine draws."""

    code, title = "not_printable", N_("记录里有字库缺少的字，无法排成 PDF，请改为下载表格；学时没有变化")


@bp.get("/me/hours/statement.pdf")
@guards.signed_in
def statement_pdf() -> Response:
    """All my hours as a PDF."""
    found = _statement()
    try:
        made = typesetter("hours.typ", settings_module.current().font_dirs).pdf(
            layout.texts(found), dated=found.made_at
        )
    except UndrawableText as error:
        raise NotPrintable from error
    return attachment(made, "application/pdf", "my-hours.pdf")


@bp.get("/me/hours/statement.xlsx")
@guards.signed_in
def statement_xlsx() -> Response:
    """All my hours as a spreadsheet; totals and notes stand on its second sheet."""
    found = _statement()
    sums = ["　".join(row) for row in (layout.TOTALS, *layout.totals(found))]
    made = spreadsheet.write_xlsx(
        layout.COLUMNS, layout.rows(found), title=layout.TITLE, notes=[*layout.notes(found), *sums]
    )
    return attachment(made, XLSX, "my-hours.xlsx")


def _statement() -> Statement:
    who = login.current()
    if not ratelimit.hit("hours-statement", str(who.person_id), limit=STATEMENTS_AN_HOUR, window_seconds=3600):
        raise TooManyStatements
    with reading() as session:
        return statement(session, who.person_id, now=clock.now())
