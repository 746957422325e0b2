"""Items come and go with the revision that handed them in; only published ones are drawn. Requirement 29."""

import pytest

from lms.catalogue import queries as catalogue, service as authoring
from lms.infra.db import reading
from lms.kernel.errors import Invalid
from lms.questionbank import queries, service
from lms.questionbank.domain.items import Item
from tests.factories.content import ITEMS, make_draft, make_lecture, publish
from tests.factories.people import NOW, Staff


def test_stored_items_come_back_as_they_were_read(staff: Staff) -> None:
    revision_id = make_lecture(staff.uploader)
    with reading() as session:
        stored = queries.items_of_revision(session, revision_id).exam
    assert stored == service.read_items(ITEMS)


def test_a_text_with_mistakes_is_refused_naming_line_and_field() -> None:
    with pytest.raises(Invalid) as refusal:
        service.read_items(ITEMS.replace("答案：A", "答案：C"))
    assert refusal.value.fields["items"].startswith("第 5 行，答案")


def test_only_items_of_published_lectures_are_drawn(staff: Staff) -> None:
    draft_id = make_lecture(staff.uploader)
    version = publish(staff)
    with reading() as session:
        draft = catalogue.lecture_version(session, draft_id)
        pool = queries.drawable_items(session, [draft.bank_code, version.bank_code])
        found = queries.item_versions(session, [item.version_id for item in pool])
    assert {item.bank for item in pool} == {version.bank_code}
    assert sorted(item.type for item in pool) == ["single", "true_false"]
    assert {one.answer for one in found.values()} == {("A",), ("T",)}


def test_a_suspended_lectures_items_are_drawn_no_more_and_papers_still_read_them(staff: Staff) -> None:
    version = publish(staff)
    with reading() as session:
        pool = queries.drawable_items(session, [version.bank_code])
    authoring.suspend(version.revision_id, actor=staff.national_reviewer, reason="有误", now=NOW)
    with reading() as session:
        assert queries.drawable_items(session, [version.bank_code]) == ()
        assert len(queries.item_versions(session, [item.version_id for item in pool])) == 2


def test_replacing_a_drafts_items_leaves_none_of_the_old(staff: Staff) -> None:
    revision_id = make_lecture(staff.uploader)
    with reading() as session:
        asset_id = catalogue.lecture_version(session, revision_id).asset_id
    kept: tuple[Item, ...] = service.read_items(ITEMS)[1:]
    authoring.edit_lecture(revision_id, make_draft(asset_id, items=kept), author=staff.uploader, now=NOW)
    with reading() as session:
        assert queries.items_of_revision(session, revision_id).exam == kept
