"""The pages of marking: by item, without names, one answer after the other."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from lms.access import queries as access
from lms.access.domain import roles
from lms.exams import queries
from lms.exams.domain.attempts import State
from lms.exams.models import AttemptRow, MarkingPieceRow, MarkingPlanRow, MarkRow
from lms.infra.db import reading
from lms.kernel.principal import Principal
from tests.factories.exams import NOW, Hall, make_candidate, make_hall_of_all_types
from tests.factories.marking import ANSWERS, handed_in, make_marker
from tests.factories.people import make_person
from tests.web.exams.conftest import Seat

TakeSeat = Callable[[Principal], Seat]


@pytest.fixture
def hall(clean: Flask, turn: object) -> Hall:
    return make_hall_of_all_types()


@pytest.fixture
def desk(hall: Hall, take_seat: TakeSeat) -> Seat:
    return take_seat(make_marker(hall))


def start(hall: Hall, seat: Seat, kind: str) -> str:
    """The address of the next answer to the item of a type."""
    with reading() as session:
        found = queries.items_to_mark(session, hall.exam_id, make_candidate(hall, "无关").person_id, now=NOW)
    version = next(one.version_id for one in found if one.type == kind)
    answer = seat.post(f"/staff/marking/{hall.exam_id}/items/{version}/next")
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_a_marker_goes_from_answer_to_answer_until_all_are_final(hall: Hall, desk: Seat) -> None:
    attempts = handed_in(hall, 2)
    assert hall.land.unit.name not in desk.get("/staff/marking").text
    assert "简答：工会是什么？" in desk.get(f"/staff/marking/{hall.exam_id}").text
    where = start(hall, desk, "short_answer")
    page = desk.get(where).text
    assert ANSWERS["short_answer"][0] in page
    assert "参考金丝雀" in page, "markers see what they measure by"
    for _ in range(2):
        where = desk.post(f"{where}/mark", {"parts-0": "8.5"}).headers["Location"]
    assert where == f"/staff/marking/{hall.exam_id}"
    where = start(hall, desk, "case")
    for _ in range(2):
        where = desk.post(f"{where}/mark", {"parts-0": "5", "parts-1": "0"}).headers["Location"]
    with reading() as session:
        states = [session.get_one(AttemptRow, one).state for one in attempts]
    assert states == [State.GRADED.value] * 2


def test_nothing_tells_whose_answer_it_is(hall: Hall, desk: Seat) -> None:
    (attempt_id,) = handed_in(hall)
    with reading() as session:
        person = session.get_one(AttemptRow, attempt_id).person_id
    page = desk.get(start(hall, desk, "short_answer")).text
    for secret in ("考生0", str(attempt_id), attempt_id.hex, str(person), hall.land.unit.name):
        assert secret not in page


def test_a_bad_number_keeps_the_page_and_names_the_question(hall: Hall, desk: Seat) -> None:
    handed_in(hall)
    where = start(hall, desk, "case")
    odd = ({"parts-0": points, "parts-1": "1"} for points in ("六", "5.5", "sNaN", "Infinity", "1E+999999"))
    for parts in (*odd, {"parts-1": "1"}, {}):
        answer = desk.post(f"{where}/mark", parts)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert "先筹备，再开会选举。" in answer.text
    with reading() as session:
        assert session.execute(select(MarkRow.id)).first() is None


def test_a_double_click_marks_once_and_goes_on(hall: Hall, desk: Seat) -> None:
    handed_in(hall, 2)
    where = start(hall, desk, "short_answer")
    answers = [desk.post(f"{where}/mark", {"parts-0": "3"}) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"] != where
    with reading() as session:
        assert session.execute(select(MarkRow.earned)).scalars().all() == [300]


def test_a_draft_is_there_again(hall: Hall, desk: Seat) -> None:
    handed_in(hall)
    where = start(hall, desk, "short_answer")
    assert desk.post(f"{where}/draft", {"parts-0": "4.5", "comment": "要点齐全"}).status_code == 204
    page = desk.get(where).text
    assert 'value="4.5"' in page
    assert "要点齐全" in page


def test_skip_and_flag(hall: Hall, desk: Seat) -> None:
    handed_in(hall)
    where = start(hall, desk, "short_answer")
    assert desk.post(f"{where}/pass", {"act": "flag", "flag": ""}).status_code == 422
    assert desk.post(f"{where}/pass", {"act": "skip"}).headers["Location"] == where, "the only one comes again"
    assert desk.post(f"{where}/pass", {"act": "flag", "flag": "雷同"}).headers["Location"].endswith(str(hall.exam_id))
    assert "余下的由其他阅卷人评" in desk.get(f"/staff/marking/{hall.exam_id}").text
    assert desk.get(where).status_code == 404


def test_another_marker_sees_neither_page_nor_draft(hall: Hall, desk: Seat, take_seat: TakeSeat) -> None:
    handed_in(hall)
    where = start(hall, desk, "short_answer")
    other = take_seat(make_marker(hall, "他人"))
    assert other.get(where).status_code == 404
    assert other.post(f"{where}/draft", {"parts-0": "1"}).status_code == 409
    assert other.post(f"{where}/mark", {"parts-0": "1"}).headers["Location"] == "/staff/marking"
    with reading() as session:
        assert session.execute(select(MarkRow.id)).first() is None


def test_other_units_and_other_roles_are_refused(hall: Hall, desk: Seat, take_seat: TakeSeat) -> None:
    handed_in(hall)
    where = start(hall, desk, "short_answer")
    elsewhere = take_seat(make_person(hall.land.unit, "外地", grants={roles.CLASS_TUTOR: hall.land.province}))
    learner = take_seat(make_candidate(hall, "学员"))
    for seat, status in ((elsewhere, 404), (learner, 403)):
        assert seat.get(f"/staff/marking/{hall.exam_id}").status_code == status
        assert seat.get(where).status_code == status
        assert seat.post(f"{where}/mark", {"parts-0": "1"}).status_code == status
    assert "阅卷" not in learner.get("/").text
    assert hall.land.national.name not in elsewhere.get("/staff/marking").text
    assert "没有需要人工评分的答案" in elsewhere.get("/staff/marking").text


def test_tutors_do_not_set_how_many_mark_managers_do(hall: Hall, desk: Seat, take_seat: TakeSeat) -> None:
    handed_in(hall)
    plan = {"markers": "2", "threshold": "15"}
    assert desk.post(f"/staff/marking/{hall.exam_id}/plan", plan).status_code == 403
    grants = {roles.CLASS_MANAGER: hall.land.national}
    manager = take_seat(make_person(hall.land.national, "班主任", grants=grants))
    assert manager.post(f"/staff/marking/{hall.exam_id}/plan", plan | {"threshold": "200"}).status_code == 422
    assert manager.post(f"/staff/marking/{hall.exam_id}/plan", plan).status_code == 303
    with reading() as session:
        assert session.execute(select(MarkingPlanRow.markers, MarkingPlanRow.threshold)).one() == (2, 15)
        assert set(session.execute(select(MarkingPieceRow.wanted)).scalars()) == {2}
    assert "由两人分别评分" in manager.get(f"/staff/marking/{hall.exam_id}").text


def test_the_pages_take_a_fixed_number_of_statements(hall: Hall, desk: Seat, statements: Callable) -> None:
    def count(path: str) -> int:
        desk.get(path)
        with statements() as seen:
            assert desk.get(path).status_code == 200
        return len([one for one in seen if not re.match("BEGIN|PRAGMA", one)])

    handed_in(hall, 1)
    where = start(hall, desk, "short_answer")
    few = [count(path) for path in ("/staff/marking", f"/staff/marking/{hall.exam_id}", where)]
    handed_in(hall, 4)
    assert [count(path) for path in ("/staff/marking", f"/staff/marking/{hall.exam_id}", where)] == few


def test_the_learner_is_told_to_wait_then_sees_the_score(hall: Hall, desk: Seat, take_seat: TakeSeat) -> None:
    (attempt_id,) = handed_in(hall)
    with reading() as session:
        person = session.get_one(AttemptRow, attempt_id).person_id
    with reading() as session:
        learner = access.principal_of_person(session, person, now=NOW)
    seat = take_seat(learner)
    assert "正在等待教师评分" in seat.get(f"/attempts/{attempt_id}/result").text
    for kind, parts in (("short_answer", {"parts-0": "10"}), ("case", {"parts-0": "5", "parts-1": "5"})):
        desk.post(f"{start(hall, desk, kind)}/mark", parts)
    assert "56" in seat.get(f"/attempts/{attempt_id}/result").text
