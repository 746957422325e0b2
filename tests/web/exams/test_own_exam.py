"""Who sits an exam and works for its class sees no key of it as staff, marks nobody, and gives nobody time; before and during."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from lms.access.domain import roles
from lms.accounts.domain.reach import Staff
from lms.exams import queries, service
from lms.exams.models import AttemptRow
from lms.exams.service import sittings
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import (
    CANARY,
    NOW,
    Hall,
    enrol,
    make_another_exam,
    make_candidate,
    make_hall_of_all_types,
    own_banks,
)
from tests.factories.marking import hand_in, make_marker
from tests.factories.people import make_person
from tests.service.exams.test_regrading import version_at
from tests.web.exams.conftest import Seat

TakeSeat = Callable[[Principal], Seat]
REFUSED = "您是这场考试的学员"


@pytest.fixture
def hall(clean: Flask, turn: object) -> Hall:
    return make_hall_of_all_types()


@pytest.fixture
def own(hall: Hall) -> Principal:
    """A tutor and manager of the class who is enrolled in it."""
    grants = dict.fromkeys((roles.CLASS_TUTOR, roles.CLASS_MANAGER), hall.land.national)
    return make_candidate(hall, "班主任兼学员", grants=grants)


@pytest.mark.parametrize("begun", [False, True], ids=["BEFORE", "DURING"])
def test_no_page_of_staff_shows_them_a_key(hall: Hall, own: Principal, take_seat: TakeSeat, begun: bool) -> None:
    theirs = hand_in(hall, make_candidate(hall, "先考的"))
    other = take_seat(make_marker(hall))
    if begun:
        service.start_or_resume(hall.exam_id, own.person_id, now=NOW, seed=1)
    service.count_figures(hall.exam_id, until=NOW, now=NOW)
    seat, exam = take_seat(own), f"/staff/exams/{hall.exam_id}"
    item = version_at(theirs, 1)
    pages = [
        f"{exam}/regrades",
        f"{exam}/items/{item}/regrade",
        f"{exam}/item-figures",
        f"/staff/marking/{hall.exam_id}",
    ]
    answers = [seat.get(page) for page in pages]
    answers.append(seat.post(f"/staff/marking/{hall.exam_id}/items/{item}/next"))
    answers.append(seat.post(f"{exam}/item-figures/export", {"format": "csv"}))
    for page, answer in zip([*pages, "next", "export"], answers, strict=True):
        assert (answer.status_code, REFUSED in answer.text, CANARY in answer.text) == (403, True, False), page
    assert other.get(f"/staff/marking/{hall.exam_id}").status_code == 200, "a colleague works on"


def test_who_holds_an_answer_and_then_enrols_reads_no_more_of_its_reference(hall: Hall, take_seat: TakeSeat) -> None:
    hand_in(hall, make_candidate(hall, "先考的"))
    marker = make_marker(hall)
    seat = take_seat(marker)
    with reading() as session:
        found = queries.items_to_mark(session, hall.exam_id, marker.person_id, now=NOW)
    item = next(one.version_id for one in found if one.type == "short_answer")
    where = seat.post(f"/staff/marking/{hall.exam_id}/items/{item}/next").headers["Location"]
    assert CANARY in seat.get(where).text
    assert seat.post(f"/classes/{hall.class_id}/enrolment").status_code == 303
    assert (seat.get(where).status_code, seat.post(f"{where}/mark", {"parts-0": "1"}).status_code) == (403, 403)


def test_items_of_the_own_exam_are_not_previewed(hall: Hall, take_seat: TakeSeat) -> None:
    drafter = make_person(hall.land.national, "起草后报名的", grants={roles.CLASS_MANAGER: hall.land.national})
    seat = take_seat(drafter)
    draft = seat.post(f"/staff/classes/{hall.class_id}/exam/drafts").location
    enrol(hall, drafter.person_id)
    with reading() as session:
        item = session.execute(select(ItemVersionRow.id)).scalars().first()
    items = f"{draft}/sections/1/items"
    for ask in (
        lambda: seat.post(f"{draft}/sample"),
        lambda: seat.get(items),
        lambda: seat.post(items, {"add": str(item)}),
    ):
        answer = ask()
        assert answer.status_code == 303
        assert REFUSED in seat.client.get(answer.location, follow_redirects=True).text


def test_nobody_asks_for_more_time_in_their_own_exam_or_grants_it(
    hall: Hall, own: Principal, take_seat: TakeSeat
) -> None:
    seat, colleague = take_seat(own), make_marker(hall)
    attempt_id = service.start_or_resume(hall.exam_id, own.person_id, now=NOW, seed=1).attempt_id
    more = {"minutes": "30", "reason": "停电"}
    for path in (f"/staff/attempts/{attempt_id}/more-time", f"/staff/exams/{hall.exam_id}/more-time"):
        answer = seat.post(path, more)
        assert (answer.status_code, REFUSED in answer.text) == (403, True), path
    for path in (f"/staff/attempts/{attempt_id}/messages", f"/staff/exams/{hall.exam_id}/messages"):
        answer = seat.post(path, {"text": "考试延长"})
        assert (answer.status_code, REFUSED in answer.text) == (403, True), path
    for whose in (attempt_id, None):
        asked = service.ask_more_time(
            hall.exam_id, whose, 30, "停电", by=colleague.person_id, reach=EVERYWHERE, now=NOW
        )
        assert seat.post(f"/staff/more-time/{asked}/decision", {"decision": "approve"}).status_code == 403
    with reading() as session:
        row = session.get_one(AttemptRow, attempt_id)
        assert (row.deadline - row.started_at).total_seconds() == 3600
        assert {one.state for one in queries.requests(session, hall.exam_id)} == {"asked"}


def test_who_sits_it_does_not_watch_how_others_do(hall: Hall, own: Principal, take_seat: TakeSeat) -> None:
    seat, colleague = take_seat(own), take_seat(make_marker(hall))
    theirs = service.start_or_resume(hall.exam_id, make_candidate(hall, "邻座").person_id, now=NOW, seed=1).attempt_id
    board = f"/staff/classes/{hall.class_id}/exam-board"
    for page in (board, f"/staff/attempts/{theirs}/watch"):
        answer = seat.get(page)
        assert (answer.status_code, REFUSED in answer.text, "邻座" in answer.text) == (403, True, False), page
    refused = seat.call("GET", f"/exams/{hall.exam_id}/board")
    assert (refused.status_code, refused.json["code"]) == (403, "own_exam")
    assert "邻座" in colleague.get(board).text
    results = f"/staff/exams/{hall.exam_id}/results"
    service.count_figures(hall.exam_id, until=NOW, now=NOW)
    assert (seat.get(results).status_code, colleague.get(results).status_code) == (403, 200)


def test_who_sits_it_reads_and_decides_nothing_that_is_asked_for_others(
    hall: Hall, own: Principal, take_seat: TakeSeat
) -> None:
    seat, marker = take_seat(own), make_marker(hall)
    neighbour = make_candidate(hall, "邻座")
    theirs = service.start_or_resume(hall.exam_id, neighbour.person_id, now=NOW, seed=1).attempt_id
    service.ask_more_time(hall.exam_id, theirs, 30, "突发低血糖离场", by=marker.person_id, reach=EVERYWHERE, now=NOW)
    by = Staff(marker.person_id, (hall.land.national.path,))
    asked = sittings.ask_sitting(hall.exam_id, neighbour.person_id, sittings.Asked(1), "住院证明", by=by, now=NOW)
    third = take_seat(make_marker(hall))
    for who, seen in ((seat, False), (third, True)):
        queue = who.get("/staff/exam-requests")
        assert queue.status_code == 200 and ("突发低血糖离场" in queue.text, "住院证明" in queue.text) == (seen, seen)
    person = f"/staff/exams/{hall.exam_id}/sittings/{neighbour.person_id}"
    answers = [seat.get(person), seat.get(f"/staff/classes/{hall.class_id}/sittings")]
    answers.append(seat.post(person, {"attempts": "1", "reason": "再考一次"}))
    answers.append(seat.post(f"/staff/sitting-requests/{asked}/decision", {"decision": "grant"}))
    assert [one.status_code for one in answers] == [403] * 4 and not any("邻座" in one.text for one in answers)
    with reading() as session:
        assert queries.sittings.request(session, asked).state == "asked"
    assert third.get(person).status_code == 200


def test_who_sits_another_exam_on_the_same_banks_reads_no_key_here(hall: Hall, take_seat: TakeSeat) -> None:
    theirs = hand_in(hall, make_candidate(hall, "先考的"))
    grants = dict.fromkeys((roles.CLASS_TUTOR, roles.CLASS_MANAGER), hall.land.national)
    me = make_person(hall.land.national, "阅卷兼别班学员", grants=grants)
    seat, exam = take_seat(me), f"/staff/exams/{hall.exam_id}"
    own_banks(hall)
    with reading() as session:
        found = queries.items_to_mark(session, hall.exam_id, me.person_id, now=NOW)
    item = next(one.version_id for one in found if one.type == "short_answer")
    piece = seat.post(f"/staff/marking/{hall.exam_id}/items/{item}/next").headers["Location"]
    pages = [piece, f"/staff/marking/{hall.exam_id}", f"{exam}/items/{version_at(theirs, 1)}/regrade"]
    service.count_figures(hall.exam_id, until=NOW, now=NOW)
    pages.append(f"{exam}/item-figures")
    assert [seat.get(page).status_code for page in pages] == [200] * 4
    enrol(make_another_exam(hall), me.person_id)
    for page in pages:
        answer = seat.get(page)
        assert (answer.status_code, REFUSED in answer.text, CANARY in answer.text) == (403, True, False), page


def test_who_sits_another_exam_on_the_same_banks_marks_nothing_here(hall: Hall, take_seat: TakeSeat) -> None:
    theirs = hand_in(hall, make_candidate(hall, "先考的"))
    with reading() as session:
        entries = queries.paper(session, theirs).entries
    item = next(one.version_id for one in entries if one.type == "short_answer")
    marker = make_marker(hall)
    enrol(make_another_exam(hall), marker.person_id)
    seat = take_seat(marker)
    assert seat.get(f"/staff/marking/{hall.exam_id}").status_code == 403
    assert seat.post(f"/staff/marking/{hall.exam_id}/items/{item}/next").status_code == 403
    other = take_seat(make_marker(hall))
    assert other.post(f"/staff/marking/{hall.exam_id}/items/{item}/next").status_code == 303


def test_who_sits_another_exam_on_the_same_banks_previews_none_of_their_items(hall: Hall, take_seat: TakeSeat) -> None:
    own_banks(hall)
    me = make_person(hall.land.national, "主任兼别班学员", grants={roles.CLASS_MANAGER: hall.land.national})
    seat, another = take_seat(me), make_another_exam(hall)
    draft = seat.post(f"/staff/classes/{hall.class_id}/exam/drafts").location
    items = f"{draft}/sections/1/items"
    assert seat.get(items).status_code == 200
    enrol(another, me.person_id)
    for ask in (lambda: seat.get(items), lambda: seat.post(f"{draft}/sample")):
        answer = ask()
        assert answer.status_code == 303
        assert REFUSED in seat.client.get(answer.location, follow_redirects=True).text
