"""What an exam here promises beyond what such platforms do: E1 to E4 of the comparison of systems, over the wire."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from lms.accounts.models import AuthSessionRow
from lms.exams.domain.terms import Limits
from lms.exams.models import ExamRulesRow
from lms.infra.db import unit_of_work
from lms.kernel.principal import Principal
from tests.factories.exams import CANARY, NOW, Hall, make_candidate, make_hall_of_all_types
from tests.web.exams.conftest import Seat, Turn

CANDIDATE_SEES = {"position", "type", "stem", "points", "options", "prompts", "places"}


def save(seat: Seat, attempt: dict[str, Any], position: int, value: object, seq: int) -> None:
    body = {"epoch": attempt["epoch"], "client_seq": seq, "value": value}
    answer = seat.call("PUT", f"/attempts/{attempt['attempt_id']}/answers/{position}", body)
    assert answer.status_code == 200, answer.text


def test_e1_reload_other_device_and_an_expired_sign_in_keep_paper_clock_and_answers(
    hall: Hall, candidate: Principal, take_seat: Any, turn: Turn
) -> None:
    seat = take_seat(candidate)
    first = seat.call("POST", f"/exams/{hall.exam_id}/attempts").json
    save(seat, first, 1, ["o2"], 1)

    turn(timedelta(minutes=5))  # the page is loaded anew
    page = seat.get(f"/attempts/{first['attempt_id']}").text
    stamp = re.search(r'data-deadline="([^"]+)"', page)
    assert stamp and stamp[1].startswith("2026-11-21T03:00:00")
    reloaded = seat.call("POST", f"/attempts/{first['attempt_id']}/openings").json

    turn(timedelta(minutes=10))  # another device
    phone = take_seat(candidate)
    on_phone = phone.call("POST", f"/exams/{hall.exam_id}/attempts").json
    save(phone, on_phone, 2, ["o1"], 1)

    turn(timedelta(minutes=20))  # the sign-in is over, and begins anew
    with unit_of_work() as session:
        session.execute(delete(AuthSessionRow))
    assert phone.call("GET", f"/attempts/{first['attempt_id']}").status_code == 401
    again = take_seat(candidate)
    back = again.call("POST", f"/attempts/{first['attempt_id']}/openings").json
    save(again, back, 3, ["o3"], 1)

    seen = (reloaded, on_phone, back)
    assert all(one["questions"] == first["questions"] for one in seen)
    assert all(one["deadline"] == first["deadline"] and one["attempt_id"] == first["attempt_id"] for one in seen)
    assert [one["epoch"] for one in seen] == [2, 3, 4]
    held = again.call("GET", f"/attempts/{first['attempt_id']}").json["answers"]
    assert {position: one["value"] for position, one in held.items()} == {"1": ["o2"], "2": ["o1"], "3": ["o3"]}


@pytest.mark.parametrize("away", [timedelta(days=-400), timedelta(hours=3)])
def test_e2_a_clock_that_the_client_names_changes_nothing(
    hall: Hall, candidate: Principal, take_seat: Any, turn: Turn, away: timedelta
) -> None:
    seat = take_seat(candidate)
    attempt = seat.call("POST", f"/exams/{hall.exam_id}/attempts").json
    path, headers = f"/api/v1/attempts/{attempt['attempt_id']}/answers/1", {"X-CSRFToken": seat.token}
    named = (NOW + away).strftime("%a, %d %b %Y %H:%M:%S GMT")
    body = {"epoch": 1, "client_seq": 1, "value": ["o2"], "received_at": named, "now": named}
    for after, status in ((timedelta(minutes=60), 200), (timedelta(minutes=61), 409)):
        turn(after)
        told = headers | {"Date": named, "If-Unmodified-Since": named}
        answer = seat.client.put(path, json=body | {"client_seq": after.seconds}, headers=told)
        assert answer.status_code == status, answer.text


def test_e3_nothing_that_is_sent_while_an_attempt_is_open_was_made_from_a_key(
    clean: Flask, turn: Turn, take_seat: Any
) -> None:
    hall = make_hall_of_all_types()
    seat = take_seat(make_candidate(hall))
    begun = seat.call("POST", f"/exams/{hall.exam_id}/attempts")
    api, pages = f"/attempts/{begun.json['attempt_id']}", f"/attempts/{begun.json['attempt_id']}"
    opened = seat.call("POST", f"{api}/openings")
    shown = seat.call("GET", api)
    sent = [
        begun,
        opened,
        shown,
        seat.call("PUT", f"{api}/answers/1", {"epoch": 2, "client_seq": 1, "value": ["o1"]}),
        seat.call("PUT", f"{api}/answers/5", {"epoch": 2, "client_seq": 2, "value": ["别的", "1"]}),
        seat.call("PUT", f"{api}/answers/1", {"epoch": 1, "client_seq": 1, "value": ["o2"]}),
        seat.call("POST", f"{api}/heartbeats", {"epoch": 2, "messages": 9}),
        seat.get(pages),
        seat.get(f"{pages}/hand-in"),
        seat.get(f"{pages}/result"),
        seat.get(f"/exams/{hall.exam_id}"),
    ]
    assert [answer.status_code for answer in sent] == [201, 200, 200, 200, 200, 409, 200, 200, 200, 303, 200]
    for answer in sent:
        text = answer.text + answer.text.encode().decode("unicode_escape", "replace") + repr(answer.headers)
        assert not [key for key in (CANARY, "工会法", "参考", "explanation", "correct") if key in text], (
            answer.request.path
        )
    for answer in (begun, opened, shown):
        assert all(set(one) <= CANDIDATE_SEES for one in answer.json["questions"])
        assert not {"score", "max_score", "passed"} & set(answer.json)


@pytest.mark.parametrize(("limits", "minutes"), [(Limits.START, 60), (Limits.END, 1)])
def test_e4_a_start_in_the_windows_last_minute_has_the_full_time_unless_the_window_limits_the_end(
    hall: Hall, candidate: Principal, take_seat: Any, turn: Turn, limits: Limits, minutes: int
) -> None:
    closes = NOW + timedelta(hours=2)
    with unit_of_work() as session:
        old = session.query(ExamRulesRow).one()
        values = {column.name: getattr(old, column.name) for column in ExamRulesRow.__table__.columns}
        session.add(
            ExamRulesRow(**(values | {"version": 2, "limits": limits.value, "opens_at": NOW, "closes_at": closes}))
        )
    turn(timedelta(minutes=119))
    seat = take_seat(candidate)
    attempt = seat.call("POST", f"/exams/{hall.exam_id}/attempts").json
    turn(timedelta(minutes=119 + minutes))
    save(seat, attempt, 1, ["o2"], 1)
    turn(timedelta(minutes=119 + minutes, seconds=4))
    late = {"epoch": 1, "client_seq": 2, "value": ["o1"]}
    assert seat.call("PUT", f"/attempts/{attempt['attempt_id']}/answers/1", late).status_code == 409
    turn(timedelta(minutes=120))
    other = take_seat(make_candidate(hall, "来晚了"))
    assert other.call("POST", f"/exams/{hall.exam_id}/attempts").json["code"] == "exam_not_open"
