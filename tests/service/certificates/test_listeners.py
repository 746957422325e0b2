"""A graded attempt earns its certificate in its own transaction, or not at all."""

from uuid import UUID

import pytest

from lms.certificates import listeners, queries
from lms.exams.events import AttemptGraded, attempt_graded
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from tests.factories.certificates import NOW, Class


def graded(person_id: UUID, training: Class, *, passed: bool) -> AttemptGraded:
    return AttemptGraded(
        attempt_id=ids.new_id(NOW),
        exam_id=ids.new_id(NOW),
        class_id=training.id,
        person_id=person_id,
        score=86 if passed else 40,
        max_score=100,
        passed=passed,
        stands=passed,
        at=NOW,
    )


@pytest.mark.parametrize("passed", [True, False])
def test_only_a_passed_attempt_earns_a_certificate(learner: UUID, training: Class, passed: bool) -> None:
    assert listeners.on_attempt_graded in attempt_graded.receivers_for(None)
    with unit_of_work():
        attempt_graded.send(None, event=graded(learner, training, passed=passed))
    with reading() as session:
        assert (queries.of_class(session, learner, training.id) is not None) is passed


def test_a_second_passed_attempt_earns_no_second_certificate(learner: UUID, training: Class) -> None:
    for _ in range(2):
        with unit_of_work():
            attempt_graded.send(None, event=graded(learner, training, passed=True))
    with reading() as session:
        assert len(queries.of_person(session, learner)) == 1


def test_when_the_grading_is_rolled_back_there_is_no_certificate(learner: UUID, training: Class) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        attempt_graded.send(None, event=graded(learner, training, passed=True))
        raise ZeroDivisionError
    with reading() as session:
        assert queries.of_person(session, learner) == ()
