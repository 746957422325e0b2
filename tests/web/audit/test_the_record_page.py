"""Audit administrators read the record by filter, page and export; others are refused, and every reading is recorded."""

import csv
import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from lms.access.domain import roles
from lms.audit import queries, service
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import clock
from tests.factories.people import Land, make_land, make_person, post, signed_in
from tests.web.conftest import Statements

ADDRESS = "/staff/audit"


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def auditor(clean: Flask, land: Land) -> FlaskClient:
    return signed_in(clean, make_person(land.national, "审计员", grants={roles.AUDIT_ADMIN: land.national}))


def acts(count: int, action: str = "class.opened", **changes: object) -> None:
    now = clock.now()
    for number in range(count):
        structlog.contextvars.bind_contextvars(request_id=uuid4().hex)  # each by a request of its own
        with unit_of_work() as session:
            values = {"object_type": "class", "object_id": None, "details": {"n": f"<b>第{number}次"}} | changes
            service.record(session, action=action, now=now - timedelta(seconds=count - number), **values)  # type: ignore[arg-type]  # keywords of one call


def noted(action: str) -> list[AuditEntryRow]:
    with reading() as session:
        found = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == action).order_by(AuditEntryRow.id))
        rows = list(found.scalars())
        session.expunge_all()
        return rows


@pytest.mark.parametrize("role", [roles.UNIT_ADMIN, roles.SYSTEM_ADMIN, roles.SECURITY_ADMIN])
def test_only_audit_administrators_come_in(clean: Flask, land: Land, role: str) -> None:
    client = signed_in(clean, make_person(land.national, "别的管理员", grants={role: land.national}))
    assert client.get(ADDRESS).status_code == 403
    assert post(client, f"{ADDRESS}/export").status_code == 403
    assert not noted("audit.read")


def test_entries_are_shown_escaped_and_the_reading_is_recorded(auditor: FlaskClient) -> None:
    acts(1)
    page = auditor.get(ADDRESS)
    assert page.status_code == 200
    assert "&lt;b&gt;第0次" in page.text and "class.opened" in page.text
    (told,) = noted("audit.read")
    assert told.role == "audit_admin"
    assert told.details["filters"] == {}
    auditor.get(f"{ADDRESS}?action=class.opened&address=6.6.6.6")
    assert noted("audit.read")[-1].details["filters"] == {"action": "class.opened", "address": "set"}
    assert "审计员" in auditor.get(ADDRESS).text, "the reader is in the record they read"


def test_pages_follow_each_other_without_a_gap(auditor: FlaskClient) -> None:
    acts(60, action="class.opened")
    acts(60, action="class.phase")
    seen: list[str] = []
    with reading() as session:
        before = None
        while True:
            page = queries.page(session, queries.Filters(action="class."), before=before)
            seen += [one.details["n"] for one in page.entries]
            before = page.following
            if before is None:
                break
    assert sorted(seen) == sorted(2 * [f"<b>第{number}次" for number in range(60)])
    first = auditor.get(f"{ADDRESS}?area=class.").text
    assert "更早的记录" in first and "回到最新" not in first


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=session.refused", 3),
        ("area=session.", 4),
        ("area=session.&not_ok=y", 3),
        ("address=6.6.6.6", 1),
        ("object_id=00000000-0000-0000-0000-000000000007", 2),
        ("since=2026-01-01&until=2099-12-31&area=session.", 4),
        ("until=2026-01-01&area=session.", 0),
        ("request_id=0123456789abcdef", 0),
        ("actor=00000000-0000-0000-0000-000000000009", 0),
    ],
)
def test_filters(auditor: FlaskClient, query: str, found: int) -> None:
    acts(1, action="session.opened", object_id="00000000-0000-0000-0000-000000000007")
    acts(1, action="session.refused", object_id="00000000-0000-0000-0000-000000000007", result="refused")
    acts(1, action="session.refused", result="refused")
    with structlog.contextvars.bound_contextvars(address="6.6.6.6"):
        acts(1, action="session.refused", result="refused")
    page = auditor.get(f"{ADDRESS}?{query}").text
    assert page.count('class="audit-details"') == found


@pytest.mark.parametrize(
    "query",
    [
        "since=gestern",
        "since=0001-01-01",
        "until=9999-12-31",
        "actor=1",
        "area=x",
        "address=<b>",
        "request_id=%27",
        "action=%00",
    ],
)
def test_what_is_no_filter_is_told_and_never_a_fault(auditor: FlaskClient, query: str) -> None:
    assert auditor.get(f"{ADDRESS}?{query}").status_code == 422


def test_browsers_stop_what_is_no_filter_before_it_stands_in_an_address(auditor: FlaskClient) -> None:
    page = auditor.get(ADDRESS).text
    fields = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* pattern="([^"]+)"', page))
    fields |= {name: pattern for pattern, name in re.findall(r'<input[^>]* pattern="([^"]+)"[^>]* name="(\w+)"', page)}
    assert set(fields) == {"action", "actor", "object_id", "request_id", "address"}
    for number in ("33010619900307123X", "330106199003071234", "13800138000"):
        assert not any(re.fullmatch(pattern, number) for pattern in fields.values())
    for address in ("10.1.2.3", "::1", "2001:db8::8a2e:370:7334"):
        assert re.fullmatch(fields["address"], address)


def test_a_page_key_that_is_none_is_not_found(auditor: FlaskClient) -> None:
    assert auditor.get(f"{ADDRESS}?before=x").status_code == 404


def test_the_number_of_statements_does_not_grow_with_the_list(auditor: FlaskClient, statements: Statements) -> None:
    counts = []
    for more in (1, 60):
        acts(more)
        with statements() as seen:
            auditor.get(f"{ADDRESS}?area=class.")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_an_export_holds_what_the_filters_let_through_and_is_recorded(auditor: FlaskClient) -> None:
    acts(3, details={"x": "=1+1"}, object_id="=cmd|' /C calc'!A0")
    acts(1, action="unit.renamed")
    answer = post(auditor, f"{ADDRESS}/export", {"area": "class.", "format": "csv"})
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 4 and rows[0][0] == "时间"
    assert rows[1][5].startswith("'=")
    answer = post(auditor, f"{ADDRESS}/export", {"area": "class.", "format": "xlsx"})
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert sheet.max_row == 4
    assert all(cell.data_type in {"s", "inlineStr", "n"} and cell.data_type != "f" for row in sheet for cell in row)
    told = noted("audit.exported")
    assert [one.details["rows"] for one in told] == [3, 3]
    assert post(auditor, f"{ADDRESS}/export", {"format": "exe"}).status_code == 404


def test_alarms_stand_on_top(auditor: FlaskClient, land: Land) -> None:
    assert "告警" not in auditor.get(ADDRESS).text
    person = make_person(land.unit, "查看太多的人")
    acts(30, action="person.id_number.revealed", actor_id=person.person_id)
    acts(20, action="session.refused", object_id="00000000-0000-0000-0000-000000000007", result="refused")
    now = clock.now()
    with unit_of_work() as session:
        details = {"counts": {"altered": 2}, "checked": {"audit": 5}, "first": None, "last_seal": 1}
        service.record(
            session,
            action="audit.verified",
            object_type="audit",
            object_id=None,
            result="broken",
            details=details,
            now=now,
        )
    page = auditor.get(ADDRESS).text
    for text in ("查看完整个人信息过多", "查看太多的人", "登录被拒绝过多", "完整性校验发现问题"):
        assert text in page
    assert "告警" not in auditor.get(f"{ADDRESS}?before=ffffffff-ffff-7fff-bfff-ffffffffffff").text
