"""a sheet that is signed after two accounts were joined credits the course once to one human."""

from datetime import timedelta

from lms.hours import queries as hours
from lms.hours.service import crediting
from lms.infra.db import reading
from lms.learning import service
from lms.learning.events import CourseCompleted
from lms.learning.queries import classroomsheets
from lms.learning.service import classroom
from lms.organisations import queries as organisations
from tests.factories import learning
from tests.factories.cadres import at_work, make_admin
from tests.factories.classrooms import open_room
from tests.factories.joining import join_by_two
from tests.factories.learning import NOW, Course, School


def test_a_course_counts_once_for_a_person(school: School, course: Course) -> None:
    kept, gone = learning.add_person(school.unit_id, "张三"), learning.add_person(school.unit_id, "张三")
    service.import_progress(kept, course.lecture_ids[0], enrolment_id=None, now=NOW)
    room = open_room(school, course)
    room.sign_in(gone)
    room.play(60)
    room.end()
    with reading() as session:
        root = organisations.national(session)
    assert root
    join_by_two(kept, gone, by=at_work(make_admin(root), root), reason="同一人", now=room.now)
    with reading() as session:
        sheet = classroomsheets.sheet(session, room.id)
    assert sheet
    room.sign(sha256=sheet.sha256)
    classroom.credit_session(room.id, now=room.later(5))
    with reading() as session:
        assert sum(one.hours for one in hours.entries_of(session, kept)) == 400


def test_hours_that_wait_for_a_day_with_room_count_once_too(school: School, course: Course) -> None:
    other = learning.add_course(school, "另一门课")
    kept, gone = learning.add_person(school.unit_id, "张三"), learning.add_person(school.unit_id, "张三")
    for person, which in ((kept, other), (gone, course), (gone, other)):
        event = CourseCompleted(person, which.id, None, None, NOW, NOW)
        crediting.credit_course(event, a_day=400)
    with reading() as session:
        root = organisations.national(session)
        assert root and len(hours.waiting(session, gone)) == 1
    join_by_two(kept, gone, by=at_work(make_admin(root), root), reason="同一人", now=NOW)
    crediting.credit_deferred(now=NOW + timedelta(days=1))
    with reading() as session:
        assert sum(one.hours for one in hours.entries_of(session, kept)) == 800
