"""A course is complete in the step that credits its last second, once, and its hours come with it (requirement 23)."""

from uuid import UUID

import pytest

from lms.hours.models import CreditEntryRow
from lms.infra.db import reading
from lms.learning import queries
from lms.learning.events import CourseCompleted, course_completed
from tests.factories import learning
from tests.factories.learning import Course, School
from tests.service.learning.watching import after, beat, open_lease


def hours_of(person_id: UUID) -> list[tuple[str, int]]:
    with reading() as session:
        return [(row.ledger, row.hours) for row in session.query(CreditEntryRow).filter_by(person_id=person_id)]


def test_the_beat_that_reaches_the_threshold_completes_and_credits(course: Course, learner: UUID) -> None:
    lease = open_lease(course, learner)
    before = beat(lease, (0, 56_999), now=after(57))
    assert (before.completed, before.course_completed, hours_of(learner)) == (False, False, [])
    done = beat(lease, (56_999, 57_000), now=after(57), seq=2)
    assert (done.completed, done.course_completed, hours_of(learner)) == (True, True, [("self_study", 400)])


def test_hours_of_an_enrolled_learner_count_as_concentrated_training(
    school: School, course: Course, learner: UUID
) -> None:
    learning.add_enrolment(learning.add_class(school, [course]), learner)
    beat(open_lease(course, learner), (0, 60_000), now=after(60))
    assert hours_of(learner) == [("centralized", 400)]


def test_watching_again_credits_nothing_more(course: Course, learner: UUID) -> None:
    first = open_lease(course, learner)
    for seq in (1, 2, 3):
        beat(first, (0, 60_000), now=after(60 + seq), seq=seq, final=seq == 3)
    second = open_lease(course, learner, now=after(100))
    assert beat(second, (0, 60_000), now=after(200)).course_completed
    assert hours_of(learner) == [("self_study", 400)]


def test_a_course_is_complete_when_all_its_lectures_are(school: School, learner: UUID) -> None:
    course = learning.add_course(school, lectures=2)
    outcome = beat(open_lease(course, learner), (0, 60_000), now=after(60))
    assert (outcome.completed, outcome.course_completed, hours_of(learner)) == (True, False, [])


def test_an_error_while_crediting_rolls_the_seconds_back_too(course: Course, learner: UUID) -> None:
    """Invariant 3: completed and credited are one step, so that neither can stand alone."""

    def fail(_sender: object, event: CourseCompleted) -> None:
        raise RuntimeError(event.course_id)

    lease = open_lease(course, learner)
    with course_completed.connected_to(fail), pytest.raises(RuntimeError):
        beat(lease, (0, 60_000), now=after(60))
    with reading() as session:
        assert queries.progress(session, learner, course.asset_ids[0]).watched == ()
    assert beat(lease, (0, 60_000), now=after(60)).accepted_ms == 60_000
