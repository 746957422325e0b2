"""What reviewers approve is a content hash: a decision on anything else is refused, however the clicks fall. Test T11."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from lms.catalogue import queries as catalogue, service as authoring
from lms.catalogue.models import LectureVersionRow, TeacherRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import DomainError, NotFound
from lms.kernel.principal import Principal
from lms.moderation import queries, service
from lms.moderation.domain.workflow import Level, State, TransitionRefused
from lms.moderation.models import ReviewRow
from lms.moderation.service import ContentChanged
from tests.factories.content import approval, approve, hand_in, make_draft
from tests.factories.people import NOW, Staff
from tests.factories.together import at_once


def test_a_page_opened_before_the_author_changed_something_decides_nothing(staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    opened_earlier = approval(revision_id, Level.PROVINCE)
    authoring.decide(
        revision_id,
        Level.PROVINCE,
        approval(revision_id, Level.PROVINCE, decision="return", comment="标题不准确"),
        reviewer=staff.province_reviewer,
        now=NOW,
    )
    with reading() as session:
        asset_id = catalogue.lecture_version(session, revision_id).asset_id
    authoring.edit_lecture(revision_id, make_draft(asset_id, title="新标题"), author=staff.uploader, now=NOW)
    authoring.submit(revision_id, author=staff.uploader, now=NOW)
    with pytest.raises(ContentChanged):
        authoring.decide(revision_id, Level.PROVINCE, opened_earlier, reviewer=staff.province_reviewer, now=NOW)
    with reading() as session:
        assert queries.revision(session, revision_id).state is State.PROVINCE_REVIEW


def test_the_database_itself_keeps_content_that_left_the_draft(staff: Staff) -> None:
    hand_in(staff.uploader)
    with pytest.raises(IntegrityError, match="content changes only in a draft"), unit_of_work() as session:
        session.execute(update(LectureVersionRow).values(outline="<p>换掉了</p>"))


def test_what_changed_around_the_version_is_not_published_either(staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    approved_hash = approval(revision_id, Level.NATIONAL)
    with unit_of_work() as session:
        session.execute(update(TeacherRow).values(name="另一位教师"))
    with pytest.raises(authoring.HashMismatch):
        authoring.decide(revision_id, Level.NATIONAL, approved_hash, reviewer=staff.national_reviewer, now=NOW)
    with reading() as session:
        revision = queries.revision(session, revision_id)
        assert revision.state is State.NATIONAL_REVIEW
        with pytest.raises(NotFound):
            catalogue.playable_lecture(session, revision.subject_id)


def test_an_author_cannot_edit_what_is_under_review(staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    with reading() as session:
        asset_id = catalogue.lecture_version(session, revision_id).asset_id
    with pytest.raises(TransitionRefused):
        authoring.edit_lecture(revision_id, make_draft(asset_id), author=staff.uploader, now=NOW)


def test_both_click_approve_twenty_times_and_one_of_them_publishes(staff: Staff) -> None:
    for turn in range(20):
        moment = NOW + timedelta(minutes=turn)
        revision_id = hand_in(staff.uploader, now=moment)
        approve(revision_id, Level.PROVINCE, staff.province_reviewer, now=moment)

        def click(reviewer: Principal, revision_id: UUID = revision_id) -> State:
            return approve(revision_id, Level.NATIONAL, reviewer)

        results = at_once(
            lambda click=click: click(staff.national_reviewer),
            lambda click=click: click(staff.second_national_reviewer),
        )
        assert sorted(type(one).__name__ for one in results) == ["State", "TransitionRefused"], results
        with reading() as session:
            assert queries.revision(session, revision_id).state is State.PUBLISHED
            assert len(queries.reviews(session, revision_id)) == 2
    with reading() as session:
        assert session.execute(select(func.count()).select_from(ReviewRow)).scalar_one() == 40


def test_approving_and_retracting_at_once_leave_one_winner(staff: Staff) -> None:
    for turn in range(10):
        moment = NOW + timedelta(minutes=turn)
        revision_id = hand_in(staff.uploader, now=moment)
        approve(revision_id, Level.PROVINCE, staff.province_reviewer, now=moment)
        results = at_once(
            lambda revision_id=revision_id: approve(revision_id, Level.NATIONAL, staff.national_reviewer),
            lambda revision_id=revision_id: service.retract(revision_id, author_id=staff.uploader.person_id, now=NOW),
        )
        with reading() as session:
            revision = queries.revision(session, revision_id)
            if revision.state is State.PUBLISHED:
                assert isinstance(results[1], TransitionRefused)
                assert catalogue.playable_lecture(session, revision.subject_id)
            else:
                assert revision.state is State.RETRACTED
                assert isinstance(results[0], DomainError)
                with pytest.raises(NotFound):
                    catalogue.playable_lecture(session, revision.subject_id)
