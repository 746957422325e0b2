"""The catalogue: what is published, page by page, with the learner's own state."""

import pytest
from flask.testing import FlaskClient

from lms.portal import views
from tests.factories import content
from tests.web.conftest import Statements
from tests.web.portal.conftest import TITLES, School
from tests.web.portal.reading import items, text_of


def test_without_courses_the_page_says_that_they_are_prepared(client: FlaskClient) -> None:
    answer = client.get("/courses")
    assert answer.status_code == 200 and "课程正在准备" in answer.text


def test_a_visitor_sees_teacher_hours_and_length_and_no_state(school: School, client: FlaskClient) -> None:
    cards = items(client.get("/courses").text, "course-card")
    assert [title in card for title, card in zip(TITLES, cards, strict=True)] == [True] * 3
    text = text_of(cards[0])
    for expected in ("姜颖 · 中国劳动关系学院教授", "4 学时", "1 讲", "时长 1:30"):
        assert expected in text
    assert "未开始" not in text


def test_a_learner_sees_how_far_they_are(school: School, learner: FlaskClient) -> None:
    school.finish(2)
    cards = items(learner.get("/courses").text, "course-card")
    assert ["已学完" in text_of(card) for card in cards] == [False, True, False]


def test_what_is_suspended_or_in_review_is_not_listed(school: School, client: FlaskClient) -> None:
    content.hand_in(school.staff.uploader, title="还在审核的课程")
    school.suspend(1)
    text = text_of(client.get("/courses").text)
    assert TITLES[0] not in text and "还在审核的课程" not in text and TITLES[1] in text


def test_the_list_has_pages(school: School, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "COURSES_A_PAGE", 2)
    first, second = client.get("/courses").text, client.get("/courses?page=2").text
    assert [len(items(page, "course-card")) for page in (first, second)] == [2, 1]
    assert "page=2" in first and "下一页" in first and "下一页" not in second and "上一页" in second


@pytest.mark.parametrize("page", ["0", "-1", "10001"])
def test_a_page_that_cannot_be_is_not_found(client: FlaskClient, page: str) -> None:
    assert client.get(f"/courses?page={page}").status_code == 404


def test_more_courses_cost_no_more_statements(school: School, learner: FlaskClient, statements: Statements) -> None:
    def count() -> int:
        with statements() as seen:
            assert learner.get("/courses").status_code == 200
        return len(seen)

    learner.get("/courses")
    before = count()
    content.publish(school.staff, title="又一门课程")
    assert count() == before
