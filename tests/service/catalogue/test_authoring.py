"""An author's drafts: only own courses and own files, nothing handed in without items or with a refused video."""

import pytest

from lms.catalogue import queries, service
from lms.infra.db import reading
from lms.kernel.errors import Forbidden, Invalid, NotFound
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import State
from lms.video import service as video
from tests.factories.content import CAPTIONS, hand_in, make_draft, make_lecture, make_ready_asset
from tests.factories.people import NOW, Staff, make_person


def test_a_new_lecture_begins_a_course_with_a_bank_of_its_own(staff: Staff) -> None:
    first, second = make_lecture(staff.uploader), make_lecture(staff.uploader, title="另一门")
    with reading() as session:
        one, other = queries.lecture_version(session, first), queries.lecture_version(session, second)
        mine = queries.courses_of_author(session, staff.uploader.person_id)
    assert one.course_id != other.course_id
    assert one.bank_code != other.bank_code
    assert (other.course_id, "另一门") in mine
    assert len(one.items) == 2


def test_who_may_not_author_here_cannot_begin(staff: Staff) -> None:
    for nobody in (staff.learner, staff.province_reviewer):
        with pytest.raises(Forbidden):
            make_lecture(nobody)


def test_anothers_course_video_or_captions_do_not_exist(staff: Staff) -> None:
    colleague = make_person(staff.land.unit, "同事", grants={"uploader": staff.land.unit})
    theirs = make_lecture(colleague)
    with reading() as session:
        version = queries.lecture_version(session, theirs)
    with pytest.raises(NotFound):
        make_lecture(staff.uploader, course_id=version.course_id)
    with pytest.raises(NotFound):
        make_lecture(staff.uploader, asset_id=version.asset_id)
    caption_id = video.take_captions(version.asset_id, CAPTIONS.encode(), now=NOW)
    with pytest.raises(NotFound):
        make_lecture(staff.uploader, caption_id=caption_id)
    with pytest.raises(NotFound):
        service.edit_lecture(theirs, make_draft(version.asset_id), author=staff.uploader, now=NOW)
    with pytest.raises(NotFound):
        service.submit(theirs, author=staff.uploader, now=NOW)


def test_editing_a_draft_replaces_everything(staff: Staff) -> None:
    revision_id = make_lecture(staff.uploader)
    asset_id = make_ready_asset(staff.uploader)
    caption_id = video.take_captions(asset_id, CAPTIONS.encode(), now=NOW)
    draft = make_draft(
        asset_id, title="改名", teacher_name="许晓军", caption_id=caption_id, items=make_draft(asset_id).items[:1]
    )
    service.edit_lecture(revision_id, draft, author=staff.uploader, now=NOW)
    with reading() as session:
        version = queries.lecture_version(session, revision_id)
        assert moderation.revision(session, revision_id).title == "改名"
    assert (version.title, version.course_title, version.teacher.name) == ("改名", "改名", "许晓军")
    assert (version.asset_id, version.caption_id, len(version.items)) == (asset_id, caption_id, 1)
    assert len(version.captions_sha256) == 64


def test_handing_in_needs_at_least_one_item(staff: Staff) -> None:
    revision_id = make_lecture(staff.uploader, items=())
    with pytest.raises(Invalid) as refusal:
        service.submit(revision_id, author=staff.uploader, now=NOW)
    assert "items" in refusal.value.fields


def test_handing_in_with_a_ready_video_goes_straight_to_the_province(staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    with reading() as session:
        assert moderation.revision(session, revision_id).state is State.PROVINCE_REVIEW
