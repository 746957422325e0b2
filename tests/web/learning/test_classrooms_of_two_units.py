"""A classroom in one unit for a class of another: who reaches only one of them learns nothing of the other's people."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.catalogue import queries as catalogue
from lms.classes import service as classes
from lms.infra.db import reading, unit_of_work
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.learning.queries import classrooms, classroomsheets
from lms.learning.service import classroom
from lms.learning.service.classroom.people import CodePolicy
from lms.organisations import service as units
from lms.organisations.queries import Unit
from tests.factories import content
from tests.factories.cadres import at_work
from tests.factories.people import Staff, csrf_token, make_person, make_staff, post, signed_in


@pytest.fixture
def staff(clean: Flask) -> Staff:
    return make_staff(clock.now() - timedelta(days=2))


@pytest.fixture
def lecture_id(staff: Staff) -> UUID:
    return content.publish(staff, now=clock.now() - timedelta(days=1)).lecture_id


def a_class(unit: Unit, lecture_id: UUID, *learners: Principal) -> UUID:
    now = clock.now()
    with reading() as session:
        course = catalogue.playable_lecture(session, lecture_id).course_id
    first, last = (now - timedelta(days=3)).date(), (now + timedelta(days=30)).date()
    plan = classes.ClassPlan(
        "培训班", "工会干部", "centralized", "open", first, last, "证书", "JY", unit.id, (course,), False
    )
    class_id = classes.create_class(plan, actor_id=None, now=now)
    classes.advance_phase(class_id, "implement", actor_id=None, now=now)
    for one in learners:
        classes.enrol(class_id, one.person_id, now=now)
    return class_id


def room_of(host: FlaskClient, unit: Unit, lecture_id: UUID, class_id: UUID | None) -> str:
    fields = {"unit_id": str(unit.id), "class_id": str(class_id or ""), "place": "三楼会议室"}
    answer = post(host, f"/staff/lectures/{lecture_id}/classroom", fields)
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[-1]


def test_the_sheet_offers_only_those_within_reach(clean: Flask, staff: Staff, lecture_id: UUID) -> None:
    here, there = staff.land.unit, staff.land.other_unit
    near, far = make_person(here, "本单位学员"), make_person(there, "外单位学员")
    class_id = a_class(there, lecture_id, near, far)
    grants = {roles.CLASS_TUTOR: here, roles.CLASS_MANAGER: there}
    host = signed_in(clean, make_person(here, "两地班主任", grants=grants))
    room = room_of(host, here, lecture_id, class_id)
    assert "外单位学员" in host.get(f"/staff/classrooms/{room}").text, "the host reaches both"
    assert post(host, f"/staff/classrooms/{room}/end").status_code == 303
    third = signed_in(clean, make_person(here, "只管本单位", grants={roles.CLASS_TUTOR: here}))
    page = third.get(f"/staff/classrooms/{room}/sheet")
    assert page.status_code == 200 and "本单位学员" in page.text and "外单位学员" not in page.text
    assert third.get(f"/staff/classes/{class_id}").status_code == 404
    assert "外单位学员" in host.get(f"/staff/classrooms/{room}/sheet").text
    with reading() as session:
        found = classrooms.room(session, UUID(room), (here.path,))
    assert found.ended_at
    stay, by = (found.opened_at, found.ended_at), at_work(make_person(here, "另一班主任"), here)
    with pytest.raises(NotFound):
        classroom.propose(found.id, far.person_id, stay=stay, reason="当时没带手机", by=by, now=clock.now())
    assert classroom.propose(found.id, near.person_id, stay=stay, reason="当时没带手机", by=by, now=clock.now())


def test_a_host_whose_role_over_the_room_ended_opens_no_screen(clean: Flask, staff: Staff, lecture_id: UUID) -> None:
    grants = {roles.CLASS_TUTOR: staff.land.unit, roles.CLASS_MANAGER: staff.land.other_unit}
    tutor = make_person(staff.land.unit, "班主任", grants=grants)
    host = signed_in(clean, tutor)
    room = room_of(host, staff.land.unit, lecture_id, None)

    def screen() -> int:
        headers = {"X-CSRFToken": csrf_token(host)}
        return host.post(f"/api/v1/classrooms/{room}/screens", headers=headers).status_code

    assert screen() == 201
    ended = {"ended_at": clock.now(), "ended_by": staff.uploader.person_id, "end_reason": "换岗"}
    theirs = (RoleGrantRow.person_id == tutor.person_id, RoleGrantRow.role == roles.CLASS_TUTOR)
    with unit_of_work() as session:
        session.execute(update(RoleGrantRow).where(*theirs).values(ended))
    assert (host.get(f"/staff/classrooms/{room}").status_code, screen()) == (404, 404)


def test_a_host_signs_in_nobody_beyond_their_reach(clean: Flask, staff: Staff, lecture_id: UUID) -> None:
    here, there = staff.land.unit, staff.land.other_unit
    near, far = make_person(here, "本单位学员"), make_person(there, "外单位学员")
    class_id = a_class(there, lecture_id, near, far)
    tutor = make_person(here, "两地班主任", grants={roles.CLASS_TUTOR: here, roles.CLASS_MANAGER: there})
    host = signed_in(clean, tutor)
    desk = f"/staff/classrooms/{room_of(host, here, lecture_id, class_id)}"
    ended = {"ended_at": clock.now(), "ended_by": staff.uploader.person_id, "end_reason": "换岗"}
    theirs = (RoleGrantRow.person_id == tutor.person_id, RoleGrantRow.role == roles.CLASS_MANAGER)
    with unit_of_work() as session:
        session.execute(update(RoleGrantRow).where(*theirs).values(ended))
    assert post(host, f"{desk}/attendances", {"person": str(far.person_id)}).status_code == 404
    assert "外单位学员" not in host.get(desk).text
    assert post(host, f"{desk}/attendances", {"person": str(near.person_id)}).status_code == 303


def test_who_is_elsewhere_answers_like_who_does_not_exist(clean: Flask, staff: Staff, lecture_id: UUID) -> None:
    here = staff.land.unit
    far, nobody = make_person(staff.land.other_unit, "外单位的人").person_id, uuid4()
    host = signed_in(clean, make_person(here, "班主任", grants={roles.CLASS_TUTOR: here}))
    desk = f"/staff/classrooms/{room_of(host, here, lecture_id, None)}"
    listed = [post(host, f"{desk}/attendances", {"person": str(one)}).status_code for one in (far, nobody)]
    post(host, f"{desk}/end")
    stay = {"from_at": "2026-11-28T10:00", "until_at": "2026-11-28T10:01"}
    added = [
        post(host, f"{desk}/corrections", {"kind": "add", "person": str(one), "reason": "没带手机", **stay}).status_code
        for one in (far, nobody)
    ]
    assert (listed, added) == ([404, 404], [404, 404])


def test_a_signer_beyond_reach_answers_like_who_does_not_exist(clean: Flask, staff: Staff, lecture_id: UUID) -> None:
    here, above = staff.land.unit, staff.land.province
    tutor = make_person(here, "班主任", grants={roles.CLASS_TUTOR: here})
    host = signed_in(clean, tutor)
    room = UUID(room_of(host, here, lecture_id, None))
    code = CodePolicy(60)
    digits = classroom.code_shown(room, code, now=clock.now()).digits
    classroom.sign_in_by_code(digits, person_id=tutor.person_id, policy=code, now=clock.now())
    post(host, f"/staff/classrooms/{room}/end")
    signer = make_person(above, "省管理员", grants={roles.UNIT_ADMIN: above})
    with reading() as session:
        sheet = classroomsheets.sheet(session, room)
    assert sheet
    signature = {"headcount": "1", "statement": "全场在座", "sheet_sha256": sheet.sha256, "sure": "y", "known": "y"}
    assert post(signed_in(clean, signer), f"/staff/classrooms/{room}/signature", signature).status_code == 303
    with reading() as session:
        signed = classroomsheets.signature(session, room)
    assert signed and signed.signed_by == signer.person_id
    stay = {"from_at": "2026-11-28T10:00", "until_at": "2026-11-28T10:01"}
    added = [
        post(
            host,
            f"/staff/classrooms/{room}/corrections",
            {"kind": "add", "person": str(one), "reason": "没带手机", **stay},
        ).status_code
        for one in (signer.person_id, uuid4())
    ]
    assert added == [404, 404]


@pytest.mark.parametrize("end", ["close", "merge"])
def test_a_class_elsewhere_answers_like_none_also_for_a_unit_that_is_no_more(
    clean: Flask, staff: Staff, lecture_id: UUID, end: str
) -> None:
    land, now = staff.land, clock.now()
    gone = units.add_unit(parent_id=land.province.id, name="某公司工会", kind="unit", reach=EVERYWHERE, now=now)
    act = units.Act(None, "撤销", now, EVERYWHERE)
    units.close(gone.id, act) if end == "close" else units.merge(gone.id, land.unit.id, act)
    own, foreign = (a_class(unit, lecture_id, make_person(unit, "学员")) for unit in (land.unit, land.other_unit))
    host = signed_in(clean, make_person(land.province, "班主任", grants={roles.CLASS_TUTOR: land.province}))
    fields = {"unit_id": str(gone.id), "place": "三楼会议室"}
    opened = [
        post(host, f"/staff/lectures/{lecture_id}/classroom", fields | {"class_id": str(one)}).status_code
        for one in (own, foreign, uuid4())
    ]
    assert opened == [422, 404, 404]
