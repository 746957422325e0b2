"""Who watches is asked now and then; time after the question is paid only when it is answered (requirement 24, W7)."""

from random import Random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from lms.infra.db import reading
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import NotFound
from lms.learning import service
from lms.learning.models import LeaseRow, PresenceCheckRow
from tests.factories import learning
from tests.factories.accommodations import grant, proposal
from tests.factories.learning import Course, School
from tests.service.learning.watching import after, beat, open_lease

HOUR = 3_600
MINUTE = 60


@pytest.fixture
def course(school: School) -> Course:
    return learning.add_course(school, duration_ms=HOUR * 1000)


def play(lease: UUID, start: int, end: int) -> service.BeatOutcome:
    """Plays from second to second in beats of 15 seconds, in real time from the lease's opening on."""
    outcome = None
    for second in range(start + 15, end + 1, 15):
        outcome = beat(lease, ((second - 15) * 1000, second * 1000), now=after(second), seq=second)
    assert outcome is not None
    return outcome


def asked_at(lease: UUID) -> int:
    """Plays until the lease asks; the second at which it does."""
    for second in range(15, HOUR, 15):
        outcome = beat(lease, ((second - 15) * 1000, second * 1000), now=after(second), seq=second)
        if outcome.presence:
            return second
    raise AssertionError("nobody was asked")


def answer(lease: UUID, check: UUID, second: int) -> service.Answered:
    return service.answer_presence(lease, check, "", now=after(second), rng=Random(second))


def open_check(lease: UUID) -> UUID:
    with reading() as session:
        found = session.get_one(LeaseRow, lease).presence_id
    assert found is not None
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_check_comes_within_the_bounds(course: Course, learner: UUID, seed: int) -> None:
    lease = learning.open_lease(course.lecture_ids[0], learner, seed=seed).lease_id
    assert 10 * MINUTE <= asked_at(lease) <= 20 * MINUTE + 15


def test_w7_who_blocks_the_presence_request_is_credited_no_further(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    second = asked_at(lease)
    outcome = play(lease, second, second + 30 * MINUTE)
    assert outcome.presence is not None
    assert outcome.trimmed[0].reason == "presence"
    with reading() as session:
        assert session.get_one(LeaseRow, lease).credited_ms == second * 1000


def test_w7_a_new_lease_is_no_way_round_the_question(course: Course, learner: UUID) -> None:
    second = asked_at(open_lease(course, learner))
    opened = learning.open_lease(course.lecture_ids[0], learner, now=after(second))
    assert opened.presence is not None
    told = beat(opened.lease_id, (0, HOUR * 1000), now=after(second + 700))
    assert told.accepted_ms == 0


def test_w7_nor_are_leases_that_are_left_before_they_ask(course: Course, learner: UUID) -> None:
    """Twelve minutes each, claimed only once the next lease is open."""
    paid, leases = 0, []
    for number in range(5):
        leases.append(learning.open_lease(course.lecture_ids[0], learner, now=after(number * 12 * MINUTE)))
        if number:
            late = after(number * 12 * MINUTE + 1)
            paid += beat(leases[-2].lease_id, (0, HOUR * 1000), now=late).accepted_ms
    assert paid <= 32 * MINUTE * 1000
    assert leases[-1].presence is not None


def test_within_the_window_nothing_is_lost(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    second = asked_at(lease)
    play(lease, second, second + 45)
    answered = answer(lease, open_check(lease), second + 50)
    assert (answered.lost_ms, answered.held_ms, answered.presence) == (0, 0, None)
    assert beat(lease, (second * 1000, (second + 60) * 1000), now=after(second + 60)).accepted_ms == 60_000


def test_a_late_answer_loses_the_time_since_the_question_and_keeps_what_came_before(
    course: Course, learner: UUID
) -> None:
    lease = open_lease(course, learner)
    second = asked_at(lease)
    answered = answer(lease, open_check(lease), second + 300)
    assert answered.lost_ms == answered.held_ms == 300_000
    outcome = beat(lease, (second * 1000, (second + 330) * 1000), now=after(second + 330))
    assert outcome.accepted_ms == 30_000


def test_an_answer_sent_twice_counts_once(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    second = asked_at(lease)
    check = open_check(lease)
    first, again = answer(lease, check, second + 100), answer(lease, check, second + 200)
    assert (first.lost_ms, first.held_ms) == (again.lost_ms, again.held_ms) == (100_000, 100_000)
    with reading() as session:
        assert session.query(PresenceCheckRow).one().answered_at == after(second + 100)


def test_the_next_check_comes_after_an_answer(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    second = asked_at(lease)
    answer(lease, open_check(lease), second + 5)
    assert play(lease, second, second + 21 * MINUTE).presence is not None


def test_an_answer_without_a_check_and_to_anothers_check_is_not_found(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    for unknown in ((lease, uuid4()), (uuid4(), uuid4())):
        with pytest.raises(NotFound):
            answer(*unknown, 10)


def test_a_lecture_that_is_complete_asks_no_more(school: School, learner: UUID) -> None:
    short = learning.add_course(school, "短", duration_ms=10 * MINUTE * 1000 + 1)
    lease = open_lease(short, learner)
    assert play(lease, 0, 10 * MINUTE).presence is None


def test_answering_an_ended_lease_in_time_frees_its_last_beats(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    second = asked_at(lease)
    beat(lease, now=after(second + 30), seq=HOUR, final=True)
    answer(lease, open_check(lease), second + 40)
    assert beat(lease, (second * 1000, (second + 30) * 1000), now=after(second + 50)).accepted_ms == 30_000


def test_who_was_granted_double_time_has_it(school: School, course: Course, learner: UUID) -> None:
    wanted = proposal(100, 200, from_on=learning.NOW.astimezone(SHANGHAI).date())
    grant(
        learner,
        wanted,
        path=school.unit_path,
        one=school.author_id,
        other=school.national_reviewer_id,
        now=learning.NOW,
    )
    lease = open_lease(course, learner)
    second = asked_at(lease)
    assert answer(lease, open_check(lease), second + 119).lost_ms == 0
    with reading() as session:
        (check,) = session.scalars(select(PresenceCheckRow)).all()
    assert check.seconds == 120
