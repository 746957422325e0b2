"""Pages that show banks and their items."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _

from lms.infra.db import reading
from lms.kernel.errors import NotFound
from lms.kernel.permissions import Permission
from lms.questionbank import queries, service
from lms.questionbank.forms import FORMAT_LABELS, KIND_LABELS, STATE_LABELS, TYPE_LABELS
from lms.questionbank.staff_views import shown
from lms.questionbank.staff_views.blueprint import bp
from lms.web import guards, render

PER_PAGE = 30
FILTERED = ("published", "draft")


@bp.get("/banks")
@guards.requires(Permission.ITEM_AUTHOR)
def bank_list() -> Any:
    """The banks of this person's units."""
    after = request.args.get("after", "")[:20] or None
    with reading() as session:
        found = queries.banks(session, shown.scopes(), after=after, limit=PER_PAGE + 1)
    listed, more = found[:PER_PAGE], len(found) > PER_PAGE
    return render.page(
        "questionbank/banks.html",
        banks=listed,
        kinds=KIND_LABELS,
        first_url=url_for("questionbank_staff.bank_list") if after else None,
        next_url=url_for("questionbank_staff.bank_list", after=listed[-1].code) if more else None,
    )


@bp.get("/banks/<string(maxlength=36):bank_code>")
@guards.requires(Permission.ITEM_AUTHOR)
def bank_page(bank_code: str) -> Any:
    """A bank and its items, the newest first."""
    state = _one_of("state", FILTERED)
    item_type = _one_of("type", TYPE_LABELS)
    after = _after()
    with reading() as session:
        bank = shown.reached(session, bank_code)
        found = queries.item_lines(
            session, bank.code, state=state, item_type=item_type, after=after, limit=PER_PAGE + 1
        )
    listed, more = found[:PER_PAGE], len(found) > PER_PAGE
    chosen: dict[str, Any] = {"state": state, "type": item_type}
    last = f"{listed[-1].created_at.timestamp():.6f}~{listed[-1].id}" if more else ""
    return render.page(
        "questionbank/bank.html",
        bank=bank,
        items=listed,
        kinds=KIND_LABELS,
        types=TYPE_LABELS,
        states={key: STATE_LABELS[key] for key in FILTERED},
        formats={one.value: FORMAT_LABELS[one.value] for one in service.WRITTEN},
        chosen=chosen,
        first_url=url_for("questionbank_staff.bank_page", bank_code=bank_code, **chosen) if after else None,
        next_url=url_for("questionbank_staff.bank_page", bank_code=bank_code, after=last, **chosen) if more else None,
        crumbs=[(_("题库"), url_for("questionbank_staff.bank_list")), (bank.title, None)],
    )


def _one_of(name: str, known: Any) -> str | None:
    """A filter of the address; None when it says nothing. Raises NotFound for what is none."""
    value = request.args.get(name) or None
    if value is not None and value not in known:
        raise NotFound
    return value


def _after() -> tuple[datetime, UUID] | None:
    text = request.args.get("after")
    if not text:
        return None
    moment, _tilde, item_id = text.partition("~")
    try:
        return datetime.fromtimestamp(float(moment), UTC), UUID(item_id)
    except (ValueError, OverflowError, OSError) as error:
        raise NotFound from error
