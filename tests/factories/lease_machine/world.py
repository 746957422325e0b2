"""What the machine plays with: two people, a course of two lectures that can be withdrawn, and one that asks who is there."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from lms.catalogue.queries import LectureVersion
from lms.learning import service
from lms.learning.domain.presence import Terms
from lms.learning.domain.watchpolicy import WatchPolicy
from tests.factories import content, learning
from tests.factories.people import Staff, make_staff

START = datetime(2026, 12, 31, 14, 0, tzinfo=UTC)
"""Ten in the evening of the year's last day, in Beijing."""
BEFORE = START - timedelta(days=2)
OFTEN = WatchPolicy(max_rate_percent=150, presence=Terms(True, 1, 1, 30))


@dataclass(frozen=True)
class Lecture:
    """A lecture of the machine's world; `revision_id` is None where it can't be withdrawn."""

    id: UUID
    asset_id: UUID
    course_id: UUID
    duration_ms: int
    revision_id: UUID | None = None


@dataclass(frozen=True)
class Stage:
    """The people and lectures of one run: the second person is enrolled in a class that has the course of two lectures."""

    staff: Staff
    school: learning.School
    people: tuple[UUID, UUID]
    lectures: tuple[Lecture, ...]

    @property
    def courses(self) -> dict[UUID, list[Lecture]]:
        found: dict[UUID, list[Lecture]] = {}
        for one in self.lectures:
            found.setdefault(one.course_id, []).append(one)
        return found


def build() -> Stage:
    staff = make_staff(BEFORE)
    school = learning.add_staff(staff.land.unit, now=BEFORE)
    first = content.publish(staff, now=BEFORE)
    second = content.publish(staff, now=BEFORE + timedelta(hours=1), title="第二讲", course_id=first.course_id)
    asking = learning.add_course(school, "常常询问", duration_ms=300_000, now=BEFORE)
    by = school.national_reviewer_id
    service.set_policy(asking.id, OFTEN, seen_version=0, reason="测试", actor_id=by, now=BEFORE)
    people = staff.learner.person_id, learning.add_person(staff.land.unit.id, "李四", now=BEFORE)
    two = learning.Course(first.course_id, (first.lecture_id, second.lecture_id), (), 90_000)
    learning.add_enrolment(learning.add_class(school, [two], now=BEFORE), people[1], now=BEFORE)
    lectures = (
        _of(first),
        _of(second),
        Lecture(asking.lecture_ids[0], asking.asset_ids[0], asking.id, asking.duration_ms),
    )
    return Stage(staff, school, people, lectures)


def _of(version: LectureVersion) -> Lecture:
    return Lecture(version.lecture_id, version.asset_id, version.course_id, 90_000, version.revision_id)
