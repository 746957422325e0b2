"""Make-up sittings through their pages: two persons, the learner's start page, and who does not get in."""

import re
from collections.abc import Callable

import pytest

from lms.access.domain import roles
from lms.kernel.principal import Principal
from tests.factories.exams import Hall
from tests.factories.people import make_person

ASKED = {
    "attempts": "1",
    "opens_at": "2027-01-20T09:00",
    "closes_at": "2027-01-20T11:00",
    "reason": "住院，有医院证明",
}


@pytest.fixture
def tutor(hall: Hall, take_seat: Callable):
    return take_seat(make_person(hall.land.national, "班主任", grants={roles.CLASS_TUTOR: hall.land.national}))


@pytest.fixture
def manager(hall: Hall, take_seat: Callable):
    return take_seat(make_person(hall.land.national, "周文", grants={roles.CLASS_MANAGER: hall.land.national}))


def test_two_persons_arrange_a_sitting_and_the_learner_sees_it(
    hall: Hall, candidate: Principal, seat, tutor, manager
) -> None:
    page = f"/staff/exams/{hall.exam_id}/sittings/{candidate.person_id}"
    assert page in tutor.get(f"/staff/classes/{hall.class_id}/sittings").text
    assert tutor.post(page, ASKED | {"closes_at": ""}).status_code == 422
    assert tutor.post(page, ASKED).status_code == 303
    assert tutor.post(page, ASKED).status_code == 409, "a double click asks once"
    shown = manager.get(page).text
    assert "住院，有医院证明" in shown and "2027-01-20 09:00 — 2027-01-20 11:00" in shown
    found = re.search(r'action="(/staff/sitting-requests/[^"]+/decision)"', shown)
    assert found
    refused = tutor.post(found[1], {"decision": "grant"})
    assert refused.status_code == 403 and "提出人不能自己确认" in refused.text
    assert "您有补考机会" not in seat.get(f"/exams/{hall.exam_id}").text
    assert manager.post(found[1], {"decision": "decline"}).status_code == 422
    assert manager.post(found[1], {"decision": "grant"}).status_code == 303
    assert manager.post(found[1], {"decision": "grant"}).status_code == 409
    start_page = seat.get(f"/exams/{hall.exam_id}").text
    assert "增加 1 次考试机会，2027-01-20 09:00 至 2027-01-20 11:00 可以开始" in start_page
    assert re.search(r"剩余次数</dt><dd[^>]*>4<", start_page)


def test_the_desk_of_the_second_person_leads_to_what_waits(
    hall: Hall, candidate: Principal, seat, tutor, manager
) -> None:
    page = f"/staff/exams/{hall.exam_id}/sittings/{candidate.person_id}"
    assert "现在没有等待您确认的申请" in manager.get("/staff/exam-requests").text
    assert tutor.post(page, ASKED).status_code == 303
    assert re.search(r"等待确认的补考 <span[^>]*>1</span>", manager.get("/staff/").text)
    assert not re.search(r"等待确认的补考 <span", tutor.get("/staff/").text)
    assert page in manager.get("/staff/exam-requests").text and page not in tutor.get("/staff/exam-requests").text
    assert seat.get("/staff/exam-requests").status_code == 403


def test_others_do_not_get_in(hall: Hall, candidate: Principal, seat, take_seat) -> None:
    page = f"/staff/exams/{hall.exam_id}/sittings/{candidate.person_id}"
    over = hall.land.other_province
    foreign = take_seat(make_person(over, "外省", grants={roles.CLASS_MANAGER: over}))
    for who, status in ((foreign, 404), (seat, 403)):
        assert who.get(page).status_code == status
        assert who.post(page, ASKED).status_code == status
        assert who.get(f"/staff/classes/{hall.class_id}/sittings").status_code == status
