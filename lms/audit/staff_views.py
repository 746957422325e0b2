"""The record for audit administrators: alarms, the state of the chain, entries by filter, export. Every reading is recorded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms import settings as settings_module
from lms.audit import queries, service
from lms.audit.domain import areas
from lms.audit.forms import FilterForm
from lms.audit.queries import Alarm, ChainState, Entry, Filters
from lms.infra import spreadsheet
from lms.infra.db import reading, unit_of_work
from lms.kernel import clock
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, ports, render

bp = Blueprint("audit_staff", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
COLUMNS = (
    N_("时间"),
    N_("操作人编号"),
    N_("当时的角色"),
    N_("操作"),
    N_("对象类型"),
    N_("对象编号"),
    N_("结果"),
    N_("来源地址"),
    N_("请求编号"),
    N_("详情"),
    N_("封签编号"),
    N_("记录编号"),
)


@dataclass(frozen=True)
class Shown:
    """An entry with the words that people read."""

    entry: Entry
    at: str
    actor: str
    roles: str
    area: str
    result: str
    tone: str
    details: tuple[tuple[str, str], ...]


@bp.get("/audit")
@guards.requires(Permission.AUDIT_READ)
def entries() -> Any:
    """The newest entries that pass the filters, and on the first page what deserves an alarm."""
    form = _form()
    before = _before()
    filters = _filters(form)
    with reading() as session:
        state = queries.chain_state(session)
        page = queries.page(session, filters, before=before) if filters is not None else queries.Page(())
        alarms = queries.alarms(session, now=clock.now()) if before is None else ()
        names = _names(session, page.entries, alarms)
    _note("audit.read", filters, rows=len(page.entries), deeper=before is not None)
    kept = _kept()
    return render.page(
        "audit/entries.html",
        form=form,
        filtered=bool(kept),
        state=state,
        checked=_checked(state),
        alarms=[_alarm(one, names) for one in alarms],
        entries=[_shown(one, names) for one in page.entries],
        newest_url=_link(kept) if before else None,
        next_url=_link({**kept, "before": str(page.following)}) if page.following else None,
        export_fields=kept,
        most=settings_module.current().audit_export_rows,
        status=200 if filters is not None else 422,
    )


@bp.post("/audit/export")
@guards.requires(Permission.AUDIT_READ)
def export() -> Any:
    """The entries that pass the filters as a spreadsheet, the newest first, up to the most that the settings allow."""
    form = FilterForm(request.form)
    form.offer_areas()
    filters = _filters(form)
    kind = request.form.get("format", "xlsx")
    if filters is None or kind not in {"xlsx", "csv"}:
        raise NotFound
    columns = [_(name) for name in COLUMNS]
    with reading() as session:
        found = queries.entries_newest_first(session, filters, limit=settings_module.current().audit_export_rows)
        rows = [_cells(one) for one in found]
    _note("audit.exported", filters, rows=len(rows), deeper=False)
    if kind == "csv":
        content = spreadsheet.write_csv(columns, rows)
    else:
        content = spreadsheet.write_xlsx(columns, rows, title=_("审计记录"))
    response = Response(content, content_type=CSV if kind == "csv" else XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="audit.{kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _form() -> FilterForm:
    form = FilterForm(request.args)
    form.offer_areas()
    return form


def _filters(form: FilterForm) -> Filters | None:
    """What the form asks for; None when a field is wrong, which the form then says."""
    if not form.validate():
        return None
    since, until = form.span
    object_id = str(UUID(form.object_id.data)) if form.object_id.data else ""
    return Filters(
        since=since,
        until=until,
        actor_id=form.actor_id,
        action=form.action.data or form.area.data or "",
        object_id=object_id,
        not_ok=bool(form.not_ok.data),
        request_id=form.request_id.data or "",
        address=form.address.data or "",
    )


def _before() -> UUID | None:
    """The key of the page that the address asks for. Raises NotFound for what is none."""
    try:
        return UUID(request.args["before"]) if "before" in request.args else None
    except ValueError as error:
        raise NotFound from error


def _link(filters: dict[str, str]) -> str:
    values: dict[str, Any] = {**filters}
    return url_for(".entries", **values)


def _kept() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if value and name in FilterForm.FIELDS}


def _names(session: Session, entries: Sequence[Entry], alarms: Sequence[Alarm]) -> dict[UUID, str]:
    actors = {one.actor_id for one in entries if one.actor_id}
    actors |= {UUID(one.subject) for one in alarms if one.by == "actor"}
    return ports.person_names(session, sorted(actors))


def _note(action: str, filters: Filters | None, *, rows: int, deeper: bool) -> None:
    """Records the reading: which filters, and how much was shown. An address that was asked for is a person's: not its value."""
    said = replace(filters, address="set" if filters.address else "").as_data() if filters else {"refused": True}
    with unit_of_work() as session:
        service.record(
            session,
            action=action,
            object_type="audit",
            object_id=None,
            details={"filters": said, "rows": rows, "deeper": deeper},
            now=clock.now(),
        )


def _shown(entry: Entry, names: dict[UUID, str]) -> Shown:
    area = next((name for code, name in areas.AREAS.items() if entry.action.startswith(code)), "")
    return Shown(
        entry=entry,
        at=entry.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
        actor=_actor(entry, names),
        roles=_("、").join(ports.role_name(role) for role in entry.role.split(",") if role),
        area=_(area) if area else "",
        result=_(areas.RESULTS[entry.result]) if entry.result in areas.RESULTS else entry.result,
        tone="success" if entry.result == "ok" else "danger" if entry.result == "broken" else "warning",
        details=tuple((name, _said(value)) for name, value in sorted(entry.details.items())),
    )


def _actor(entry: Entry, names: dict[UUID, str]) -> str:
    """A name; who came from an address without signing in is nobody known, and what came from none was the platform's own work."""
    nobody: str = _("未知人员") if entry.actor_id else _("未登录的访问者") if entry.address else _("平台")
    return names.get(entry.actor_id, nobody) if entry.actor_id else nobody


def _said(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value, order="sorted").decode()


def _alarm(alarm: Alarm, names: dict[UUID, str]) -> dict[str, Any]:
    person = names.get(UUID(alarm.subject), _("未知人员")) if alarm.by == "actor" else alarm.subject
    where = {
        "address": {"address": alarm.subject},
        "actor": {"actor": alarm.subject},
        "object": {"object_id": alarm.subject},
    }
    return {
        "title": _(areas.ALARMS[alarm.kind]),
        "by": _(areas.COUNTED_BY[alarm.by]) if alarm.by else "",
        "subject": person,
        "count": alarm.count,
        "limit": alarm.limit,
        "at": alarm.last_at,
        "href": _link(where.get(alarm.by, {"action": "audit.verified"})),
    }


def _checked(state: ChainState) -> list[tuple[str, int]]:
    """How many rows of each part the last verification looked at."""
    counted = state.found.get("checked", {})
    return [(_(name), int(counted[part])) for part, name in areas.PARTS.items() if counted.get(part)]


def _cells(entry: Entry) -> list[str]:
    return list(_texts(entry))


def _texts(entry: Entry) -> Iterator[str]:
    yield entry.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    yield str(entry.actor_id or "")
    yield entry.role
    yield entry.action
    yield entry.object_type
    yield entry.object_id
    yield entry.result
    yield entry.address
    yield entry.request_id
    yield msgspec.json.encode(entry.details, order="sorted").decode()
    yield str(entry.seal_no or "")
    yield str(entry.id)
