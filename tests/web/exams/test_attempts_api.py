"""The attempts API as the contract states it: codes, bodies, and nothing of keys while an attempt is open."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from lms.exams.domain.keys import Choices
from lms.exams.queries import view
from tests.factories.exams import CANARY, NOW, Hall, make_candidate, right_answers
from tests.web.exams.conftest import Seat

QUESTION = {"position", "type", "stem", "points", "options"}
ATTEMPT = {"attempt_id", "epoch", "state", "server_time", "deadline", "questions", "answers"}


@pytest.fixture
def started(seat, hall: Hall) -> dict[str, Any]:
    answer = seat.call("POST", f"/exams/{hall.exam_id}/attempts")
    assert answer.status_code == 201, answer.text
    return answer.json


def save(seat, attempt: dict[str, Any], position: int, value, *, seq: int = 1, epoch: int | None = None):
    body = {"epoch": epoch or attempt["epoch"], "client_seq": seq, "value": value}
    return seat.call("PUT", f"/attempts/{attempt['attempt_id']}/answers/{position}", body)


def test_a_start_answers_with_the_paper(started) -> None:
    assert set(started) == ATTEMPT
    assert (started["state"], started["epoch"], started["answers"]) == ("open", 1, {})
    assert started["server_time"] == "2026-11-21T02:00:00Z" and started["deadline"] == "2026-11-21T03:00:00Z"
    assert [one["position"] for one in started["questions"]] == list(range(1, 31))
    assert all(set(one) == QUESTION and set(one["options"][0]) == {"key", "text"} for one in started["questions"])


def test_a_second_start_is_200_with_a_higher_epoch_and_the_same_paper(seat, hall: Hall, started) -> None:
    save(seat, started, 3, ["o3"])
    again = seat.call("POST", f"/exams/{hall.exam_id}/attempts")
    assert again.status_code == 200
    assert again.json["epoch"] == 2
    assert again.json["questions"] == started["questions"]
    assert again.json["answers"] == {"3": {"value": ["o3"], "client_seq": 1, "epoch": 1}}


def test_reading_never_raises_the_epoch(seat, started) -> None:
    for _ in range(2):
        answer = seat.call("GET", f"/attempts/{started['attempt_id']}")
        assert (answer.status_code, answer.json["epoch"]) == (200, 1)


def test_opening_again_raises_the_epoch_and_is_refused_after_hand_in(seat, started) -> None:
    path = f"/attempts/{started['attempt_id']}/openings"
    assert seat.call("POST", path).json["epoch"] == 2
    seat.call("POST", f"/attempts/{started['attempt_id']}/submission")
    refusal = seat.call("POST", path)
    assert (refusal.status_code, refusal.json["code"]) == (409, "closed")


def test_missing_courses_are_403_with_their_list(hall: Hall, take_seat) -> None:
    answer = take_seat(make_candidate(hall, completed=7)).call("POST", f"/exams/{hall.exam_id}/attempts")
    assert answer.status_code == 403
    assert answer.json["code"] == "courses_missing"
    assert answer.json["missing"] == [{"id": str(hall.course_ids[7]), "title": "课程C8"}]


def test_saves_are_acknowledged_once_for_each_key(seat, started) -> None:
    first = save(seat, started, 1, ["o1"])
    assert (first.status_code, first.json) == (200, {"saved_at": "2026-11-21T02:00:00Z", "client_seq": 1})
    assert save(seat, started, 1, ["o1"]).json == first.json
    other = save(seat, started, 1, ["o2"])
    assert (other.status_code, other.json["code"]) == (409, "conflict")
    assert save(seat, started, 21, True).status_code == 200


@pytest.mark.parametrize("value", [["Z"], ["A"], ["o5"], ["o1", "o2"], 7, {"a": 1}, [1], "x" * 3000])
def test_what_is_no_answer_is_422(seat, started, value) -> None:
    assert save(seat, started, 1, value).status_code == 422


@pytest.mark.parametrize("body", [{}, {"epoch": 1}, {"epoch": -1, "client_seq": 1, "value": []}, {"epoch": "1"}, []])
def test_a_body_of_another_shape_is_422(seat, started, body) -> None:
    assert seat.call("PUT", f"/attempts/{started['attempt_id']}/answers/1", body).status_code == 422


def test_an_older_page_is_told_that_the_attempt_was_opened_elsewhere(seat, hall: Hall, started) -> None:
    seat.call("POST", f"/exams/{hall.exam_id}/attempts")
    refusal = save(seat, started, 1, ["o1"])
    assert (refusal.status_code, refusal.json["code"]) == (409, "opened_elsewhere")


def test_a_late_save_is_refused_by_the_servers_clock(seat, started, turn) -> None:
    turn(timedelta(minutes=59, seconds=59))
    assert save(seat, started, 1, ["o1"]).status_code == 200


def test_after_deadline_and_grace_nothing_is_saved_and_the_clock_hands_in(
    hall: Hall, candidate, take_seat, started, turn
) -> None:
    turn(timedelta(hours=1, seconds=4))
    late = take_seat(candidate)
    refusal = save(late, started, 1, ["o1"])
    assert (refusal.status_code, refusal.json["code"]) == (409, "late")
    shown = late.call("GET", f"/attempts/{started['attempt_id']}")
    assert (shown.json["state"], shown.json["score"], shown.json["answers"]) == ("graded", 0, {})
    assert save(late, started, 1, ["o1"]).json["code"] == "closed"


def test_handing_in_twice_gives_the_same_answer(seat, started) -> None:
    right = right_answers(UUID(started["attempt_id"]))
    for position in range(1, 16):
        save(seat, started, position, right[position])
    path = f"/attempts/{started['attempt_id']}/submission"
    first = seat.call("POST", path)
    assert (first.status_code, first.json) == (
        200,
        {"state": "graded", "score": 60, "max_score": 100, "passed": True},
    )
    assert seat.call("POST", path).json == first.json


def test_anothers_attempt_looks_like_none(hall: Hall, take_seat, started) -> None:
    other = take_seat(make_candidate(hall, "李四"))

    def answers(attempt_id: object) -> list[Any]:
        found = [
            other.call("GET", f"/attempts/{attempt_id}"),
            other.call("POST", f"/attempts/{attempt_id}/openings"),
            other.call("POST", f"/attempts/{attempt_id}/submission"),
            other.call("PUT", f"/attempts/{attempt_id}/answers/1", {"epoch": 1, "client_seq": 1, "value": ["o1"]}),
        ]
        return [(one.status_code, {**one.json, "request_id": ""}) for one in found]

    assert answers(started["attempt_id"]) == answers(uuid4())
    assert {status for status, _ in answers(uuid4())} == {404}


def test_nobody_is_401_and_a_missing_token_refused(clean: Flask, hall: Hall, seat) -> None:
    path = f"/api/v1/exams/{hall.exam_id}/attempts"
    visitor = Seat(clean.test_client())
    assert visitor.call("POST", f"/exams/{hall.exam_id}/attempts").status_code == 401
    assert seat.client.post(path).status_code == 400


def bodies_of_an_open_attempt(seat, hall: Hall) -> list[bytes]:
    """every answer that a browser gets while its attempt is open, refusals and pages too."""
    start = seat.call("POST", f"/exams/{hall.exam_id}/attempts")
    attempt = start.json
    page = f"/attempts/{attempt['attempt_id']}"
    answers = [
        start,
        seat.call("GET", page),
        seat.call("POST", f"{page}/openings"),
        save(seat, attempt, 1, ["o1"], epoch=2),
        save(seat, attempt, 1, ["o2"], epoch=2),
        save(seat, attempt, 1, ["Z"], epoch=2, seq=2),
        save(seat, attempt, 1, ["o2"], epoch=1),
        seat.get(f"/exams/{hall.exam_id}"),
        seat.get(page),
        seat.post(page, {"epoch": 2, "answer-2": "o1"}),
        seat.post(page, {"epoch": 1, "answer-2": "o2"}),
        seat.get(f"{page}/hand-in"),
        seat.get(f"{page}/result"),
    ]
    return [one.data + str(one.headers).encode() for one in answers]


def test_no_answer_of_an_open_attempt_carries_explanation_source_or_knowledge_point(seat, hall: Hall) -> None:
    everything = b"".join(bodies_of_an_open_attempt(seat, hall))
    for form in (CANARY, CANARY.encode("unicode_escape").decode()):
        assert form.encode() not in everything
    for word in (b'"correct"', b'"earned"', b'"explanation"', b'"sources"', b'"score"', b"is-correct"):
        assert word not in everything


def test_the_answers_of_an_open_attempt_do_not_depend_on_the_keys(seat, hall, monkeypatch, started) -> None:
    def seen() -> list[Any]:
        shown = seat.call("GET", f"/attempts/{started['attempt_id']}").data
        page = seat.get(f"/attempts/{started['attempt_id']}").data
        return [shown, re.sub(rb'name="csrf_token"[^>]*', b"", page)]

    before = seen()
    genuine = view.items

    def other_keys(session: Any, version_ids: Any) -> Any:
        items = genuine(session, version_ids)
        return {i: replace(item, key=Choices(("D",)), explanation="X", sources=("Y",)) for i, item in items.items()}

    monkeypatch.setattr(view, "items", other_keys)
    assert seen() == before


def test_keys_and_marks_follow_when_the_class_is_over(seat, candidate, take_seat, started, turn) -> None:
    right = right_answers(UUID(started["attempt_id"]))
    save(seat, started, 1, right[1])
    seat.call("POST", f"/attempts/{started['attempt_id']}/submission")
    graded = seat.call("GET", f"/attempts/{started['attempt_id']}").json
    assert set(graded) == ATTEMPT | {"score", "max_score", "passed"}
    assert all(set(one) == QUESTION for one in graded["questions"])
    turn(timedelta(days=41))
    after = take_seat(candidate).call("GET", f"/attempts/{started['attempt_id']}").json
    assert {one["position"]: one["correct"] for one in after["questions"]} == right
    assert [one["earned"] for one in after["questions"][:2]] == [4, 0]
    assert all(CANARY in one["explanation"] for one in after["questions"])


def test_the_clock_starts_with_the_servers_time(started) -> None:
    assert started["server_time"].startswith(NOW.isoformat()[:19])


def test_what_is_refused_quotes_no_number(seat: Seat) -> None:
    number = "330102199003071234"
    beat = {"epoch": 1, "events": [{"no": 1, "kind": number}]}
    answer = seat.call("POST", f"/attempts/{uuid4()}/heartbeats", beat)
    assert answer.status_code == 422 and number not in answer.text
