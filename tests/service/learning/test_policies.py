"""What a course asks of who watches it is decided in versions; a lease keeps the one it was opened under."""

from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import Conflict, NotFound
from lms.learning import queries, service
from lms.learning.domain.presence import Terms
from lms.learning.domain.watchpolicy import DEFAULT, WatchPolicy
from lms.learning.models import WatchPolicyRow
from tests.factories.learning import NOW, Course, School
from tests.service.learning.watching import after, beat, open_lease

FAST = WatchPolicy(threshold_percent=50, max_rate_percent=200, presence=Terms(on=False))


def decide(course: Course, school: School, policy: WatchPolicy, *, seen: int = 0) -> int:
    return service.set_policy(
        course.id, policy, seen_version=seen, reason="微课", actor_id=school.national_reviewer_id, now=NOW
    )


def held(course: Course) -> WatchPolicy:
    with reading() as session:
        return queries.policy_of(session, course.id)


def test_a_course_that_nobody_decided_about_has_the_usual_policy(course: Course) -> None:
    assert held(course) == DEFAULT


def test_each_decision_is_a_version_that_stays(course: Course, school: School) -> None:
    assert [decide(course, school, FAST), decide(course, school, DEFAULT, seen=1)] == [1, 2]
    with reading() as session:
        assert queries.policy_version(session, course.id, 1).max_rate_percent == 200
    assert held(course).max_rate_percent == 100


def test_two_who_decide_at_once_do_not_overwrite_each_other(course: Course, school: School) -> None:
    decide(course, school, FAST)
    with pytest.raises(Conflict):
        decide(course, school, DEFAULT)


def test_a_course_that_is_not_there_has_no_policy_to_set(school: School) -> None:
    with pytest.raises(NotFound):
        decide(Course(UUID(int=3), (), (), 0), school, FAST)


def test_double_speed_is_paid_where_the_course_allows_it(course: Course, school: School, learner: UUID) -> None:
    decide(course, school, FAST)
    assert beat(open_lease(course, learner), (0, 60_000), now=after(20)).accepted_ms == 40_000


def test_a_lower_threshold_completes_earlier(course: Course, school: School, learner: UUID) -> None:
    decide(course, school, FAST)
    assert beat(open_lease(course, learner), (0, 30_000), now=after(30)).completed


def test_an_open_lease_keeps_the_policy_it_was_opened_under(course: Course, school: School, learner: UUID) -> None:
    lease = open_lease(course, learner)
    decide(course, school, FAST)
    outcome = beat(lease, (0, 40_000), now=after(20))
    assert (outcome.accepted_ms, outcome.completed) == (20_000, False)


@pytest.mark.parametrize("change", [{"threshold_percent": 10}, {"max_rate_percent": 300}, {"reason": ""}], ids=str)
def test_the_database_refuses_what_no_policy_may_say(course: Course, school: School, change: dict[str, object]) -> None:
    decide(course, school, FAST)
    with reading() as session:
        row = session.query(WatchPolicyRow).one()
        values = {column.name: getattr(row, column.name) for column in WatchPolicyRow.__table__.columns}
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.add(WatchPolicyRow(**{**values, "id": UUID(int=4), "version": 2, **change}))
