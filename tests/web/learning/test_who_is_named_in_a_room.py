"""A host names whom they reach and the people of the class; of anybody else a room does not tell whether they exist."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import update

from lms.access.domain import roles
from lms.accounts.models import PersonRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import clock
from lms.learning.queries import classrooms
from tests.factories import content
from tests.factories.people import Staff, csrf_token, make_person, make_staff, post, signed_in
from tests.web.learning.test_classrooms_of_two_units import a_class, room_of


@pytest.fixture
def staff(clean: Flask) -> Staff:
    return make_staff(clock.now() - timedelta(days=2))


def closed(person_id: UUID) -> UUID:
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == person_id).values(closed_at=clock.now()))
    return person_id


def test_who_is_elsewhere_or_left_answers_like_nobody(clean: Flask, staff: Staff) -> None:
    lecture_id = content.publish(staff, now=clock.now() - timedelta(days=1)).lecture_id
    here, there = staff.land.unit, staff.land.other_unit
    class_id = a_class(here, lecture_id, make_person(here, "本单位学员"))
    far, left = make_person(there, "外省的人").person_id, closed(make_person(there, "外省已注销").person_id)
    near = make_person(here, "本单位未报名").person_id
    host = signed_in(clean, make_person(here, "班主任", grants={roles.CLASS_TUTOR: here}))
    desk = f"/staff/classrooms/{room_of(host, here, lecture_id, class_id)}"
    asked = (near, far, left, uuid4())
    listed = [post(host, f"{desk}/attendances", {"person": str(one)}).status_code for one in asked]
    assert listed == [303, 404, 404, 404]
    post(host, f"{desk}/end")
    stay = {"from_at": "2026-11-28T10:00", "until_at": "2026-11-28T10:01"}
    added = [
        post(host, f"{desk}/corrections", {"kind": "add", "person": str(one), "reason": "没带手机", **stay}).status_code
        for one in asked
    ]
    assert added == [409, 404, 404, 404]


def test_who_left_since_the_list_was_shown_stops_nobody_behind_them(clean: Flask, staff: Staff) -> None:
    lecture_id = content.publish(staff, now=clock.now() - timedelta(days=1)).lecture_id
    here = staff.land.unit
    people = [make_person(here, name).person_id for name in ("甲", "乙", "丙")]
    host = signed_in(clean, make_person(here, "班主任", grants={roles.CLASS_TUTOR: here}))
    room = room_of(host, here, lecture_id, None)
    closed(people[1])
    ticked = {"csrf_token": csrf_token(host), "person": [str(one) for one in people]}
    answer = host.post(f"/staff/classrooms/{room}/attendances", data=ticked, follow_redirects=True)
    with reading() as session:
        assert [one.name for one in classrooms.present(session, UUID(room))] == ["甲", "丙"]
    assert "已签到 2 人" in answer.text and "1 人已不在名单中" in answer.text


@pytest.mark.parametrize("code", ["１２３４５６", "١٢٣٤٥٦", "²²²²²²", "〇一二三四五"])
def test_a_code_in_other_digits_is_no_fault(clean: Flask, staff: Staff, code: str) -> None:
    lecture_id = content.publish(staff, now=clock.now() - timedelta(days=1)).lecture_id
    host = signed_in(clean, make_person(staff.land.unit, "班主任", grants={roles.CLASS_TUTOR: staff.land.unit}))
    room_of(host, staff.land.unit, lecture_id, None)
    learner = signed_in(clean, make_person(staff.land.unit, "学员"))
    assert post(learner, "/classroom", {"code": code}).status_code == 422
