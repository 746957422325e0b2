"""One live lease a person; a new one supersedes at once (requirements 17 and 18)."""

from collections.abc import Callable
from uuid import UUID

import pytest

from lms.infra.db import reading
from lms.kernel.errors import NotFound
from lms.learning import queries, service
from lms.learning.models import LeaseRow
from tests.factories import learning
from tests.factories.learning import Course, School
from tests.service.learning.watching import after, beat, open_lease


def state_of(lease_id: UUID) -> str:
    with reading() as session:
        return session.get_one(LeaseRow, lease_id).state


def test_a_second_lease_supersedes_the_first_at_once(course: Course, learner: UUID) -> None:
    first = open_lease(course, learner)
    second = open_lease(course, learner, now=after(10))
    assert (state_of(first), state_of(second)) == ("superseded", "active")


def test_a_superseded_lease_is_still_credited_up_to_its_end(course: Course, learner: UUID) -> None:
    first = open_lease(course, learner)
    open_lease(course, learner, now=after(10))
    late = beat(first, (0, 30_000), now=after(40))
    assert (late.over, late.lease_state, late.accepted_ms) == (True, "superseded", 10_000)


def test_ten_minutes_after_its_end_a_lease_credits_nothing(course: Course, learner: UUID) -> None:
    first = open_lease(course, learner)
    open_lease(course, learner, now=after(10))
    late = beat(first, (0, 10_000), now=after(10 + 601))
    assert late.accepted_ms == 0
    assert [(trim.ms, trim.reason) for trim in late.trimmed] == [(10_000, "lease_over")]


def test_two_leases_together_never_pay_more_than_one_clock(course: Course, learner: UUID) -> None:
    first = open_lease(course, learner)
    second = open_lease(course, learner, now=after(10))
    paid = beat(first, (0, 60_000), now=after(30)).accepted_ms + beat(second, (0, 60_000), now=after(30)).accepted_ms
    assert paid == 30_000


def test_a_final_beat_ends_the_lease_and_is_credited(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    outcome = beat(lease, (0, 15_000), now=after(15), final=True)
    assert (outcome.over, outcome.lease_state, outcome.accepted_ms) == (False, "ended", 15_000)
    assert beat(lease, (15_000, 30_000), now=after(30), seq=2).accepted_ms == 0


def test_a_lease_without_a_beat_for_twelve_minutes_expires(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    assert service.expire_silent_leases(now=after(719)) == 0
    assert service.expire_silent_leases(now=after(721)) == 1
    assert state_of(lease) == "expired"
    assert beat(lease, (0, 60_000), now=after(730)).accepted_ms == 60_000


def test_a_lease_expires_by_itself_when_no_worker_runs(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    outcome = beat(lease, (0, 1_000), now=after(721))
    assert (outcome.over, outcome.lease_state) == (True, "expired")


@pytest.mark.parametrize("revoke", ["asset_id", "person_id"])
def test_revoking_ends_live_leases_and_keeps_what_they_credited(course: Course, learner: UUID, revoke: str) -> None:
    lease = open_lease(course, learner)
    beat(lease, (0, 5_000), now=after(5))
    which = {"asset_id": course.asset_ids[0], "person_id": learner}
    service.revoke_leases(**{revoke: which[revoke]}, now=after(8))
    outcome = beat(lease, (5_000, 20_000), now=after(20))
    assert (outcome.lease_state, outcome.accepted_ms) == ("revoked", 3_000)


def test_a_clock_that_steps_back_makes_no_overlapping_leases(course: Course, learner: UUID) -> None:
    open_lease(course, learner, now=after(10))
    second = open_lease(course, learner, now=after(4))
    service.revoke_leases(person_id=learner, now=after(5))
    with reading() as session:
        row = session.get_one(LeaseRow, second)
    assert (row.opened_at, row.ended_at) == (after(10), after(10))


def unpublished(school: School) -> UUID:
    return learning.add_course(school, published=False).lecture_ids[0]


def absent(_school: School) -> UUID:
    return UUID(int=7)


@pytest.mark.parametrize("lecture", [unpublished, absent])
def test_a_lecture_that_is_not_published_opens_no_lease(
    school: School, learner: UUID, lecture: Callable[[School], UUID]
) -> None:
    with pytest.raises(NotFound):
        learning.open_lease(lecture(school), learner)


def test_an_enrolment_has_to_be_ones_own_active_and_of_the_course(
    school: School, course: Course, learner: UUID
) -> None:
    other = learning.add_person(school.unit_id, "李四")
    with_course = learning.add_class(school, [course])
    without = learning.add_class(school, [])
    refused = [
        learning.add_enrolment(with_course, other),
        learning.add_enrolment(with_course, learner, state="pending"),
        learning.add_enrolment(without, learner),
        UUID(int=7),
    ]
    for enrolment_id in refused:
        with pytest.raises(NotFound):
            learning.open_lease(course.lecture_ids[0], learner, enrolment_id=enrolment_id)


def position_of(course: Course, learner: UUID) -> int:
    with reading() as session:
        return queries.progress(session, learner, course.asset_ids[0]).position_ms


def test_the_position_of_an_overtaken_beat_is_not_taken(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    beat(lease, (0, 20_000), now=after(20), seq=2, position_ms=20_000)
    beat(lease, (0, 10_000), now=after(21), seq=1, position_ms=10_000)
    assert position_of(course, learner) == 20_000


def test_the_last_word_of_a_superseded_page_is_where_one_goes_on(school: School, course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    open_lease(learning.add_course(school, "另一门"), learner, now=after(5))
    beat(lease, (0, 5_000), now=after(20), position_ms=18_000)
    assert position_of(course, learner) == 18_000


def test_a_superseded_page_does_not_move_the_position_of_the_page_that_plays_on(course: Course, learner: UUID) -> None:
    old = open_lease(course, learner)
    new = open_lease(course, learner, now=after(5))
    beat(new, (5_000, 10_000), now=after(15), position_ms=10_000)
    beat(old, (0, 5_000), now=after(20), position_ms=18_000)
    assert position_of(course, learner) == 10_000
