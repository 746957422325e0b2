"""Learners reach a lecture after the second approval and not a moment earlier; a stop takes it away at once. I1, requirement 37."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from lms.catalogue import queries, service
from lms.infra.db import reading
from lms.kernel.errors import Invalid, NotFound
from lms.learning.models import LeaseRow
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import Level, State, TransitionRefused
from lms.questionbank import queries as questionbank
from tests.factories.content import approve, hand_in, make_lecture, publish, send_back
from tests.factories.learning import open_lease
from tests.factories.people import NOW, Staff

LATER = NOW + timedelta(hours=1)


def reachable(revision_id: UUID) -> bool:
    """Whether any query for learners knows the lecture; they must agree."""
    with reading() as session:
        version = queries.lecture_version(session, revision_id)
        try:
            lecture = queries.playable_lecture(session, version.lecture_id)
        except NotFound:
            lecture = None
        answers = {
            "playable": lecture is not None,
            "cards": any(card.lectures for card in queries.course_cards(session, [version.course_id])),
            "listed": version.course_id in queries.published_course_ids(session),
            "live": queries.live_asset(session, version.lecture_id) == version.asset_id,
            "items": bool(questionbank.drawable_items(session, [version.bank_code])),
        }
    assert len(set(answers.values())) == 1, answers
    return answers["playable"]


def test_nothing_is_reachable_before_the_second_approval(staff: Staff) -> None:
    draft = make_lecture(staff.uploader)
    assert not reachable(draft)
    revision_id = hand_in(staff.uploader)
    assert not reachable(revision_id)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    assert not reachable(revision_id)
    approve(revision_id, Level.NATIONAL, staff.national_reviewer)
    assert reachable(revision_id)
    assert not reachable(draft)


def test_a_returned_lecture_stays_out_of_reach(staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    send_back(revision_id, Level.NATIONAL, staff.national_reviewer, "请核对引文")
    assert not reachable(revision_id)


def test_a_published_course_shows_teacher_hours_and_length(staff: Staff) -> None:
    version = publish(staff)
    with reading() as session:
        (card,) = queries.course_cards(session, [version.course_id])
    assert (card.title, card.teacher.name, card.credit_hours) == ("试用期与劳动合同", "姜颖", 400)
    assert card.duration_ms == 90_000


def test_a_second_lecture_of_a_course_adds_its_hours_in_order(staff: Staff) -> None:
    first = publish(staff)
    second = publish(staff, now=LATER, title="第二讲", course_id=first.course_id)
    with reading() as session:
        (card,) = queries.course_cards(session, [first.course_id])
    assert [lecture.id for lecture in card.lectures] == [first.lecture_id, second.lecture_id]
    assert card.credit_hours == 800
    assert card.title == first.course_title


def test_suspending_takes_it_away_at_once_and_ends_what_plays(staff: Staff) -> None:
    version = publish(staff)
    opened = open_lease(version.lecture_id, staff.learner.person_id, now=LATER)
    service.suspend(version.revision_id, actor=staff.national_reviewer, reason="引文有误", now=LATER)
    assert not reachable(version.revision_id)
    with reading() as session:
        state = session.execute(select(LeaseRow.state).where(LeaseRow.id == opened.lease_id)).scalar_one()
    assert state == "revoked"
    with pytest.raises(NotFound):
        open_lease(version.lecture_id, staff.learner.person_id, now=LATER)
    service.resume(version.revision_id, actor=staff.national_reviewer, reason="已核实", now=LATER)
    assert reachable(version.revision_id)


def test_stopping_needs_a_reason_a_scope_and_something_published(staff: Staff) -> None:
    version = publish(staff)
    with pytest.raises(Invalid):
        service.suspend(version.revision_id, actor=staff.national_reviewer, reason="  ", now=LATER)
    for nobody in (staff.uploader, staff.learner, staff.province_reviewer):
        with pytest.raises(NotFound):
            service.suspend(version.revision_id, actor=nobody, reason="试试", now=LATER)
    draft = make_lecture(staff.uploader)
    for stopped in (service.suspend, service.resume):
        with pytest.raises(NotFound):
            stopped(draft, actor=staff.national_reviewer, reason="试试", now=LATER)
    with pytest.raises(TransitionRefused):
        service.resume(version.revision_id, actor=staff.national_reviewer, reason="试试", now=LATER)
    with reading() as session:
        assert moderation.revision(session, version.revision_id).state is State.PUBLISHED
    assert reachable(version.revision_id)
