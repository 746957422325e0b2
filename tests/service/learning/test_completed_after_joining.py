"""The page of the account that is gone completes nothing, after the joining, that the person completed a year ago."""

from datetime import timedelta
from uuid import UUID

from lms.hours import queries as hours
from lms.infra.db import reading
from lms.learning import service
from lms.organisations import queries as organisations
from tests.factories import learning
from tests.factories.cadres import at_work, make_admin
from tests.factories.joining import join_by_two
from tests.factories.learning import NOW, Course, School
from tests.service.learning.watching import after, beat, open_lease


def credited(person_id: UUID) -> list[tuple[int, int]]:
    with reading() as session:
        return [(one.count_year, one.hours) for one in hours.entries_of(session, person_id)]


def test_a_late_beat_after_joining_earns_nothing_for_a_course_that_was_completed_a_year_ago(
    school: School, course: Course
) -> None:
    kept, gone = learning.add_person(school.unit_id, "张三"), learning.add_person(school.unit_id, "张三")
    service.import_progress(kept, course.lecture_ids[0], enrolment_id=None, now=NOW - timedelta(days=365))
    lease = open_lease(course, gone)
    beat(lease, (0, 45_000), now=after(59))
    with reading() as session:
        root = organisations.national(session)
    assert root
    join_by_two(kept, gone, by=at_work(make_admin(root), root), reason="同一人", now=after(60))
    assert credited(kept) == [(2025, 400)]
    told = beat(lease, (45_000, 60_000), now=after(62), seq=2)
    assert told.over
    assert credited(kept) == [(2025, 400)], credited(kept)
