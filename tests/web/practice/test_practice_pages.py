"""The pages of practice without scripts: one item at a time, no key before the answer, the book, somebody else's things."""

import re
from uuid import UUID

import pytest

from lms.infra.db import reading
from lms.practice import queries
from tests.factories.exams import KEYS, OPTIONS, Hall
from tests.factories.practice import SECRET, WRONG, step_answer
from tests.web.conftest import Statements

FIELD = re.compile(r'type="(radio|checkbox)" name="answer-\d+" value="([^"]*)"')
SHOWN = re.compile(r'<li class="exam-shown([^"]*)"><span>(.*)</span>\n')  # what the option says, without its badges


@pytest.fixture
def course(hall: Hall) -> str:
    return f"/practice/courses/{hall.course_ids[0]}"


@pytest.fixture
def round_path(seat, course: str) -> str:
    return seat.post(course, {"source": "course"}).headers["Location"]


def asked(seat, path: str) -> str:
    """The place of the item that the page asks now."""
    page = seat.get(path).text
    position = re.search(r'name="position"[^>]*value="(\d+)"', page)
    assert position, page
    return position[1]


@pytest.fixture
def answer(seat, candidate, round_path: str):
    def give(*, right: bool) -> str:
        position = asked(seat, round_path)
        with reading() as session:
            step = queries.own_round(session, UUID(round_path.rsplit("/", 1)[1]), candidate.person_id).step(
                int(position)
            )
        sent = seat.post(round_path, {"position": position, f"answer-{position}": step_answer(step, right=right)})
        assert sent.status_code == 303
        return seat.get(sent.headers["Location"]).text

    return give


def test_courses_with_items_are_listed_and_others_are_not(seat, hall: Hall) -> None:
    page = seat.get("/practice").text
    assert "课程C1" in page and "课程C2" not in page


def test_an_unanswered_item_shows_neither_key_nor_explanation(seat, round_path: str) -> None:
    page = seat.get(round_path).text
    assert SECRET not in page and "依据 P1" not in page and "is-correct" not in page
    assert "<b>&amp;" not in page and "&lt;b&gt;&amp;" in page


def test_an_answer_shows_at_once_what_is_right_and_why(seat, answer) -> None:
    page = answer(right=False)
    assert "答错了" in page and SECRET in page and "正确答案" in page and "我的答案" in page
    assert page.count(SECRET) == 1, "only the item that was answered is explained"


def test_options_are_called_by_their_place_and_marked_by_what_they_say(seat, answer, round_path: str) -> None:
    seen = set()
    for _ in range(10):
        boxes = FIELD.findall(seat.get(round_path).text)
        kind = {"checkbox": "multiple", "radio": "single" if len(boxes) > 2 else "true_false"}[boxes[0][0]]
        seen.add(kind)
        assert [name for _type, name in boxes] == (["T", "F"] if kind == "true_false" else ["o1", "o2", "o3", "o4"])
        page, texts = answer(right=False), dict(OPTIONS[kind])
        for mark, keys in (("is-correct", KEYS[kind]), ("is-mine", WRONG[kind])):
            marked = "".join(body for classes, body in SHOWN.findall(page) if mark in classes)
            assert [key for key, text in texts.items() if text in marked] == keys
    assert seen == set(KEYS)


@pytest.mark.parametrize("value", ["A", "B", "o5"])
def test_the_authors_letters_are_no_answer(seat, round_path: str, value: str) -> None:
    position = asked(seat, round_path)
    answered = seat.post(round_path, {"position": position, f"answer-{position}": value})
    assert answered.status_code == 422 and SECRET not in answered.text
    assert asked(seat, round_path) == position


def test_ten_items_then_the_result_of_the_round(seat, answer, round_path: str, course: str) -> None:
    for number in range(10):
        page = answer(right=number < 7)
    assert "看这一组的结果" in page
    end = seat.get(round_path).text
    assert "这一组练完了" in end and end.count(SECRET) == 10
    assert "只练错题（3 题）" in seat.get(course).text
    assert seat.get(f"{course}/mistakes").text.count("移出错题本") == 3


def test_no_answer_is_asked_for_again_with_a_clear_word(seat, round_path: str) -> None:
    position = asked(seat, round_path)
    answered = seat.post(round_path, {"position": position})
    assert answered.status_code == 422 and "请先作答，再看答案" in answered.text
    assert SECRET not in answered.text


@pytest.mark.parametrize("position", ["0", "x", "", "99"])
def test_a_place_that_the_round_does_not_have_is_refused(seat, round_path: str, position: str) -> None:
    assert seat.post(round_path, {"position": position, "answer-1": "o1"}).status_code in {404, 422}


def test_an_unanswered_item_is_not_explained_by_asking_for_it(seat, round_path: str) -> None:
    for shown in ("1", "5", "99", "0"):
        assert seat.get(f"{round_path}?shown={shown}").status_code == 404


def test_the_book_lets_an_item_go_by_hand(seat, answer, course: str) -> None:
    answer(right=False)
    page = seat.get(f"{course}/mistakes").text
    ref = re.search(r'name="ref" value="([^"]+)"', page)
    assert ref
    assert seat.post(f"{course}/mistakes", {"ref": ref[1]}).status_code == 303
    assert "错题本是空的" in seat.get(f"{course}/mistakes").text


@pytest.mark.parametrize("after", ["x", "2026-11-27~A", "~", "2026-11-27T00:00:00+00:00~"])
def test_a_wrong_place_in_the_book_is_not_found(seat, course: str, after: str) -> None:
    assert seat.get(f"{course}/mistakes", query_string={"after": after}).status_code == 404


def test_a_wrong_source_is_refused(seat, course: str) -> None:
    assert seat.post(course, {"source": "exam"}).status_code == 422


def test_a_course_without_items_or_of_another_class_is_not_found(seat, hall: Hall, course: str) -> None:
    other = course.replace(str(hall.course_ids[0]), str(hall.course_ids[1]))
    assert seat.get(other).status_code == 404
    assert seat.get(f"{other}/mistakes").status_code == 404


def test_an_empty_book_says_so_and_opens_no_round(seat, course: str) -> None:
    sent = seat.post(course, {"source": "book"})
    assert sent.headers["Location"] == course
    assert "现在没有可以练习的题目" in seat.get(course).text


def test_somebody_elses_round_is_not_there(stranger_seat, round_path: str) -> None:
    assert stranger_seat.get(round_path).status_code == 404
    assert stranger_seat.post(round_path, {"position": "1", "answer-1": "o1"}).status_code == 404


def test_a_write_without_its_token_is_refused(seat, course: str) -> None:
    assert seat.client.post(course, data={"source": "course"}).status_code == 400


def test_visitors_are_asked_to_sign_in(client, course: str) -> None:
    for path in ("/practice", course, f"{course}/mistakes"):
        assert client.get(path).headers["Location"].startswith("/sign-in")


def test_pages_take_a_fixed_number_of_statements(seat, answer, course: str, statements: Statements) -> None:
    answer(right=False)
    few = {path: _counted(seat, statements, path) for path in ("/practice", course, f"{course}/mistakes")}
    for _ in range(9):
        answer(right=False)
    assert {path: _counted(seat, statements, path) for path in few} == few
    assert max(few.values()) <= 7, few


def _counted(seat, statements: Statements, path: str) -> int:
    seat.get(path)
    with statements() as seen:
        assert seat.get(path).status_code == 200
    return len(seen)
