"""T12 in its full number: 1,000 acts of tampering are all reported, and 1,000,000 rows are walked within 60 seconds."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import insert, update

from lms.audit import service
from lms.audit.models import AuditEntryRow
from lms.audit.service import marks
from lms.hours.models import CreditEntryRow
from lms.kernel import ids
from tests.service.audit.tampering import AUDIT, MARKS, without_triggers
from tests.service.audit.test_verifying import hunt
from tests.service.audit.world import NOW, VERIFY_AT, make_world, seal_in_batches

ACTS = 1_000
ENTRIES, CREDITS = 600_000, 200_000  # each credit has a mark, which is a row as well
SECONDS = 60
SEED = 20261122


@pytest.mark.hard
def test_a_thousand_acts_are_all_reported(clean: Flask, tmp_path: Path) -> None:
    log = tmp_path / "seals.log"
    make_world()
    seal_in_batches(log, batches=5)
    hunt(log, ACTS, SEED)


def entries() -> Iterator[dict[str, Any]]:
    for number in range(ENTRIES):
        at = NOW + timedelta(milliseconds=number)
        values: dict[str, Any] = {
            "id": ids.new_id(at),
            "at": at,
            "actor_id": ids.new_id(at),
            "role": "class_manager,unit_admin" if number % 3 else "",
            "action": "enrolment.approved",
            "object_type": "enrolment",
            "object_id": str(ids.new_id(at)),
            "result": "ok",
            "address": "203.0.113.7",
            "request_id": "0123456789abcdef",
            "details": {"class": str(ids.new_id(at)), "old": "pending", "new": "approved"},
        }
        yield values | {"mac": service.entry_mac(values)}


def credits() -> Iterator[dict[str, Any]]:
    for number in range(CREDITS):
        at = NOW + timedelta(milliseconds=number)
        yield {
            "id": ids.new_id(at),
            "person_id": ids.new_id(at),
            "ledger": "self_study",
            "source": "course",
            "source_id": UUID(int=7),
            "title": "劳动关系与工会工作实务",
            "hours": 400,
            "rule_id": UUID(int=8),
            "earned_at": at,
            "count_year": 2026,
            "round": 0,
            "enrolment_id": None,
            "unit_id": UUID(int=9),
            "unit_path": "/3e80b7d86b/e302e3308f/fd8a0111e8/",
            "reversal_of": None,
            "reason": "",
            "actor_id": None,
        }


@pytest.mark.hard
def test_a_million_rows_are_walked_within_a_minute(clean: Flask, tmp_path: Path) -> None:
    log = tmp_path / "seals.log"
    source = next(one for one in service.sources() if one.name == "credit_entry")
    with without_triggers() as connection:
        for some in batched_rows(entries()):
            connection.execute(insert(AUDIT), some)
        for some in batched_rows(credits()):
            connection.execute(insert(CreditEntryRow.__table__), some)
            connection.execute(insert(MARKS), [marks.mark_of(source, values) for values in some])
    while service.seal_all(log, now=NOW):
        pass
    report = service.verify(log, now=VERIFY_AT)
    print(f"1,000,000 rows in {report.seconds:.1f} s, {report.last_seal} seals")
    assert report.ok
    assert report.checked["audit"] + 2 * report.checked["hours"] == ENTRIES + 2 * CREDITS
    assert report.seconds <= SECONDS
    with without_triggers() as connection:
        last = connection.execute(AUDIT.select().order_by(AUDIT.c.id.desc()).limit(1)).one()
        connection.execute(update(AuditEntryRow).where(AuditEntryRow.id == last.id).values(result="refused"))
    assert service.verify(log, now=VERIFY_AT).findings[0].row == str(last.id)


def batched_rows(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while some := list(islice(rows, 5_000)):
        yield some
