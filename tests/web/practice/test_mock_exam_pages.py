"""A mock exam on its pages, without scripts: the plan, the paper, the result; and the saves of its script."""

import re
from datetime import timedelta

import pytest

from tests.factories.exams import KEYS, Hall, by_texts, make_candidate, make_hall
from tests.factories.practice import SECRET

FIELD = re.compile(r'type="(radio|checkbox)" name="(answer-\d+)" value="(o[1-9]|[TF])"[^>]*><span>(.*?)</span></label>')
LETTER, TAG = re.compile(r'<span class="exam-letter">.*?</span>'), re.compile("<[^>]+>")


@pytest.fixture
def start(hall: Hall) -> str:
    return f"/practice/classes/{hall.class_id}/mock-exam"


@pytest.fixture
def paper(seat, start: str) -> str:
    return seat.post(start).headers["Location"]


def right(seat, path: str) -> dict[str, list[str]]:
    """The right answers to the paper, by the kind of its fields and the texts beside them."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for field, name, value, label in FIELD.findall(seat.get(path).text):
        text = TAG.sub("", LETTER.sub("", label)).strip()
        found.setdefault((name, field), []).append((value, text))
    answers = {}
    for (name, field), options in found.items():
        kind = "multiple" if field == "checkbox" else "true_false" if len(options) == 2 else "single"
        names = by_texts(kind, options)
        answers[name] = [names[key] for key in KEYS[kind]]
    return answers


def test_the_class_page_leads_to_practice_and_mock_exam(seat, hall: Hall, start: str) -> None:
    page = seat.get(f"/classes/{hall.class_id}").text
    assert f'href="{start}"' in page and 'href="/practice"' in page


def test_the_plan_says_what_is_asked_and_that_it_counts_for_nothing(seat, start: str) -> None:
    page = seat.get(start).text
    assert "共 15 道题，满分 50 分，30 分及格，限时 30 分钟" in page and "不影响成绩和证书" in page


def test_an_open_paper_shows_no_key(seat, paper: str) -> None:
    page = seat.get(paper).text
    assert page.count("<fieldset") == 15
    assert SECRET not in page and "is-correct" not in page


def test_answers_are_kept_then_handed_in_and_explained(seat, paper: str) -> None:
    answers = right(seat, paper)
    kept = seat.post(paper, dict(list(answers.items())[:3]) | {"save": "1"})
    assert kept.status_code == 303
    assert seat.get(paper).text.count(" checked") >= 3
    assert seat.post(paper, {**answers, "hand-in": "1"}).status_code == 303
    result = seat.get(paper).text
    assert re.search(r'exam-score"><strong class="num">50</strong>', result)
    assert result.count(SECRET) == 15


def test_the_authors_letters_are_not_kept(seat, paper: str) -> None:
    letters = {name: ["A"] for name in right(seat, paper)}
    assert seat.post(paper, {**letters, "save": "1"}).status_code == 303
    assert " checked" not in seat.get(paper).text


def test_a_save_behind_the_scenes_is_silent(seat, paper: str) -> None:
    assert seat.post(paper, {**right(seat, paper), "quiet": "1"}).status_code == 204
    assert "答案已保存" not in seat.get(paper).text
    assert seat.get(paper).text.count(" checked") >= 15


def test_who_comes_back_after_the_bell_finds_the_result(seat, paper: str, turn) -> None:
    seat.post(paper, {**right(seat, paper), "save": "1"})
    turn(timedelta(minutes=31))
    assert seat.post(paper, {"save": "1"}).status_code == 303
    page = seat.get(paper).text
    assert "时间已到，已按保存的答案交卷" in page and 'class="num">50</strong>' in page


def test_somebody_elses_paper_is_not_there(stranger_seat, paper: str) -> None:
    assert stranger_seat.get(paper).status_code == 404
    assert stranger_seat.post(paper, {"hand-in": "1"}).status_code == 404


def test_without_items_there_is_no_button_and_no_paper(clean, turn, take_seat) -> None:
    bare = make_hall(courses=1)
    seat = take_seat(make_candidate(bare))
    start = f"/practice/classes/{bare.class_id}/mock-exam"
    assert "还不能模拟考试" in seat.get(start).text
    assert seat.post(start).headers["Location"] == start
    assert "模拟考试" not in seat.get(f"/classes/{bare.class_id}").text


def test_a_write_without_its_token_is_refused(seat, paper: str) -> None:
    assert seat.client.post(paper, data={"hand-in": "1"}).status_code == 400
