"""Who enrolled under an account that was joined into theirs is offered in the list of a classroom."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from lms.access.domain import roles
from lms.infra.db import reading
from lms.kernel import clock
from lms.learning.queries import classrooms
from tests.factories import content
from tests.factories.cadres import at_work, make_admin
from tests.factories.joining import join_by_two
from tests.factories.people import Staff, make_person, make_staff, post, signed_in
from tests.web.learning.test_classrooms_of_two_units import a_class, room_of


@pytest.fixture
def staff(clean: Flask) -> Staff:
    return make_staff(clock.now() - timedelta(days=40))


def test_the_account_that_stays_is_offered_once(clean: Flask, staff: Staff) -> None:
    lecture_id = content.publish(staff, now=clock.now() - timedelta(days=1)).lecture_id
    here = staff.land.unit
    old = clock.now() - timedelta(days=40)
    kept, gone = make_person(here, "同一人", now=old), make_person(here, "同一人", now=old)
    class_id = a_class(here, lecture_id, gone)
    chief = make_admin(staff.land.national, "全国")
    join_by_two(
        kept.person_id, gone.person_id, by=at_work(chief, staff.land.national), reason="同一人", now=clock.now()
    )
    host = signed_in(clean, make_person(here, "班主任", grants={roles.CLASS_TUTOR: here}))
    room = room_of(host, here, lecture_id, class_id)
    assert "同一人" in host.get(f"/staff/classes/{class_id}").text
    assert post(host, f"/staff/classrooms/{room}/attendances", {"person": str(kept.person_id)}).status_code == 303
    with reading() as session:
        found = classrooms.candidates(session, classrooms.room(session, UUID(room)), "", (here.path,), limit=10)
    assert [one.name for one in found] == ["同一人"]
