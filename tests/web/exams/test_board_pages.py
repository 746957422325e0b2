"""The live board: who may see it, what it says, messages and more time as invigilators send them, always the same number of statements."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from lms.access.domain import roles
from lms.classes import queries as classes, service as class_service
from lms.classes.service import ClassPlan
from lms.exams import service
from lms.exams.domain.attempts import SaveKey
from lms.infra.db import reading
from lms.kernel.principal import Principal
from lms.kernel.scope import EVERYWHERE
from tests.factories.exams import NOW, Hall, make_candidate
from tests.factories.people import make_person
from tests.web.conftest import Statements
from tests.web.exams.conftest import Seat, Turn

COUNTS = {"enrolled", "begun", "answering", "silent", "handed_in"}


@pytest.fixture
def manager(hall: Hall) -> Principal:
    national = hall.land.national
    return make_person(national, "监考甲", grants={roles.CLASS_MANAGER: national}, now=NOW)


@pytest.fixture
def second(hall: Hall) -> Principal:
    national = hall.land.national
    return make_person(national, "监考乙", grants={roles.CLASS_TUTOR: national}, now=NOW)


@pytest.fixture
def watching(manager: Principal, take_seat: Any) -> Seat:
    return take_seat(manager)


@pytest.fixture
def attempt_id(hall: Hall, candidate: Principal) -> str:
    return str(service.start_or_resume(hall.exam_id, candidate.person_id, now=NOW, seed=1).attempt_id)


def page_of(hall: Hall) -> str:
    return f"/staff/classes/{hall.class_id}/exam-board"


def test_the_board_lists_who_sits_and_links_from_the_class(
    hall: Hall, candidate: Principal, attempt_id: str, watching: Seat, turn: Turn
) -> None:
    turn(timedelta(seconds=30))
    assert page_of(hall) in watching.get(f"/staff/classes/{hall.class_id}").text
    page = watching.get(page_of(hall))
    assert page.status_code == 200
    assert candidate.name in page.text and "0 / 30" in page.text and "作答中" in page.text
    answer = watching.call("GET", f"/exams/{hall.exam_id}/board").json
    assert set(answer["counts"]) == COUNTS and answer["waiting"] == []
    (one,) = answer["candidates"]
    assert (one["attempt_id"], one["seat"], one["silent_seconds"]) == (attempt_id, "answering", 30)
    turn(timedelta(seconds=61))
    assert watching.call("GET", f"/exams/{hall.exam_id}/board").json["counts"]["silent"] == 1
    assert candidate.name in watching.get(f"{page_of(hall)}?show=silent").text
    assert candidate.name not in watching.get(f"{page_of(hall)}?show=answering").text
    assert candidate.name in watching.get(f"{page_of(hall)}?show=nonsense&after=nonsense").text


def test_who_has_no_class_there_finds_nothing(
    hall: Hall, seat: Seat, attempt_id: str, manager: Principal, watching: Seat, take_seat: Any
) -> None:
    asked = service.ask_more_time(hall.exam_id, None, 5, "停电", by=manager.person_id, reach=EVERYWHERE, now=NOW)
    stranger = take_seat(
        make_person(hall.land.other_unit, "外省班主任", grants={roles.CLASS_TUTOR: hall.land.other_province}, now=NOW)
    )
    gets = [page_of(hall), f"/staff/attempts/{attempt_id}/watch", f"/api/v1/exams/{hall.exam_id}/board"]
    posts = [
        f"/staff/exams/{hall.exam_id}/messages",
        f"/staff/exams/{hall.exam_id}/more-time",
        f"/staff/attempts/{attempt_id}/messages",
        f"/staff/attempts/{attempt_id}/more-time",
        f"/staff/more-time/{asked}/decision",
    ]
    fields = {"text": "请注意", "minutes": "5", "reason": "停电", "decision": "approve"}
    for who, status in ((stranger, 404), (seat, 403)):
        assert {who.get(path).status_code for path in gets} == {status}
        assert {who.post(path, fields).status_code for path in posts} == {status}
    absent = [path.replace(attempt_id, str(uuid4())).replace(str(asked), str(uuid4())) for path in posts[2:]]
    assert {watching.post(path, fields).status_code for path in absent} == {404}
    assert {watching.client.post(path, data=fields).status_code for path in posts} == {400}


def test_a_class_without_an_exam_says_so(hall: Hall, watching: Seat, clean: Flask) -> None:
    with reading() as session:
        known = classes.class_facts(session, hall.class_id)
    names = ClassPlan.__dataclass_fields__
    plan = ClassPlan(**{name: getattr(known, name) for name in names})
    other = class_service.create_class(replace(plan, name="没有考试的班"), actor_id=None, now=NOW)
    assert "没有考试" in watching.get(f"/staff/classes/{other}/exam-board").text


def test_a_message_reaches_the_page_and_an_empty_or_endless_one_is_refused(
    hall: Hall, candidate: Principal, attempt_id: str, watching: Seat, take_seat: Any
) -> None:
    all_of_them, one = f"/staff/exams/{hall.exam_id}/messages", f"/staff/attempts/{attempt_id}/messages"
    for path in (all_of_them, one):
        for text in ("", "   ", "长" * 301):
            refused = watching.post(path, {"text": text})
            assert refused.status_code == 422 and "请检查以下内容" in refused.text
        typed = watching.post(path, {"text": "请核对 11010519491231002X"})
        assert typed.status_code == 422 and "请核对" in typed.text, "what was typed is there to be put right"
    assert watching.post(all_of_them, {"text": "还有十分钟 <b>"}).status_code == 303
    assert watching.post(one, {"text": "请坐好"}).status_code == 303
    paper = take_seat(candidate)
    assert "还有十分钟 &lt;b&gt;" in paper.get(f"/attempts/{attempt_id}").text
    told = paper.call("POST", f"/attempts/{attempt_id}/heartbeats", {"epoch": 1}).json["messages"]
    assert {(entry["text"], entry["to_all"]) for entry in told} == {("还有十分钟 <b>", True), ("请坐好", False)}
    again = paper.call("POST", f"/attempts/{attempt_id}/heartbeats", {"epoch": 1, "messages": 2}).json
    assert "messages" not in again
    assert "请坐好" in watching.get(f"/staff/attempts/{attempt_id}/watch").text


def test_more_time_takes_two_and_a_second_press_gives_no_more(
    hall: Hall, candidate: Principal, attempt_id: str, watching: Seat, second: Principal, take_seat: Any
) -> None:
    path = f"/staff/attempts/{attempt_id}/more-time"
    for fields in (
        {"minutes": "7", "reason": "停电"},
        {"minutes": "x", "reason": "停电"},
        {"minutes": "5", "reason": " "},
    ):
        assert watching.post(path, fields).status_code == 422
    assert watching.post(path, {"minutes": "5", "reason": "停电"}).status_code == 303
    (asked,) = watching.call("GET", f"/exams/{hall.exam_id}/board").json["waiting"]
    decide = f"/staff/more-time/{asked}/decision"
    watching.post(decide, {"decision": "approve"})
    paper = take_seat(candidate)
    assert paper.call("GET", f"/attempts/{attempt_id}").json["deadline"] == "2026-11-21T03:00:00Z"
    other = take_seat(second)
    assert "确认加时" in other.get(page_of(hall)).text and "确认加时" not in watching.get(page_of(hall)).text
    assert (
        "请选择"
        in other.client.post(
            decide, data={"csrf_token": other.token, "decision": "nonsense"}, follow_redirects=True
        ).text
    )
    for _press in range(2):
        assert other.post(decide, {"decision": "approve"}).status_code == 303
    assert (
        paper.call("POST", f"/attempts/{attempt_id}/heartbeats", {"epoch": 1}).json["deadline"]
        == "2026-11-21T03:05:00Z"
    )
    assert paper.call("POST", f"/attempts/{attempt_id}/submission").status_code == 200
    over = watching.post(path, {"minutes": "5", "reason": "停电"})
    assert over.status_code == 409 and "没有正在作答的答卷" in over.text
    unread = watching.post(f"/staff/attempts/{attempt_id}/messages", {"text": "请坐好"})
    assert unread.status_code == 409 and "消息没有发出" in unread.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"epoch": -1},
        {"epoch": 1, "messages": -1},
        {"epoch": 1, "events": [{"no": 0, "kind": "paste"}]},
        {"epoch": 1, "events": [{"no": 1, "kind": "network"}]},
        {"epoch": 1, "events": [{"no": 1, "kind": "nonsense"}]},
        {"epoch": 1, "events": [{"no": 1, "kind": "paste", "amount": -5}]},
        {"epoch": 1, "events": [{"no": 1, "kind": "paste"}] * 51},
    ],
)
def test_a_sign_of_life_of_another_shape_is_422(seat: Seat, attempt_id: str, body: dict[str, Any]) -> None:
    assert seat.call("POST", f"/attempts/{attempt_id}/heartbeats", body).status_code == 422


def test_a_sign_of_life_of_an_older_page_and_of_another_person_is_refused(
    hall: Hall, seat: Seat, attempt_id: str, take_seat: Any
) -> None:
    seat.call("POST", f"/attempts/{attempt_id}/openings")
    refused = seat.call("POST", f"/attempts/{attempt_id}/heartbeats", {"epoch": 1})
    assert (refused.status_code, refused.json["code"]) == (409, "opened_elsewhere")
    stranger = take_seat(make_candidate(hall, "旁人"))
    assert stranger.call("POST", f"/attempts/{attempt_id}/heartbeats", {"epoch": 2}).status_code == 404


def test_board_and_sign_of_life_take_a_fixed_number_of_statements(
    hall: Hall, seat: Seat, attempt_id: str, manager: Principal, watching: Seat, statements: Statements
) -> None:
    def counted() -> tuple[int, ...]:
        found = []
        for ask in (
            lambda: watching.get(page_of(hall)),
            lambda: watching.call("GET", f"/exams/{hall.exam_id}/board"),
            lambda: seat.call("POST", f"/attempts/{attempt_id}/heartbeats", {"epoch": 1}),
        ):
            ask()
            with statements() as seen:
                assert ask().status_code == 200
            found.append(len(seen))
        return tuple(found)

    few = counted()
    for number in range(7):
        person = make_candidate(hall, f"考生{number}").person_id
        other = service.start_or_resume(hall.exam_id, person, now=NOW, seed=number).attempt_id
        for position in range(1, 6):
            service.save_answer(other, person, position, SaveKey(1, position), [], received_at=NOW)
        service.ask_more_time(hall.exam_id, other, 5, "停电", by=manager.person_id, reach=EVERYWHERE, now=NOW)
    assert counted() == few
