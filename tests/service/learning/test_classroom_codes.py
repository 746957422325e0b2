"""A learner signs in by the code on the screen, in whichever of many rooms, however they type digits."""

import pytest

from lms.classes import service as classes
from lms.learning.service import classroom
from tests.factories import learning
from tests.factories.classrooms import MINUTE_CODES, Room, open_room
from tests.factories.learning import NOW, Course, School


@pytest.fixture
def room(school: School, course: Course) -> Room:
    return open_room(school, course)


def test_a_class_is_held_in_as_many_rooms_at_once_as_there_are_counties(school: School, course: Course) -> None:
    class_id = learning.add_class(school, [course])
    learner = learning.add_person(school.unit_id, "学员")
    classes.enrol(class_id, learner, now=NOW)
    rooms = [open_room(school, course, class_id=class_id) for _ in range(51)]
    first = min(rooms, key=lambda one: one.id)
    assert classroom.sign_in_by_code(first.code(), person_id=learner, policy=MINUTE_CODES, now=first.now)


def test_a_code_may_be_typed_in_full_width_digits(school: School, room: Room) -> None:
    learner = learning.add_person(school.unit_id, "学员")
    wide = room.code().translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    assert classroom.sign_in_by_code(wide, person_id=learner, policy=MINUTE_CODES, now=room.now)
