"""What a lecture's draft says stays with its author: its bank tells other authors neither its name nor its items."""

from uuid import UUID

import pytest

from lms.catalogue import queries as catalogue, service
from lms.infra import schema
from lms.infra.db import reading
from lms.kernel.errors import Invalid
from lms.moderation.domain.workflow import Level
from lms.questionbank import queries, service as questionbank
from lms.questionbank.service import read_items
from tests.factories.content import (
    ITEMS,
    PRACTICE_ITEMS,
    approve,
    hand_in,
    make_draft,
    make_lecture,
    make_ready_asset,
    publish,
)
from tests.factories.items import typed_item
from tests.factories.people import NOW, Staff

POINT = "试用期的上限"
PRACTICE = read_items(PRACTICE_ITEMS)


def bank_of(revision_id: UUID) -> str:
    with reading() as session:
        return catalogue.lecture_version(session, revision_id).bank_code


def titles(staff: Staff) -> dict[str, str]:
    with reading() as session:
        return {one.code: one.title for one in queries.banks(session, [staff.land.national.path], limit=50)}


def points(bank: str) -> set[str]:
    with reading() as session:
        return {one.path for one in queries.knowledge_points(session, bank)}


def test_the_banks_of_a_course_are_named_when_it_is_published(staff: Staff) -> None:
    revision_id = hand_in(staff.uploader, practice_items=PRACTICE)
    assert len(titles(staff)) == 2 and all(code == title for code, title in titles(staff).items())
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    approve(revision_id, Level.NATIONAL, staff.national_reviewer)
    assert set(titles(staff).values()) == {"试用期与劳动合同"}


def test_a_course_that_is_called_otherwise_before_it_is_published_gives_its_last_name(staff: Staff) -> None:
    revision_id = make_lecture(staff.uploader, title="暂定名")
    with reading() as session:
        asset_id = catalogue.lecture_version(session, revision_id).asset_id
    service.edit_lecture(revision_id, make_draft(asset_id, title="定名"), author=staff.uploader, now=NOW)
    service.submit(revision_id, author=staff.uploader, now=NOW)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    approve(revision_id, Level.NATIONAL, staff.national_reviewer)
    assert set(titles(staff).values()) == {"定名"}


def test_a_named_bank_keeps_its_name(staff: Staff) -> None:
    questionbank.ensure_bank("B-NAMED", "劳动关系题库", unit_id=staff.land.unit.id, now=NOW)
    asset_id = make_ready_asset(staff.uploader)
    revision_id = service.create_lecture(
        make_draft(asset_id), author=staff.uploader, demo=False, bank_code="B-NAMED", now=NOW
    )
    service.submit(revision_id, author=staff.uploader, now=NOW)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    approve(revision_id, Level.NATIONAL, staff.national_reviewer)
    assert titles(staff) == {"B-NAMED": "劳动关系题库"}


def test_points_codes_and_likeness_of_a_draft_are_not_told(staff: Staff) -> None:
    bank = bank_of(make_lecture(staff.uploader))
    questionbank.compare_some()
    item = typed_item("按照劳动合同法，下列哪一项**不**是两年期劳动合同试用期的上限？", ref="C4-001")
    assert not points(bank)
    with reading() as session:
        assert not questionbank.alike_to(session, bank, item)
    assert questionbank.create(bank, item, author_id=staff.uploader.person_id, now=NOW)


def test_they_are_told_of_what_is_published(staff: Staff) -> None:
    bank = publish(staff).bank_code
    questionbank.compare_some()
    (published,) = (one for one in read_items(ITEMS) if one.ref == "C4-001")
    item = typed_item(
        published.stem, options=tuple((one.text, one.key in published.answer) for one in published.options), ref="X-1"
    )
    assert POINT in points(bank)
    with reading() as session:
        assert [one.ref for one in questionbank.alike_to(session, bank, item)] == ["C4-001"]
    with pytest.raises(Invalid):
        questionbank.create(bank, typed_item("别的题干", ref="C4-001"), author_id=staff.uploader.person_id, now=NOW)


def test_banks_of_before_lose_the_names_of_drafts_only(staff: Staff) -> None:
    draft, published = bank_of(make_lecture(staff.uploader)), publish(staff).bank_code
    questionbank.ensure_bank("B-OWN", "自建题库", unit_id=staff.land.unit.id, now=NOW)
    schema.downgrade("0039")
    try:
        assert titles(staff)[draft] == "试用期与劳动合同", "as it was stored in those days"
    finally:
        schema.upgrade()
    assert titles(staff) == {draft: draft, published: "试用期与劳动合同", "B-OWN": "自建题库"}
