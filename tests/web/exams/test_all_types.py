"""The paper, with every type of item, as JSON and as pages without scripts: no key leaves before the review."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from lms.exams import queries
from lms.infra.db import reading
from tests.factories.exams import CANARY, Hall, make_candidate, make_hall_of_all_types, named
from tests.web.exams.conftest import Turn


@pytest.fixture
def hall(clean: Flask, turn: Turn) -> Hall:
    return make_hall_of_all_types(partial="proportional")


@pytest.fixture
def seat(hall: Hall, take_seat):
    return take_seat(make_candidate(hall))


def test_prompts_and_places_are_told_and_no_key(seat, hall: Hall) -> None:
    answer = seat.call("POST", f"/exams/{hall.exam_id}/attempts")
    assert answer.status_code == 201
    asked = {one["type"]: one for one in answer.json["questions"]}
    assert asked["matching"]["prompts"] == ["甲", "乙"]
    assert sorted(option["text"] for option in asked["matching"]["options"]) == ["一", "三", "二"]
    assert (asked["fill_in"]["places"], asked["case"]["places"], asked["short_answer"]["places"]) == (2, 2, 1)
    assert "places" not in asked["single"]
    page = seat.get(f"/attempts/{answer.json['attempt_id']}").data
    for told in (answer.data, page):
        for key in ("工会法", CANARY, "参考"):
            assert key.encode() not in told and key.encode("unicode_escape") not in told


def test_a_page_without_scripts_saves_every_type(seat, hall: Hall) -> None:
    started = seat.call("POST", f"/exams/{hall.exam_id}/attempts").json
    at = {one["type"]: one["position"] for one in started["questions"]}
    (second,) = named(UUID(started["attempt_id"]), at["matching"], ["2"])
    fields = {
        "epoch": 1,
        f"answer-{at['fill_in']}": ["工会法", "50"],
        f"answer-{at['matching']}": [second, ""],
        f"answer-{at['short_answer']}": ["我的回答"],
        f"answer-{at['case']}": ["", "上级工会"],
        f"answer-{at['single']}": named(UUID(started["attempt_id"]), at["single"], ["B"]),
    }
    path = f"/attempts/{started['attempt_id']}"
    assert seat.post(path, fields | {"hand-in": "1"}).status_code == 303
    with reading() as session:
        saved = {p: one.value for p, one in queries.answers(session, UUID(started["attempt_id"])).items()}
    assert saved == {
        at["fill_in"]: ("工会法", "50"),
        at["matching"]: ("2", ""),
        at["short_answer"]: ("我的回答",),
        at["case"]: ("", "上级工会"),
        at["single"]: ("B",),
    }
    page = seat.get(path).get_data(as_text=True)
    assert 'value="工会法"' in page and "我的回答</textarea>" in page and f'value="{second}" selected' in page
    assert "少选按比例得分" in page
    assert seat.post(f"{path}/hand-in").status_code == 303
    result = seat.get(f"{path}/result").get_data(as_text=True)
    assert "正在等待教师评分" in result
    assert seat.call("POST", f"/attempts/{started['attempt_id']}/submission").json == {"state": "submitted"}


def test_the_review_shows_typed_answers_beside_the_right_ones(take_seat, turn: Turn, clean: Flask) -> None:
    hall = make_hall_of_all_types(by_hand=False)
    candidate = make_candidate(hall)
    seat = take_seat(candidate)
    started = seat.call("POST", f"/exams/{hall.exam_id}/attempts").json
    position = next(one["position"] for one in started["questions"] if one["type"] == "fill_in")
    body = {"epoch": 1, "client_seq": 1, "value": ["工会", "50"]}
    assert seat.call("PUT", f"/attempts/{started['attempt_id']}/answers/{position}", body).status_code == 200
    seat.call("POST", f"/attempts/{started['attempt_id']}/submission")
    turn(timedelta(days=41))
    later = take_seat(candidate)
    page = later.get(f"/attempts/{started['attempt_id']}/result").get_data(as_text=True)
    assert "工会法" in page and "参考答案" in page
    told = later.call("GET", f"/attempts/{started['attempt_id']}").json
    fill_in = next(one for one in told["questions"] if one["type"] == "fill_in")
    assert (fill_in["correct"], fill_in["earned"]) == (["工会法", "50"], 5)
