"""Published content changes by a new version that goes the whole way; the old one stays until it is replaced. Requirement 42."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lms.catalogue import queries, service
from lms.catalogue.models import LectureRow, LectureVersionRow
from lms.hours import queries as hours
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import NotFound
from lms.learning.models import LeaseRow
from lms.moderation import queries as moderation, service as reviewing
from lms.moderation.domain.workflow import Level, State
from lms.questionbank import queries as questionbank
from lms.questionbank.models import ItemVersionRow
from tests.factories.content import approval, approve, hand_in, make_draft, make_ready_asset, publish, send_back
from tests.factories.learning import open_lease
from tests.factories.people import NOW, Staff, make_person

LATER = NOW + timedelta(days=1)


def state_of(revision_id: UUID) -> State:
    with reading() as session:
        return moderation.revision(session, revision_id).state


def live(lecture_id: UUID) -> queries.PlayableLecture:
    with reading() as session:
        return queries.playable_lecture(session, lecture_id)


def lease_states() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(LeaseRow.state)))


def item_states(revision_id: UUID) -> set[str]:
    with reading() as session:
        return set(session.scalars(select(ItemVersionRow.state).where(ItemVersionRow.revision_id == revision_id)))


def changed(staff: Staff, old: queries.LectureVersion, *, asset_id: UUID | None = None) -> UUID:
    """A new version with another title and one item, handed in."""
    new_id = service.revise(old.revision_id, author=staff.uploader, now=LATER)
    draft = make_draft(asset_id or old.asset_id, course_id=old.course_id, title="修订后的标题", items=old.items[:1])
    service.edit_lecture(new_id, draft, author=staff.uploader, now=LATER)
    service.submit(new_id, author=staff.uploader, now=LATER)
    return new_id


def approve_twice(revision_id: UUID, staff: Staff) -> None:
    approve(revision_id, Level.PROVINCE, staff.province_reviewer, now=LATER)
    approve(revision_id, Level.NATIONAL, staff.national_reviewer, now=LATER)


def test_it_begins_as_a_draft_with_the_same_content_and_changes_nothing(staff: Staff) -> None:
    old = publish(staff)
    new_id = service.revise(old.revision_id, author=staff.uploader, now=LATER)
    with reading() as session:
        new = queries.lecture_version(session, new_id)
    assert (new.lecture_id, new.content_hash) == (old.lecture_id, old.content_hash)
    assert (state_of(new_id), state_of(old.revision_id)) == (State.DRAFT, State.PUBLISHED)
    assert live(old.lecture_id).revision_id == old.revision_id
    assert (item_states(old.revision_id), item_states(new_id)) == ({"published"}, {"draft"})


def test_learners_keep_the_old_version_until_both_levels_approved_the_new_one(staff: Staff) -> None:
    old = publish(staff)
    new_id = changed(staff, old)
    assert live(old.lecture_id).title == old.title
    approve(new_id, Level.PROVINCE, staff.province_reviewer, now=LATER)
    assert live(old.lecture_id).revision_id == old.revision_id
    assert item_states(old.revision_id) == {"published"}
    national = approval(new_id, Level.NATIONAL, credit_hours=250)
    service.decide(new_id, Level.NATIONAL, national, reviewer=staff.national_reviewer, now=LATER)
    assert (live(old.lecture_id).revision_id, live(old.lecture_id).title) == (new_id, "修订后的标题")
    assert (state_of(old.revision_id), state_of(new_id)) == (State.SUPERSEDED, State.PUBLISHED)
    assert (item_states(old.revision_id), item_states(new_id)) == ({"withdrawn"}, {"published"})
    with reading() as session:
        assert len(questionbank.drawable_items(session, [old.bank_code])) == 1
        rule = hours.newest_rule(session, old.course_id)
        (card,) = queries.course_cards(session, [old.course_id])
    assert rule and rule.rule.version == 2
    assert (len(card.lectures), card.suspended, card.credit_hours) == (1, 0, 250)
    assert card.title == old.course_title, "learners know the course by this name"


def test_what_plays_goes_on_when_the_video_stays(staff: Staff) -> None:
    old = publish(staff)
    open_lease(old.lecture_id, staff.learner.person_id, now=LATER)
    approve_twice(changed(staff, old), staff)
    assert lease_states() == ["active"]
    assert live(old.lecture_id).asset_id == old.asset_id


def test_another_video_ends_what_plays(staff: Staff) -> None:
    old = publish(staff)
    open_lease(old.lecture_id, staff.learner.person_id, now=LATER)
    approve_twice(changed(staff, old, asset_id=make_ready_asset(staff.uploader)), staff)
    assert lease_states() == ["revoked"]
    assert live(old.lecture_id).asset_id != old.asset_id


def test_a_suspended_lecture_comes_back_by_its_mended_version(staff: Staff) -> None:
    old = publish(staff)
    service.suspend(old.revision_id, actor=staff.national_reviewer, reason="引文有误", now=LATER)
    new_id = changed(staff, old)
    approve_twice(new_id, staff)
    assert live(old.lecture_id).revision_id == new_id
    assert (state_of(old.revision_id), item_states(old.revision_id)) == (State.SUPERSEDED, {"withdrawn"})


def test_one_new_version_is_on_its_way_at_a_time(staff: Staff) -> None:
    old = publish(staff)
    first = changed(staff, old)
    assert service.revise(old.revision_id, author=staff.uploader, now=LATER) == first
    send_back(first, Level.PROVINCE, staff.province_reviewer, "请核对", now=LATER)
    assert service.revise(old.revision_id, author=staff.uploader, now=LATER) == first
    reviewing.retract(first, author_id=staff.uploader.person_id, now=LATER)
    assert live(old.lecture_id).revision_id == old.revision_id
    assert service.revise(old.revision_id, author=staff.uploader, now=LATER) != first


def test_who_and_what_is_refused(staff: Staff) -> None:
    old = publish(staff)
    colleague = make_person(staff.land.unit, "同事", grants={"uploader": staff.land.unit})
    with pytest.raises(NotFound):
        service.revise(old.revision_id, author=colleague, now=LATER)
    with pytest.raises(NotFound):
        service.revise(old.revision_id, author=staff.learner, now=LATER)
    with pytest.raises(service.NotPublished):
        service.revise(hand_in(staff.uploader), author=staff.uploader, now=LATER)


def test_the_database_lets_no_new_version_live_or_change_behind_the_review(staff: Staff) -> None:
    old = publish(staff)
    new_id = changed(staff, old)
    approve(new_id, Level.PROVINCE, staff.province_reviewer, now=LATER)
    for statement in (
        update(LectureRow).where(LectureRow.id == old.lecture_id).values(live_revision_id=new_id),
        update(LectureVersionRow).where(LectureVersionRow.revision_id == old.revision_id).values(title="x"),
        update(LectureVersionRow).where(LectureVersionRow.revision_id == new_id).values(title="x"),
        update(ItemVersionRow).where(ItemVersionRow.revision_id == old.revision_id).values(stem="x"),
    ):
        with pytest.raises(IntegrityError), unit_of_work() as session:
            session.execute(statement)
    assert live(old.lecture_id).revision_id == old.revision_id
