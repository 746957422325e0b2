"""A tutor holds a classroom from opening to signature; who sits in it signs in on their own phone; others see nothing."""

import re
import struct
import zlib
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lms.access.domain import roles
from lms.accounts.domain import reach
from lms.infra.db import reading
from lms.infra.storage import storage
from lms.kernel import clock
from lms.kernel.principal import Principal
from lms.learning.models import ClassroomPhotoRow
from lms.learning.queries import classrooms, classroomsheets
from lms.learning.service import classroom
from lms.learning.service.classroom.people import CodePolicy
from tests.factories import content
from tests.factories.people import Staff, make_person, make_staff, post, signed_in

PIXEL = bytes.fromhex("ffffff")


def png(width: int = 64, height: int = 64, trailer: bytes = b"") -> bytes:
    """A white picture, with something hung on its end."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + PIXEL * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    text = chunk(b"tEXt", b"Comment\0GPS 30.25 120.16")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + text + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    ) + trailer


@pytest.fixture
def staff(clean: Flask) -> Staff:
    return make_staff(clock.now() - timedelta(days=2))


@pytest.fixture
def lecture_id(staff: Staff) -> UUID:
    return content.publish(staff, now=clock.now() - timedelta(days=1)).lecture_id


@pytest.fixture
def tutor(staff: Staff) -> Principal:
    return make_person(staff.land.unit, "班主任", grants={roles.CLASS_TUTOR: staff.land.unit})


@pytest.fixture
def browser(clean: Flask, tutor: Principal) -> FlaskClient:
    return signed_in(clean, tutor)


def open_room(browser: FlaskClient, staff: Staff, lecture_id: UUID) -> UUID:
    fields = {"unit_id": str(staff.land.unit.id), "class_id": "", "place": "三楼会议室"}
    answer = post(browser, f"/staff/lectures/{lecture_id}/classroom", fields)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return UUID(answer.location.rsplit("/", 1)[-1])


def digits_of(room_id: UUID) -> str:
    return classroom.code_shown(room_id, CodePolicy(60), now=clock.now()).digits


def test_from_opening_to_signature(
    clean: Flask, staff: Staff, lecture_id: UUID, browser: FlaskClient, tutor: Principal
) -> None:
    room_id = open_room(browser, staff, lecture_id)
    desk = f"/staff/classrooms/{room_id}"
    for page in (desk, f"{desk}/screen"):
        before, shown, digits = digits_of(room_id), browser.get(page).text, digits_of(room_id)
        codes = {before, digits}  # a minute may end in between
        assert any(f"{one[:3]} {one[3:]}" in shown for one in codes), page

    phone = signed_in(clean, staff.learner)
    assert digits in phone.get(f"/classroom?c={digits}").get_data(as_text=True)
    came = post(phone, "/classroom", {"code": digits})
    assert came.status_code == 303
    assert "签到成功" in phone.get(came.location).get_data(as_text=True)

    colleague = make_person(staff.land.unit, "同事")
    post(browser, f"{desk}/attendances", {"person": str(colleague.person_id)})
    page = browser.get(desk).get_data(as_text=True)
    assert "同事" in page and "在场 2 人" in page

    ended = post(browser, f"{desk}/end")
    sheet = browser.get(ended.location).text
    sha256 = re.search(r'name="sheet_sha256"[^>]*value="([0-9a-f]{64})"', sheet)
    assert sha256
    fields = {"headcount": "2", "statement": "全场在座", "sure": "y", "sheet_sha256": sha256[1]}
    signed = post(browser, f"{desk}/signature", fields)
    assert signed.status_code == 303
    assert classroom.credit_session(room_id, now=clock.now()) == 2
    assert "已计入学习记录" in phone.get(came.location).get_data(as_text=True)
    assert "分课堂" in phone.get("/me/records").get_data(as_text=True)


def test_a_sheet_that_waits_is_signed_from_above(
    clean: Flask, staff: Staff, lecture_id: UUID, tutor: Principal
) -> None:
    began = clock.now() - timedelta(hours=80)
    plan = classroom.RoomPlan(lecture_id, None, staff.land.unit.id, "三楼会议室", 60)
    by = reach.Staff(tutor.person_id, (staff.land.unit.path,))
    room_id = classroom.open_room(plan, by=by, now=began)
    came = make_person(staff.land.unit, "到场", now=began - timedelta(days=1)).person_id
    classroom.sign_in(room_id, came, by=by, now=began)
    classroom.end_room(room_id, by=by, now=began + timedelta(hours=1))
    sheet = f"/staff/classrooms/{room_id}/sheet"
    colleague = make_person(staff.land.unit, "另一位班主任", grants={roles.CLASS_TUTOR: staff.land.unit})
    above = make_person(staff.land.province, "省里", grants={roles.UNIT_ADMIN: staff.land.province})
    seen = signed_in(clean, colleague).get(sheet).text
    assert "等待主持人签名" in seen and "sheet_sha256" not in seen
    browser = signed_in(clean, above)
    page = browser.get(sheet).text
    assert "三天内没有签名" in page
    sha256 = re.search(r'name="sheet_sha256"[^>]*value="([0-9a-f]{64})"', page)
    assert sha256
    fields = {"headcount": "1", "statement": "向到场的同志核实", "sheet_sha256": sha256[1]}
    path = f"/staff/classrooms/{room_id}/signature"
    assert post(browser, path, fields).status_code == 422  # not ticked
    fields["sure"] = "y"
    assert post(signed_in(clean, colleague), path, fields).status_code == 404
    assert post(browser, path, fields).status_code == 303
    assert "代签" in browser.get(sheet).text


def test_a_host_who_signed_in_is_told_who_signs(
    clean: Flask, staff: Staff, lecture_id: UUID, browser: FlaskClient, tutor: Principal
) -> None:
    room_id = open_room(browser, staff, lecture_id)
    assert post(browser, "/classroom", {"code": digits_of(room_id)}).status_code == 303
    sheet = post(browser, f"/staff/classrooms/{room_id}/end").location
    page = browser.get(sheet).text
    assert "等待没有签到的单位管理员签名" in page and "sheet_sha256" not in page
    above = signed_in(clean, make_person(staff.land.unit, "管理员", grants={roles.UNIT_ADMIN: staff.land.unit}))
    page = above.get(sheet).text
    assert "自己也签到了本场" in page
    sha256 = re.search(r'name="sheet_sha256"[^>]*value="([0-9a-f]{64})"', page)
    assert sha256
    fields = {"headcount": "1", "statement": "电话核实", "sure": "y", "sheet_sha256": sha256[1]}
    path = f"/staff/classrooms/{room_id}/signature"
    told = post(browser, path, fields)
    assert told.status_code == 409 and "等待没有签到的单位管理员签名" in told.text
    assert post(above, path, fields).status_code == 303


def test_a_wrong_or_old_code_says_what_to_do(
    clean: Flask, staff: Staff, lecture_id: UUID, browser: FlaskClient
) -> None:
    room_id = open_room(browser, staff, lecture_id)
    phone = signed_in(clean, staff.learner)
    forged = f"{(int(digits_of(room_id)) + 7) % 10**6:06}"
    for code in (forged, "", "not a code", "9" * 20):
        answer = post(phone, "/classroom", {"code": code})
        assert answer.status_code == 422
        assert "大屏幕" in answer.get_data(as_text=True)


def test_the_room_is_its_hosts_and_shown_to_their_scope_alone(
    clean: Flask, staff: Staff, lecture_id: UUID, browser: FlaskClient
) -> None:
    room_id = open_room(browser, staff, lecture_id)
    desk = f"/staff/classrooms/{room_id}"
    stranger = signed_in(
        clean, make_person(staff.land.other_unit, "外省", grants={roles.CLASS_TUTOR: staff.land.other_unit})
    )
    above = signed_in(clean, make_person(staff.land.province, "省里", grants={roles.UNIT_ADMIN: staff.land.province}))
    for path in (desk, f"{desk}/screen", f"{desk}/sheet"):
        assert stranger.get(path).status_code == 404
    assert above.get(desk).status_code == 200
    assert above.get(f"{desk}/screen").status_code == 404
    assert digits_of(room_id) not in above.get(desk).get_data(as_text=True).replace(" ", "")
    assert post(above, f"{desk}/end").status_code == 404
    with reading() as session:
        assert classrooms.room(session, room_id).state == "open"


def upload(browser: FlaskClient, room_id: UUID, body: bytes, name: str = "room.png") -> TestResponse:
    return post(browser, f"/staff/classrooms/{room_id}/photos", {"photo": (BytesIO(body), name)})


def test_a_photo_is_encoded_anew_and_seen_by_their_scope(
    clean: Flask, staff: Staff, lecture_id: UUID, browser: FlaskClient
) -> None:
    room_id = open_room(browser, staff, lecture_id)
    answer = upload(browser, room_id, png(trailer=b"PK\x03\x04<script>alert(1)</script>"))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    with reading() as session:
        row = session.execute(select(ClassroomPhotoRow)).scalar_one()
    kept = storage().path(classroom.photo_key(room_id, row.sha256)).read_bytes()
    assert kept.startswith(b"\xff\xd8\xff")
    for trace in (b"GPS", b"script", b"PK\x03\x04", b"Exif"):
        assert trace not in kept
    address = f"/staff/classrooms/{room_id}/photos/{row.id}.jpg"
    shown = browser.get(address)
    shown.close()
    assert shown.status_code == 200 and shown.mimetype == "image/jpeg" and "no-store" in shown.headers["Cache-Control"]
    stranger = make_person(staff.land.other_unit, "外省", grants={roles.CLASS_TUTOR: staff.land.other_unit})
    assert signed_in(clean, stranger).get(address).status_code == 404
    assert signed_in(clean, staff.learner).get(address).status_code == 403


BAD = {
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "HTML": b"<!doctype html><script>1</script>",
    "GIF": b"GIF89a" + bytes(200),
    "PLAYLIST": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "EMPTY": b"",
    "ONLY_THE_MAGIC": b"\xff\xd8\xff\xe0",
    "PNG_BOMB": png(1, 1).replace(struct.pack(">II", 1, 1), struct.pack(">II", 60_000, 60_000), 1),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_photo_is_refused_in_plain_words(
    clean: Flask, staff: Staff, lecture_id: UUID, browser: FlaskClient, name: str
) -> None:
    room_id = open_room(browser, staff, lecture_id)
    answer = upload(browser, room_id, BAD[name], "room.jpg")
    assert answer.status_code == 422
    assert "照片" in answer.get_data(as_text=True)
    with reading() as session:
        assert classrooms.photos(session, room_id) == ()


def test_a_screen_reports_as_json(clean: Flask, staff: Staff, lecture_id: UUID, browser: FlaskClient) -> None:
    room_id = open_room(browser, staff, lecture_id)
    page = browser.get(f"/staff/classrooms/{room_id}/screen").get_data(as_text=True)
    csrf = re.search(r'data-csrf="([^"]+)"', page)
    assert csrf
    opened = browser.post(f"/api/v1/classrooms/{room_id}/screens", json={}, headers={"X-CSRFToken": csrf[1]})
    assert opened.status_code == 201
    screen = f"/api/v1/screens/{opened.get_json()['screen_id']}"
    body = {"seq": 1, "segments": [[0, 3_600_000]], "position_ms": 0}
    answer = browser.post(f"{screen}/reports", json=body)
    assert answer.status_code == 200 and answer.get_json()["accepted_ms"] < 5_000
    cross = browser.post(f"{screen}/reports", json=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert cross.status_code == 403
    for bad in ({"seq": 0}, {"seq": 1, "segments": [[1]], "position_ms": 0}, {"seq": "x"}, []):
        assert browser.post(f"{screen}/reports", json=bad).status_code == 422
    classroom.end_room(room_id, by=_host(room_id), now=clock.now())
    assert browser.post(f"{screen}/reports", json={**body, "seq": 2}).status_code == 410
    with reading() as session:
        assert classroomsheets.sheet(session, room_id) is not None


def _host(room_id: UUID) -> reach.Staff:
    with reading() as session:
        room = classrooms.room(session, room_id)
    return reach.Staff(room.host_id, (room.unit_path,))
