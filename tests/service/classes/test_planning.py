"""A class is planned with courses that there are, in their order, and is seen by those whom it concerns."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lms.classes import queries, service
from lms.infra import db
from lms.infra.db import reading
from lms.kernel import ids
from lms.kernel.errors import Invalid, NotFound
from tests.factories.learning import NOW, Course, School
from tests.service.classes.planning import add_class, audited, plan

Courses = tuple[Course, Course]


def test_a_planned_class_keeps_its_plan_and_the_order_of_its_courses(school: School, courses: Courses) -> None:
    class_id = service.create_class(plan(school, *reversed(courses)), actor_id=school.author_id, now=NOW)
    with reading() as session:
        found = queries.class_facts(session, class_id)
    assert found.course_ids == (courses[1].id, courses[0].id)
    assert (found.phase, found.kind, found.starts_on, found.unit_path) == (
        "design", "centralized", date(2026, 10, 8), school.unit_path,
    )  # fmt: skip
    assert audited("class.created") == [("ok", {})]


def test_a_class_has_courses_and_they_exist(school: School, courses: Courses) -> None:
    nowhere = Course(ids.new_id(NOW), (), (), 0)
    for wrong in (plan(school), plan(school, courses[0], nowhere)):
        with pytest.raises(Invalid) as refused:
            service.create_class(wrong, actor_id=school.author_id, now=NOW)
        assert set(refused.value.fields) == {"course_ids"}
    assert audited("class.created") == []


@pytest.mark.parametrize("field", ["name", "target_group", "certificate_name"])
def test_no_name_of_a_class_tells_a_number(school: School, courses: Courses, field: str) -> None:
    wrong = plan(school, *courses, **{field: "培训班 110101199003078875"})
    with pytest.raises(Invalid) as refused:
        service.create_class(wrong, actor_id=school.author_id, now=NOW)
    assert set(refused.value.fields) == {field}
    assert audited("class.created") == []


@pytest.mark.parametrize(
    "changes",
    [{"kind": "evening"}, {"enrolment": "maybe"}, {"ends_on": date(2026, 10, 7)}],
    ids=["kind", "enrolment", "ends before it starts"],
)
def test_the_database_refuses_a_plan_that_makes_no_sense(
    school: School, courses: Courses, changes: dict[str, object]
) -> None:
    with pytest.raises(IntegrityError):
        service.create_class(plan(school, *courses, **changes), actor_id=school.author_id, now=NOW)


def test_the_database_keeps_a_person_in_a_class_once(school: School, courses: Courses, person: UUID) -> None:
    class_id = add_class(school, *courses)
    service.enrol(class_id, person, now=NOW)
    copied = (
        "INSERT INTO enrolment (id, class_id, person_id, state, created_at, changed_at) "
        "SELECT class_id, class_id, person_id, state, created_at, changed_at FROM enrolment"
    )
    with pytest.raises(IntegrityError), db.engine().begin() as connection:
        connection.execute(text(copied))


def test_learners_are_shown_classes_that_run(school: School, courses: Courses) -> None:
    running = add_class(school, *courses)
    for phase in ("design", "summarise"):
        add_class(school, *courses, phase=phase)
    with reading() as session:
        assert [one.id for one in queries.running_classes(session)] == [running]


def test_staff_are_shown_the_classes_of_their_subtree_page_by_page(school: School, courses: Courses) -> None:
    made = {add_class(school, *courses, phase="design") for _ in range(3)}
    with reading() as session:
        assert {one.id for one in queries.classes_within(session, [school.unit_path])} == made
        assert queries.classes_within(session, []) == ()
        assert queries.classes_within(session, ["/0000000000/"]) == ()
        pages = [queries.classes_within(session, [school.unit_path], limit=2, offset=at) for at in (0, 2)]
    assert [len(page) for page in pages] == [2, 1]
    assert {one.id for page in pages for one in page} == made


def test_a_class_that_is_not_there_is_not_found(school: School) -> None:
    with reading() as session, pytest.raises(NotFound):
        queries.class_facts(session, ids.new_id(NOW))
