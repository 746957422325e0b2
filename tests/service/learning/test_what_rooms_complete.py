"""A course that a classroom completes is dated by the last of its lectures, written when the sheet is signed, and proved."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from lms.hours import service as hours
from lms.hours.models import CreditEntryRow, YearRecordRow
from lms.hours.queries.records import broken_records
from lms.infra.db import reading
from lms.kernel.ids import moment_of
from lms.learning.queries import classroomsheets
from lms.learning.service import classroom
from lms.organisations import queries as organisations
from tests.factories import learning
from tests.factories.cadres import at_work, make_admin
from tests.factories.classrooms import Room, open_room
from tests.factories.joining import join_by_two
from tests.factories.learning import NOW, Course, School
from tests.service.learning.watching import beat

LAST_EVENING = datetime(2026, 12, 31, 15, tzinfo=UTC)  # 23:00 in China
NEW_YEAR = datetime(2027, 1, 2, tzinfo=UTC)


def held(school: School, course: Course, person_id: UUID, **told: Any) -> Room:
    room = open_room(school, course, **told)
    room.sign_in(person_id)
    room.play(60)
    room.end()
    return room


def sign(room: Room) -> None:
    with reading() as session:
        sheet = classroomsheets.sheet(session, room.id)
    assert sheet
    room.sign(sha256=sheet.sha256)
    classroom.credit_session(room.id, now=room.later(5))


def year_when_signed(rooms: list[Room]) -> int:
    """The year in which the hours count when all sheets are signed in the new one; the proof agrees."""
    for room in rooms:
        room.now = NEW_YEAR + timedelta(hours=1)
        sign(room)
    assert differences(NEW_YEAR + timedelta(days=1)) == []
    return line().count_year


def line() -> CreditEntryRow:
    with reading() as session:
        return session.execute(select(CreditEntryRow)).scalar_one()


def differences(now: datetime) -> list[str]:
    return [one.detail for one in hours.prove(now=now).first]


def test_a_course_is_complete_since_its_last_lecture_was_whichever_is_signed_last(school: School) -> None:
    course = learning.add_course(school, lectures=2)
    person_id = learning.add_person(school.unit_id)
    room = held(school, course, person_id, now=LAST_EVENING)
    lease = learning.open_lease(course.lecture_ids[1], person_id, now=NEW_YEAR)
    beat(lease.lease_id, (0, 60_000), now=NEW_YEAR + timedelta(seconds=90), final=True)
    room.now = NEW_YEAR + timedelta(hours=1)
    sign(room)
    found = line()
    assert (found.earned_at, found.count_year) == (NEW_YEAR + timedelta(seconds=90), 2027)
    assert differences(NEW_YEAR + timedelta(days=1)) == []


def test_hours_of_a_room_alone_are_those_of_its_evening_however_late_it_is_signed(school: School) -> None:
    course = learning.add_course(school)
    person_id = learning.add_person(school.unit_id)
    room = held(school, course, person_id, now=LAST_EVENING)
    room.now = NEW_YEAR
    sign(room)
    found = line()
    assert (found.ledger, found.count_year) == ("centralized", 2026)
    assert moment_of(found.id) == NEW_YEAR + timedelta(seconds=5)
    assert differences(NEW_YEAR + timedelta(days=1)) == []


def test_a_sheet_signed_after_the_year_was_closed_is_followed_by_its_record(school: School) -> None:
    course = learning.add_course(school)
    person_id = learning.add_person(school.unit_id)
    room = held(school, course, person_id, now=LAST_EVENING)
    hours.close_year(2026, settle_days=10, now=datetime(2027, 1, 12, tzinfo=UTC))
    room.now = datetime(2027, 1, 20, tzinfo=UTC)
    sign(room)
    hours.follow_corrections(settle_days=10, now=datetime(2027, 1, 21, tzinfo=UTC))
    with reading() as session:
        sums = select(YearRecordRow.version, YearRecordRow.centralized).where(YearRecordRow.person_id == person_id)
        assert sorted(tuple(row) for row in session.execute(sums)) == [(1, 0), (2, 400)]
        assert all(sound for _id, sound in broken_records(session))


@pytest.mark.parametrize("joined_before_signing", [True, False])
def test_what_an_account_completed_before_or_after_it_was_joined_is_the_persons(
    school: School, course: Course, joined_before_signing: bool
) -> None:
    kept, gone = learning.add_person(school.unit_id, "张三"), learning.add_person(school.unit_id, "张三")
    room = held(school, course, gone)
    if not joined_before_signing:
        sign(room)
    join(kept, gone, room.now)
    if joined_before_signing:
        sign(room)
    assert differences(room.later(86_400)) == []


def test_a_beat_that_comes_after_joining_is_the_persons_too(school: School, course: Course) -> None:
    kept, gone = learning.add_person(school.unit_id, "张三"), learning.add_person(school.unit_id, "张三")
    lease = learning.open_lease(course.lecture_ids[0], gone, now=NOW)
    join(kept, gone, NOW + timedelta(seconds=70))
    beat(lease.lease_id, (0, 60_000), now=NOW + timedelta(seconds=75))
    assert line().person_id == kept
    assert differences(NOW + timedelta(days=1)) == []


def join(kept: UUID, gone: UUID, now: datetime) -> None:
    with reading() as session:
        root = organisations.national(session)
    assert root
    join_by_two(kept, gone, by=at_work(make_admin(root), root), reason="同一人", now=now)


def test_a_lecture_seen_whole_in_a_room_is_not_dated_by_playing_it_again(school: School) -> None:
    course = learning.add_course(school, lectures=2)
    person_id = learning.add_person(school.unit_id)
    rooms = [
        held(school, course, person_id, number=number, now=LAST_EVENING + timedelta(minutes=number))
        for number in (0, 1)
    ]
    lease = learning.open_lease(course.lecture_ids[0], person_id, now=NEW_YEAR)
    beat(lease.lease_id, (0, 60_000), now=NEW_YEAR + timedelta(seconds=90), final=True)
    assert year_when_signed(rooms) == 2026


@pytest.mark.parametrize("peeks", [False, True])
@pytest.mark.parametrize("earlier_in_a_room", [False, True])
def test_a_look_back_before_the_sheet_is_signed_moves_no_lecture_into_the_next_year(
    school: School, earlier_in_a_room: bool, peeks: bool
) -> None:
    course = learning.add_course(school)
    person_id = learning.add_person(school.unit_id)
    evening = LAST_EVENING - timedelta(hours=3)
    rooms = []
    if earlier_in_a_room:
        first = open_room(school, course, now=evening)
        first.sign_in(person_id)
        first.play(30)
        first.end()
        rooms.append(first)
    else:
        lease = learning.open_lease(course.lecture_ids[0], person_id, now=evening)
        beat(lease.lease_id, (0, 30_000), now=evening + timedelta(seconds=31), final=True)
    room = open_room(school, course, now=LAST_EVENING)
    room.sign_in(person_id)
    room.at_ms = 30_000
    room.play(30)
    room.end()
    rooms.append(room)
    if peeks:
        lease = learning.open_lease(course.lecture_ids[0], person_id, now=NEW_YEAR)
        beat(lease.lease_id, (30_000, 31_000), now=NEW_YEAR + timedelta(seconds=10), final=True)
    assert year_when_signed(rooms) == 2026


def test_what_was_seen_half_in_a_room_and_half_alone_is_complete_with_the_later_half(school: School) -> None:
    course = learning.add_course(school)
    person_id = learning.add_person(school.unit_id)
    room = open_room(school, course, now=LAST_EVENING)
    room.sign_in(person_id)
    room.play(30)
    room.end()
    lease = learning.open_lease(course.lecture_ids[0], person_id, now=NEW_YEAR)
    watched_at = NEW_YEAR + timedelta(seconds=60)
    beat(lease.lease_id, (30_000, 60_000), now=watched_at, final=True)
    room.now = NEW_YEAR + timedelta(hours=1)
    sign(room)
    assert (line().earned_at, line().count_year) == (watched_at, 2027)
    assert differences(NEW_YEAR + timedelta(days=1)) == []
