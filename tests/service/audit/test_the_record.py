"""The audit record only grows, and each entry carries a keyed hash over what it says."""

from datetime import datetime
from uuid import UUID

import pytest
import structlog
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from lms.audit import service
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids

NOW = datetime.fromisoformat("2026-03-01T08:00:00.123+00:00")


@pytest.fixture
def entry(clean: Flask) -> AuditEntryRow:
    with unit_of_work() as session:
        service.record(
            session,
            action="class.opened",
            object_type="class",
            object_id=UUID(int=7),
            actor_id=UUID(int=8),
            details={"原因": "开班", "n": [1, None, True]},
            now=NOW,
        )
    with reading() as session:
        return session.execute(select(AuditEntryRow)).scalar_one()


def columns(entry: AuditEntryRow) -> dict[str, object]:
    return {column.name: getattr(entry, column.name) for column in AuditEntryRow.__table__.columns}


def test_an_entry_says_who_did_what_to_what_and_when(entry: AuditEntryRow) -> None:
    assert (entry.action, entry.object_type, entry.object_id) == ("class.opened", "class", str(UUID(int=7)))
    assert (entry.actor_id, entry.result, entry.at) == (UUID(int=8), "ok", NOW)
    assert entry.details == {"原因": "开班", "n": [1, None, True]}


def test_the_hash_can_be_checked_from_what_the_database_gives_back(entry: AuditEntryRow) -> None:
    assert service.entry_mac(columns(entry)) == entry.mac


@pytest.mark.parametrize(
    "changed",
    [
        {"action": "class.closed"},
        {"actor_id": UUID(int=9)},
        {"object_id": "x"},
        {"result": "refused"},
        {"address": "6.6.6.6"},
        {"details": {}},
        {"at": NOW.replace(microsecond=124_000)},
        {"id": ids.new_id(NOW)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_changed_column_does_not_fit_the_hash(entry: AuditEntryRow, changed: dict[str, object]) -> None:
    assert service.entry_mac(columns(entry) | changed) != entry.mac


@pytest.mark.parametrize(
    "statement", [update(AuditEntryRow).values(action="x"), delete(AuditEntryRow)], ids=["update", "delete"]
)
def test_no_entry_is_changed_or_deleted(entry: AuditEntryRow, statement: object) -> None:
    with pytest.raises(DBAPIError, match="append-only"), unit_of_work() as session:
        session.execute(statement)  # type: ignore[call-overload]  # an UPDATE or a DELETE
    with pytest.raises(DBAPIError, match="append-only"), unit_of_work() as session:
        session.execute(text("UPDATE audit_entry SET mac = 'x'"))
    with reading() as session:
        assert session.execute(select(AuditEntryRow.action)).scalar_one() == "class.opened"


def test_an_act_that_is_rolled_back_leaves_no_entry(clean: Flask) -> None:
    with pytest.raises(RuntimeError), unit_of_work() as session:
        service.record(session, action="x", object_type="x", object_id=None, now=NOW)
        raise RuntimeError
    with reading() as session:
        assert session.execute(select(AuditEntryRow.id)).first() is None


def test_address_request_and_person_come_from_the_request(clean: Flask) -> None:
    person_id = ids.new_id(NOW)
    bound = {"address": "1.2.3.4", "request_id": "abcd", "person_id": person_id}
    with structlog.contextvars.bound_contextvars(**bound), unit_of_work() as session:
        service.record(session, action="x", object_type="x", object_id="y" * 20, now=NOW)
    with reading() as session:
        stored = session.execute(select(AuditEntryRow)).scalar_one()
    assert (stored.address, stored.request_id, stored.actor_id) == ("1.2.3.4", "abcd", person_id)
    assert service.entry_mac(columns(stored)) == stored.mac
