"""Attack 23: beats that race each other from many threads are paid from one clock."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from lms.infra.db import reading
from lms.learning import queries
from lms.learning.domain.intervals import length
from lms.learning.models import CourseCompletionRow, LeaseRow
from tests.factories import learning
from tests.factories.learning import NOW, Course, School
from tests.factories.together import at_once
from tests.service.learning.watching import after, beat, open_lease

THREADS = 16


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixteen_threads_are_paid_real_time_and_no_more(course: Course, learner: UUID, seed: int) -> None:
    lease = open_lease(course, learner)
    rng = Random(seed)
    elapsed = 20_000

    def forge(number: int) -> Callable[[], int]:
        starts = [rng.randrange(0, 55_000) for _ in range(4)]

        def call() -> int:
            paid = 0
            for seq, start in enumerate(starts):
                outcome = beat(
                    lease, (start, start + 5_000), now=NOW + timedelta(milliseconds=elapsed), seq=number + seq
                )
                paid += outcome.accepted_ms
            return paid

        return call

    paid = sum(int(str(one)) for one in at_once(*(forge(number) for number in range(THREADS))))
    with reading() as session:
        row = session.get_one(LeaseRow, lease)
        watched = queries.progress(session, learner, course.asset_ids[0]).watched
    assert paid == row.credited_ms == length(watched) <= elapsed


def test_of_leases_opened_at_once_one_lives(course: Course, learner: UUID) -> None:
    at_once(*[lambda: open_lease(course, learner)] * THREADS)
    with reading() as session:
        states = [row.state for row in session.query(LeaseRow).filter_by(person_id=learner)]
    assert sorted(states) == ["active"] + ["superseded"] * (THREADS - 1)


def test_beats_and_openings_do_not_stop_each_other(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    beats = [lambda: beat(lease, (0, 10_000), now=after(10), position_ms=1) for _ in range(8)]
    openings = [lambda: open_lease(course, learner, now=after(10)) for _ in range(8)]
    assert not [one for one in at_once(*beats, *openings) if isinstance(one, Exception)]
    with reading() as session:
        assert length(queries.progress(session, learner, course.asset_ids[0]).watched) <= 10_000


def test_two_lectures_that_complete_at_once_complete_the_course(school: School) -> None:
    """The late flush of one lecture and the beat of the next one, side by side."""
    course = learning.add_course(school, lectures=2)
    for _ in range(5):
        person = learning.add_person(school.unit_id)
        opened = [
            learning.open_lease(lecture, person, now=after(100 * place)).lease_id
            for place, lecture in enumerate(course.lecture_ids)
        ]
        at_once(*(lambda lease=lease: beat(lease, (0, 60_000), now=after(200)) for lease in opened))
        with reading() as session:
            assert session.query(CourseCompletionRow).filter_by(person_id=person).count() == 1
