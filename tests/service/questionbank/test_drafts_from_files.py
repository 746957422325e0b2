"""Items from files are drafts that only staff see: stored all or none, never drawn, never published."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.audit.models import AuditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import NotFound
from lms.questionbank import queries, service
from lms.questionbank.domain.exchange import Kind
from lms.questionbank.domain.formats.outcome import ReadItem
from lms.questionbank.models import ItemVersionRow
from tests.factories.content import publish
from tests.factories.people import NOW, Staff

BANK = "T1"
TEXT = """【单选】T1-001
题干：工会的性质是：
A. 群众组织
B. 行政机关
答案：A

【填空】T1-002
题干：工会会员____大会
答案：代表 | %50%代 | 3±0.5

【案例】T1-003
题干：某企业拒绝集体协商。

【子题·简答】
题干：工会怎么办？
答案：提出要约
"""


@pytest.fixture
def bank(clean: Flask) -> str:
    service.ensure_bank(BANK, "题库", now=NOW)
    return BANK


def read(text: str = TEXT) -> list[ReadItem]:
    reading_ = service.read_file(text.encode(), "题.txt")
    assert reading_.faults == ()
    return list(reading_.items)


def kept() -> list[Any]:
    with reading() as session:
        return [one.item for one in queries.on_their_way(session, BANK)]


def test_drafts_keep_everything_that_the_file_said(bank: str) -> None:
    items = read()
    assert service.store_drafts(bank, items, now=NOW).stored == 3
    assert kept() == [one.item for one in items]
    assert [item.kind for item in kept()] == [Kind.SINGLE, Kind.FILL_IN, Kind.CASE]


def test_the_same_file_again_changes_nothing(bank: str) -> None:
    items = read(TEXT.replace("T1-002", ""))  # an item without a code is known by its words
    service.store_drafts(bank, items, now=NOW)
    again = service.store_drafts(bank, items, now=NOW)
    assert (again.stored, again.unchanged) == (0, 3)
    assert len(kept()) == 3


def test_other_words_under_a_known_code_are_refused_and_nothing_is_stored(bank: str) -> None:
    service.store_drafts(bank, read()[:1], now=NOW)
    changed = read(TEXT.replace("群众组织", "群众性组织"))
    with pytest.raises(service.ItemsRefused) as refusal:
        service.store_drafts(bank, changed, now=NOW)
    assert [fault.where for fault in refusal.value.faults] == ["第 1 行"]
    assert len(kept()) == 1
    left_out = service.store_drafts(bank, changed, now=NOW, only_valid=True)
    assert (left_out.stored, len(left_out.left_out)) == (2, 1)
    assert service.store_drafts(bank, changed, now=NOW, replace=True).stored == 1
    assert {item.ref: item for item in kept()} == {one.item.ref: one.item for one in changed}


def test_a_bank_that_does_not_exist_takes_nothing(clean: Flask) -> None:
    with pytest.raises(NotFound):
        service.store_drafts("NO", read(), now=NOW)


def test_an_import_is_told_in_the_audit_record(bank: str) -> None:
    service.store_drafts(bank, read(), now=NOW)
    with reading() as session:
        entry = session.execute(
            select(AuditEntryRow.object_id, AuditEntryRow.details).where(AuditEntryRow.action == "items.imported")
        ).one()
    assert entry.object_id == bank
    assert entry.details == {"stored": 3, "unchanged": 0, "replaced": 0}


def test_what_the_bank_says_already_is_warned_of(bank: str) -> None:
    service.store_drafts(bank, read()[:1], now=NOW)
    other = [replace(one, item=replace(one.item, ref="T1-009")) for one in read()[:1]]
    assert service.store_drafts(bank, other, now=NOW).warnings[0].startswith("与题库中的 T1-001 近乎重复")


def test_exams_draw_published_items_of_lectures_and_never_an_imported_one(staff: Staff) -> None:
    version = publish(staff)
    with reading() as session:
        before = queries.drawable_items(session, [version.bank_code])
    service.store_drafts(version.bank_code, read(), now=NOW)
    with reading() as session:
        assert queries.drawable_items(session, [version.bank_code]) == before


@pytest.mark.parametrize("state", ["published", "withdrawn"])
def test_the_database_lets_no_imported_draft_become_anything_else(bank: str, state: str) -> None:
    service.store_drafts(bank, read(), now=NOW)
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(ItemVersionRow).where(ItemVersionRow.ref == "T1-001").values(state=state))


def test_the_database_publishes_no_type_that_exams_cannot_score(staff: Staff) -> None:
    version = publish(staff)
    with reading() as session:
        row = session.execute(select(ItemVersionRow.__table__).limit(1)).mappings().one()
    values = dict(row) | {"id": version.revision_id, "position": 999, "type": "fill_in", "state": "published"}
    values.pop("content")
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(insert(ItemVersionRow).values(values))


def test_a_published_bank_is_exported_with_its_drafts_and_read_back(staff: Staff) -> None:
    version = publish(staff)
    service.store_drafts(version.bank_code, read()[:1], now=NOW)
    with reading() as session:
        items = [one.item for one in queries.bank_items(session, version.bank_code, newest=100)]
    assert len(items) == 3
    for format in service.WRITTEN:
        reading_ = service.read_file(service.write_file(items, format), "x")
        assert (reading_.format, [one.item for one in reading_.items]) == (format, items)
