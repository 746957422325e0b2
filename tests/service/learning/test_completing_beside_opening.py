"""Who opens the next lecture while the last beat of this one comes in waits a moment; neither of the two is thrown out."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest

from lms.accounts import queries as accounts
from lms.infra.db import reading, unit_of_work
from lms.learning import service
from lms.learning.queries import classroomsheets
from lms.learning.service import classroom, completing
from tests.factories import learning
from tests.factories.classrooms import open_room
from tests.factories.learning import NOW, School
from tests.factories.together import caught, crossing, overtaking, pausing_first
from tests.service.learning.watching import after, beat

pytestmark = pytest.mark.postgres


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when the first of two has come to ask whether the course is complete, its lease in hand."""
    found = threading.Event()
    slow = pausing_first(completing.queries.completions, found)
    monkeypatch.setattr(completing.queries, "completions", slow)
    return found


def faults(results: list[object]) -> list[object]:
    return [one for one in results if isinstance(one, Exception)]


def test_the_next_lecture_is_opened_as_this_one_is_completed(school: School, reached: threading.Event) -> None:
    course, other = learning.add_course(school), learning.add_course(school)
    person = learning.add_person(school.unit_id)
    lease = learning.open_lease(course.lecture_ids[0], person, now=NOW).lease_id
    last = crossing(
        lambda: beat(lease, (0, 60_000), now=after(100), final=True),
        lambda: learning.open_lease(other.lecture_ids[0], person, now=after(100)),
        reached,
    )
    assert faults(last) == []


def test_a_sheet_is_credited_as_the_person_watches_the_same_lecture_alone(
    school: School, reached: threading.Event
) -> None:
    course = learning.add_course(school)
    person = learning.add_person(school.unit_id)
    room = open_room(school, course)
    room.sign_in(person)
    room.play(60)
    room.end()
    with reading() as session:
        sheet = classroomsheets.sheet(session, room.id)
    assert sheet
    room.sign(sha256=sheet.sha256)
    lease = learning.open_lease(course.lecture_ids[0], person, now=room.now).lease_id
    last = crossing(
        lambda: classroom.credit_session(room.id, now=room.later(70)),
        lambda: beat(lease, (0, 60_000), now=room.now, final=True),
        reached,
    )
    assert faults(last) == []


def test_twenty_times_without_any_pause(school: School) -> None:
    for _ in range(20):
        course, other = learning.add_course(school), learning.add_course(school)
        person = learning.add_person(school.unit_id)
        lease = learning.open_lease(course.lecture_ids[0], person, now=NOW).lease_id
        results: dict[str, object] = {}

        def complete(lease_id: UUID = lease) -> object:
            return beat(lease_id, (0, 60_000), now=after(100), final=True)

        def open_next(lecture: UUID = other.lecture_ids[0], who: UUID = person) -> object:
            return learning.open_lease(lecture, who, now=after(100))

        calls: list[Callable[[], object]] = [complete, open_next]
        threads = [caught(call, results, str(number)) for number, call in enumerate(calls)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(30)
        assert faults(list(results.values())) == []


def test_who_plays_again_what_counts_already_waits_for_nobody(school: School) -> None:
    course = learning.add_course(school)
    person = learning.add_person(school.unit_id)
    service.import_progress(person, course.lecture_ids[0], enrolment_id=None, now=NOW)
    lease = learning.open_lease(course.lecture_ids[0], person, now=NOW).lease_id

    def hold() -> None:
        with unit_of_work() as session:
            accounts.lock_person(session, person)

    told = overtaking(hold, lambda: beat(lease, (0, 10_000), now=after(20)))
    assert not isinstance(told, Exception)
