"""Whose hall it is is asked again in the act itself: its union may have moved, or its lecture gone, since the page was drawn."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from lms.access.domain import roles
from lms.accounts.domain.reach import Staff as Reach
from lms.catalogue import service as authoring
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.learning import service as learning
from lms.learning.models import ClassroomSessionRow
from lms.learning.queries import classrooms, classroomsheets
from lms.learning.service import classroom
from lms.learning.service.classroom import photos, refusals
from lms.learning.service.classroom.people import CodePolicy
from lms.organisations import service as units
from tests.factories import content
from tests.factories.people import Staff, make_person, make_staff, post, signed_in
from tests.factories.together import beside, crossing, pausing
from tests.web.learning.test_classroom_pages import png
from tests.web.learning.test_classrooms_of_two_units import a_class


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def staff(clean: Flask, now: datetime) -> Staff:
    return make_staff(now - timedelta(days=2))


@pytest.fixture
def lecture_id(staff: Staff, now: datetime) -> UUID:
    return content.publish(staff, now=now - timedelta(days=1)).lecture_id


@pytest.fixture
def tutor(staff: Staff) -> Principal:
    """Who holds a hall of a unit in their province."""
    return make_person(staff.land.province, "班主任", grants={roles.CLASS_TUTOR: staff.land.province})


@pytest.fixture
def by(staff: Staff, tutor: Principal) -> Reach:
    return Reach(tutor.person_id, (staff.land.province.path,))


@pytest.fixture
def host(clean: Flask, tutor: Principal) -> FlaskClient:
    return signed_in(clean, tutor)


@pytest.fixture
def room_id(staff: Staff, by: Reach, lecture_id: UUID, now: datetime) -> UUID:
    learner = make_person(staff.land.province, "学员")
    plan = classroom.RoomPlan(
        lecture_id, a_class(staff.land.province, lecture_id, learner), staff.land.unit.id, "三楼会议室", 60
    )
    made = classroom.open_room(plan, by=by, now=now)
    classroom.sign_in(made, learner.person_id, by=by, now=now)
    return made


def goes_away(staff: Staff) -> None:
    act = units.Act(None, "机构调整", clock.now(), EVERYWHERE)
    units.move(staff.land.unit.id, staff.land.other_province.id, act)


def late(monkeypatch: pytest.MonkeyPatch, name: str, staff: Staff) -> None:
    """The unit of the hall goes to another province when the page has looked at the reach, before the act begins."""
    real = getattr(classroom, name)

    def act(*arguments: Any, **named: Any) -> Any:
        goes_away(staff)
        return real(*arguments, **named)

    monkeypatch.setattr(classroom, name, act)


def test_who_lost_the_unit_signs_no_sheet_of_it(
    staff: Staff, host: FlaskClient, by: Reach, room_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    classroom.end_room(room_id, by=by, now=clock.now())
    with reading() as session:
        sheet = classroomsheets.sheet(session, room_id)
    assert sheet
    late(monkeypatch, "sign", staff)
    form = {"headcount": "1", "statement": "全场在座", "sheet_sha256": sheet.sha256, "sure": "y"}
    assert post(host, f"/staff/classrooms/{room_id}/signature", form).status_code == 404
    with reading() as session:
        assert classroomsheets.signature(session, room_id) is None


def test_who_lost_the_unit_ends_no_hall_of_it(
    staff: Staff, host: FlaskClient, room_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    late(monkeypatch, "end_room", staff)
    assert post(host, f"/staff/classrooms/{room_id}/end").status_code == 404
    assert state_of(room_id) == "open"


def test_who_lost_the_unit_signs_nobody_out(
    staff: Staff, host: FlaskClient, room_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading() as session:
        [there] = classrooms.present(session, room_id)
    late(monkeypatch, "sign_person_out", staff)
    assert post(host, f"/staff/classrooms/{room_id}/attendances/{there.id}/end").status_code == 404
    with reading() as session:
        [same] = classrooms.present(session, room_id)
    assert same.left_at is None


def test_who_lost_the_unit_signs_nobody_in(
    staff: Staff, host: FlaskClient, by: Reach, lecture_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = make_person(staff.land.province, "学员")
    class_id = a_class(staff.land.province, lecture_id, learner)
    plan = classroom.RoomPlan(lecture_id, class_id, staff.land.unit.id, "三楼会议室", 60)
    room_id = classroom.open_room(plan, by=by, now=clock.now())
    late(monkeypatch, "sign_in", staff)
    chosen = {"person": str(learner.person_id)}
    assert post(host, f"/staff/classrooms/{room_id}/attendances", chosen).status_code == 404
    with reading() as session:
        assert classrooms.present(session, room_id) == ()


def test_no_photo_goes_into_a_hall_that_left_while_it_was_encoded(
    staff: Staff, host: FlaskClient, room_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def encode(*_arguments: Any, **_named: Any) -> bytes:  # seconds, outside any unit of work
        goes_away(staff)
        return b"\xff\xd8\xff\xd9"

    monkeypatch.setattr(photos.photos, "encode", encode)
    answer = post(host, f"/staff/classrooms/{room_id}/photos", {"photo": (BytesIO(png()), "a.png")})
    with reading() as session:
        assert (answer.status_code, classrooms.photos(session, room_id)) == (404, ())


@pytest.mark.postgres
def test_a_hall_opened_while_its_lecture_is_withdrawn_is_none(clean: Flask) -> None:
    staff = make_staff()
    later = clock.now()
    version = content.publish(staff)
    host = Reach(staff.uploader.person_id, (staff.land.unit.path,))
    plan = classroom.RoomPlan(version.lecture_id, None, staff.land.unit.id, "三楼会议室", 60)
    opened = beside(
        lambda: authoring.suspend(version.revision_id, actor=staff.national_reviewer, reason="引文有误", now=later),
        lambda: classroom.open_room(plan, by=host, now=later),
    )
    assert not isinstance(opened, UUID), "its screen would go on to get grants for the withdrawn video"


@pytest.mark.postgres
@pytest.mark.parametrize("what", ["sign_in", "end_room", "sign_in_by_code"])
def test_a_withdrawal_and_what_happens_in_a_hall_do_not_wait_for_each_other(
    clean: Flask, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    staff = make_staff()
    now = clock.now()
    version = content.publish(staff)
    host = Reach(staff.uploader.person_id, (staff.land.unit.path,))
    plan = classroom.RoomPlan(version.lecture_id, None, staff.land.unit.id, "三楼会议室", 60)
    room_id = classroom.open_room(plan, by=host, now=now)
    there, late_one = (make_person(staff.land.unit, name).person_id for name in ("先到的人", "后到的人"))
    classroom.sign_in(room_id, there, by=host, now=now)
    policy = CodePolicy(60)
    digits = classroom.code_shown(room_id, policy, now=now).digits
    reached = Event()
    monkeypatch.setattr(learning, "revoke_leases", pausing(learning.revoke_leases, reached))
    monkeypatch.setattr(classroom, "end_rooms_of", pausing(classroom.end_rooms_of, reached))
    acts: dict[str, Callable[[], object]] = {
        "sign_in": lambda: classroom.sign_in(room_id, late_one, by=host, now=now),
        "sign_in_by_code": lambda: classroom.sign_in_by_code(digits, person_id=late_one, policy=policy, now=now),
        "end_room": lambda: classroom.end_room(room_id, by=host, now=now),
    }
    results = crossing(
        lambda: authoring.suspend(version.revision_id, actor=staff.national_reviewer, reason="引文有误", now=now),
        acts[what],
        reached,
    )
    assert not [one for one in results if "deadlock" in str(one)], results
    assert state_of(room_id) == "ended"


@pytest.mark.postgres
def test_who_corrects_a_sheet_and_who_moves_its_union_do_not_wait_for_each_other(
    staff: Staff, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    land = staff.land
    before = now - timedelta(days=1)  # ids follow time: the city is held first
    city = units.add_unit(parent_id=land.province.id, name="台州市总工会", kind="city", reach=EVERYWHERE, now=before)
    below = units.add_unit(parent_id=city.id, name="台州某公司工会", kind="unit", reach=EVERYWHERE, now=now)
    lecture_id = content.publish(staff, now=now - timedelta(days=1)).lecture_id
    learner = make_person(land.unit, "学员")  # of another city
    class_id = a_class(city, lecture_id, learner)
    host = Reach(make_person(city, "班主任").person_id, (land.province.path,))
    plan = classroom.RoomPlan(lecture_id, class_id, below.id, "三楼会议室", 60)
    room_id = classroom.open_room(plan, by=host, now=now - timedelta(hours=1))
    classroom.end_room(room_id, by=host, now=now)
    reached = Event()
    monkeypatch.setattr(refusals.organisations, "held_units", pausing(refusals.organisations.held_units, reached))
    stay = (now - timedelta(minutes=50), now - timedelta(minutes=40))
    results = crossing(
        lambda: classroom.propose(room_id, learner.person_id, stay=stay, reason="没带手机", by=host, now=now),
        lambda: units.move(city.id, land.other_province.id, units.Act(None, "调整", now, EVERYWHERE)),
        reached,
    )
    assert not [one for one in results if isinstance(one, Exception)], results


def state_of(room_id: UUID) -> str:
    with reading() as session:
        return session.get_one(ClassroomSessionRow, room_id).state
