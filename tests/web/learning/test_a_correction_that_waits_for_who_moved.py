"""A correction of a classroom sheet that waits when its person moves can still be confirmed: they were there that day."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from lms.access.domain import roles
from lms.accounts.service import memberships
from lms.infra.db import reading
from lms.kernel import clock
from lms.learning.queries import classrooms
from lms.learning.service import classroom
from tests.factories import content
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import Staff, make_person, make_staff, post, signed_in
from tests.web.learning.test_classrooms_of_two_units import room_of


@pytest.fixture
def staff(clean: Flask) -> Staff:
    return make_staff(clock.now() - timedelta(days=40))


@pytest.mark.parametrize("moves", [False, True])
def test_it_is_confirmed(clean: Flask, staff: Staff, moves: bool) -> None:
    lecture_id = content.publish(staff, now=clock.now() - timedelta(days=1)).lecture_id
    here = staff.land.unit
    who = make_person(here, "当天在场", now=clock.now() - timedelta(days=40))
    tutor = make_person(here, "班主任", grants={roles.CLASS_TUTOR: here})
    host = signed_in(clean, tutor)
    room = room_of(host, here, lecture_id, None)
    assert post(host, f"/staff/classrooms/{room}/end").status_code == 303
    with reading() as session:
        found = classrooms.room(session, UUID(room))
    made = classroom.propose(
        found.id,
        who.person_id,
        stay=(found.opened_at, found.ended_at),
        reason="没带手机",
        by=at_work(tutor, here),
        now=clock.now(),
    )
    chief, admin = make_admin(staff.land.national, "全国"), make_admin(here, "单位管理员")
    tomorrow = clock.now() + timedelta(days=1)
    if moves:
        memberships.move(
            who.person_id,
            staff.land.other_unit.id,
            from_on=tomorrow.astimezone(clock.SHANGHAI).date(),
            by=at_work(chief, staff.land.national),
            reason="调动",
            now=tomorrow,
        )
    sent = post(
        signed_in(clean, admin),
        f"/staff/classroom-corrections/{made}/decision",
        {"decision": "approve", "comment": "属实"},
    )
    assert sent.status_code == 303
    with reading() as session:
        assert classrooms.listed(session, found.id, who.person_id)
