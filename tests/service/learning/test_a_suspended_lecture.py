"""A course asks for all its lectures: one that is suspended is waited for, and nothing that was watched is lost."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask

from lms.catalogue import queries as catalogue, service as authoring
from lms.catalogue.queries import LectureVersion
from lms.hours import queries as hours
from lms.infra.db import reading
from lms.learning import queries, service
from lms.learning.domain.beats import Beat
from lms.learning.domain.completion import State
from tests.factories import content, learning
from tests.factories.people import NOW, Staff, make_staff

LATER = NOW + timedelta(days=1)


@pytest.fixture
def staff(clean: Flask) -> Staff:
    return make_staff()


@pytest.fixture
def first(staff: Staff) -> LectureVersion:
    return content.publish(staff)


@pytest.fixture
def second(staff: Staff, first: LectureVersion) -> LectureVersion:
    return content.publish(staff, now=NOW + timedelta(hours=1), title="第二讲", course_id=first.course_id)


def suspend(staff: Staff, version: LectureVersion) -> None:
    authoring.suspend(version.revision_id, actor=staff.national_reviewer, reason="引文有误", now=LATER)


def resume(staff: Staff, version: LectureVersion) -> None:
    authoring.resume(version.revision_id, actor=staff.national_reviewer, reason="已核实", now=LATER)


def watch(person_id: UUID, version: LectureVersion, *, now: datetime) -> service.BeatOutcome:
    """Watches a lecture of 90 seconds from its start to its end."""
    opened = learning.open_lease(version.lecture_id, person_id, now=now)
    told = Beat(seq=1, segments=((0, 90_000),), position_ms=90_000, rate=1.0, visible=True, final=True)
    return service.take_beat(opened.lease_id, told, now=now + timedelta(seconds=90))


def earned(person_id: UUID) -> int:
    with reading() as session:
        return hours.year_of(session, person_id, 2026).self_study.earned


def worth(course_id: UUID) -> tuple[int, int]:
    """The version that holds, and its hours in hundredths."""
    with reading() as session:
        held = hours.newest_rule(session, course_id)
    assert held is not None
    return held.rule.version, held.rule.hours


def test_the_visible_lecture_alone_completes_nothing_until_the_other_is_back_and_watched(
    staff: Staff, first: LectureVersion, second: LectureVersion
) -> None:
    person_id = staff.learner.person_id
    suspend(staff, second)
    outcome = watch(person_id, first, now=LATER)
    assert (outcome.completed, outcome.course_completed, earned(person_id)) == (True, False, 0)
    resume(staff, second)
    assert watch(person_id, second, now=LATER + timedelta(hours=1)).course_completed
    assert earned(person_id) == 800


def test_whoever_had_watched_the_suspended_lecture_is_not_held_up(
    staff: Staff, first: LectureVersion, second: LectureVersion
) -> None:
    person_id = staff.learner.person_id
    watch(person_id, second, now=NOW + timedelta(hours=2))
    suspend(staff, second)
    assert watch(person_id, first, now=LATER).course_completed
    assert earned(person_id) == 800


def test_the_last_seconds_of_a_lecture_that_is_suspended_meanwhile_still_complete(
    staff: Staff, first: LectureVersion, second: LectureVersion
) -> None:
    person_id = staff.learner.person_id
    watch(person_id, first, now=NOW + timedelta(hours=2))
    opened = learning.open_lease(second.lecture_id, person_id, now=LATER - timedelta(seconds=90))
    suspend(staff, second)
    told = Beat(seq=1, segments=((0, 90_000),), position_ms=90_000, rate=1.0, visible=True, final=True)
    outcome = service.take_beat(opened.lease_id, told, now=LATER + timedelta(seconds=5))
    assert (outcome.lease_state, outcome.course_completed, earned(person_id)) == ("revoked", True, 800)


def test_a_suspension_changes_neither_the_worth_nor_what_was_earned(
    staff: Staff, first: LectureVersion, second: LectureVersion
) -> None:
    person_id = staff.learner.person_id
    watch(person_id, first, now=NOW + timedelta(hours=2))
    watch(person_id, second, now=NOW + timedelta(hours=3))
    assert worth(first.course_id) == (2, 800)
    suspend(staff, second)
    assert (worth(first.course_id), earned(person_id)) == ((2, 800), 800)
    resume(staff, second)
    assert (worth(first.course_id), earned(person_id)) == ((2, 800), 800)


def test_a_lecture_published_meanwhile_adds_to_all_the_others(
    staff: Staff, first: LectureVersion, second: LectureVersion
) -> None:
    suspend(staff, second)
    content.publish(staff, now=LATER, title="第三讲", course_id=first.course_id)
    assert worth(first.course_id) == (3, 1200)


def test_the_card_shows_what_can_be_watched_and_what_the_whole_course_is_worth(
    staff: Staff, first: LectureVersion, second: LectureVersion
) -> None:
    suspend(staff, second)
    with reading() as session:
        (card,) = catalogue.course_cards(session, [first.course_id])
        states = queries.course_states(session, staff.learner.person_id, [card])
    assert [lecture.id for lecture in card.lectures] == [first.lecture_id]
    assert (card.suspended, card.credit_hours) == (1, 800)
    assert states[card.id].next_lecture_id == first.lecture_id
    suspend(staff, first)
    with reading() as session:
        (card,) = catalogue.course_cards(session, [first.course_id])
        assert catalogue.published_course_ids(session) == ()
    assert (card.lectures, card.suspended, card.credit_hours, card.title) == ((), 2, 800, first.course_title)


def test_with_only_suspended_lectures_left_there_is_nothing_to_go_on_with(
    staff: Staff, first: LectureVersion, second: LectureVersion
) -> None:
    person_id = staff.learner.person_id
    suspend(staff, second)
    watch(person_id, first, now=LATER)
    with reading() as session:
        cards = catalogue.course_cards(session, [first.course_id])
        state = queries.course_states(session, person_id, cards)[first.course_id]
    assert (state.state, state.next_lecture_id, state.completed_at) == (State.IN_PROGRESS, None, None)


def test_a_lecture_that_comes_later_reopens_no_completed_course(staff: Staff, first: LectureVersion) -> None:
    person_id = staff.learner.person_id
    assert watch(person_id, first, now=NOW + timedelta(hours=2)).course_completed
    content.publish(staff, now=LATER, title="第二讲", course_id=first.course_id)
    with reading() as session:
        cards = catalogue.course_cards(session, [first.course_id])
        state = queries.course_states(session, person_id, cards)[first.course_id]
    assert (state.state, state.next_lecture_id, earned(person_id)) == (State.COMPLETED, None, 400)
