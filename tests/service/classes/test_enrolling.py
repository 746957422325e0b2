"""A person is in a class once, by one click or by many, and only while the class takes people."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from lms.classes import queries, service
from lms.classes.models import EnrolmentRow
from lms.infra.db import reading
from lms.kernel import ids
from lms.kernel.errors import NotFound
from tests.factories import learning
from tests.factories.learning import NOW, Course, School
from tests.factories.together import at_once
from tests.service.classes.planning import add_class, audited

Courses = tuple[Course, Course]


def enrolments() -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(EnrolmentRow)).scalar_one()


def test_who_enrols_is_in_at_once(school: School, courses: Courses, person: UUID) -> None:
    class_id = add_class(school, *courses)
    enrolment_id = service.enrol(class_id, person, now=NOW)
    with reading() as session:
        found = queries.enrolment(session, class_id, person)
        ((training, mine),) = queries.classes_of(session, person)
        (member,) = queries.members(session, class_id)
    assert found is not None and found == mine
    assert (found.id, found.state, found.active, training.id) == (enrolment_id, "approved", True, class_id)
    assert (member.person_id, member.enrolled_at) == (person, NOW)
    assert audited("enrolment.approved") == [("ok", {"class": str(class_id), "way": "open"})]


def test_enrolling_again_changes_nothing(school: School, courses: Courses, person: UUID) -> None:
    class_id = add_class(school, *courses)
    first = service.enrol(class_id, person, now=NOW)
    assert service.enrol(class_id, person, now=NOW + timedelta(days=1)) == first
    assert (enrolments(), len(audited("enrolment.approved"))) == (1, 1)


def test_many_clicks_at_once_enrol_once(school: School, courses: Courses, person: UUID) -> None:
    class_id = add_class(school, *courses)
    results = at_once(*[lambda: service.enrol(class_id, person, now=NOW)] * 6)
    assert len(set(results)) == 1 and isinstance(results[0], UUID)
    assert (enrolments(), len(audited("enrolment.approved"))) == (1, 1)


@pytest.mark.parametrize(
    ("phase", "enrolment", "error"),
    [
        ("design", "open", NotFound),
        ("summarise", "open", service.EnrolmentClosed),
        ("implement", "closed", NotFound),
    ],
    ids=str,
)
def test_a_class_that_takes_nobody_refuses(
    school: School, courses: Courses, person: UUID, phase: str, enrolment: str, error: type[Exception]
) -> None:
    class_id = add_class(school, *courses, phase=phase, enrolment=enrolment)
    with pytest.raises(error):
        service.enrol(class_id, person, now=NOW)
    assert enrolments() == 0


@pytest.mark.parametrize("state", ["pending", "declined", "waitlisted", "withdrawn"])
def test_who_was_not_let_in_does_not_let_themselves_in(
    school: School, courses: Courses, person: UUID, state: str
) -> None:
    class_id = add_class(school, *courses)
    learning.add_enrolment(class_id, person, state=state)
    with pytest.raises(service.EnrolmentClosed):
        service.enrol(class_id, person, now=NOW)
    with reading() as session:
        found = queries.enrolment(session, class_id, person)
        assert queries.classes_of(session, person) == ()
        assert queries.enrolment_for_course(session, person, courses[0].id) is None
    assert found is not None and (found.state, found.active) == (state, False)


def test_who_has_finished_stays_in_after_the_class(school: School, courses: Courses, person: UUID) -> None:
    class_id = add_class(school, *courses)
    enrolment_id = service.enrol(class_id, person, now=NOW)
    service.complete(class_id, person, now=NOW)
    service.advance_phase(class_id, "summarise", actor_id=school.author_id, now=NOW)
    assert service.enrol(class_id, person, now=NOW) == enrolment_id
    with reading() as session:
        assert queries.enrolment_by_id(session, enrolment_id).state == "completed"


def test_only_an_approved_enrolment_is_completed(school: School, courses: Courses, person: UUID) -> None:
    class_id = add_class(school, *courses)
    enrolment_id = learning.add_enrolment(class_id, person, state="withdrawn")
    service.complete(class_id, person, now=NOW)
    with reading() as session:
        assert queries.enrolment_by_id(session, enrolment_id).state == "withdrawn"


def test_a_class_that_is_not_there_is_not_found(school: School, person: UUID) -> None:
    with pytest.raises(NotFound):
        service.enrol(ids.new_id(NOW), person, now=NOW)
    with reading() as session, pytest.raises(NotFound):
        queries.enrolment_by_id(session, ids.new_id(NOW))


def test_a_course_belongs_to_the_enrolment_that_is_oldest(school: School, courses: Courses, person: UUID) -> None:
    older, newer = add_class(school, *courses), add_class(school, courses[0])
    second = service.enrol(newer, person, now=NOW + timedelta(days=1))
    first = service.enrol(older, person, now=NOW)
    with reading() as session:
        found = queries.enrolment_for_course(session, person, courses[0].id)
        listed = [training.id for training, _enrolment in queries.classes_of(session, person)]
    assert found is not None and found.id == first != second
    assert listed == [newer, older]
