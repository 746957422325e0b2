"""A class as it stands for a learner: every course with its state, the exam, the certificate, and the way in."""

import re

import pytest
from flask.testing import FlaskClient

from lms.catalogue import queries as catalogue
from lms.classes import service as classes
from lms.infra.db import reading
from tests.factories import content
from tests.factories.people import NOW, csrf_token
from tests.web.conftest import Statements
from tests.web.portal.conftest import TITLES, School, add_class
from tests.web.portal.reading import items, text_of


def enrol(browser: FlaskClient, path: str) -> str:
    """Presses the button. Returns the page that follows."""
    answer = browser.post(f"{path}/enrolment", data={"csrf_token": csrf_token(browser)})
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    return text_of(browser.get(path).text)


def test_who_is_not_in_sees_the_courses_and_a_button(school: School, learner: FlaskClient) -> None:
    page = learner.get(school.path).text
    assert f'action="{school.path}/enrolment"' in page and "您还没有加入这个培训班" in page
    assert [title in page for title in TITLES] == [True] * 3
    assert "开始学习" not in page and "0 / 3 门" in text_of(page)


def test_the_button_enrols_and_a_second_press_does_no_harm(school: School, learner: FlaskClient) -> None:
    text = enrol(learner, school.path)
    assert "报名成功" in text and "开始学习" in text
    assert "您还没有加入" not in enrol(learner, school.path)


def test_the_button_needs_the_token_of_the_page(school: School, learner: FlaskClient) -> None:
    assert learner.post(f"{school.path}/enrolment").status_code == 400
    assert "您还没有加入" in learner.get(school.path).text


def test_a_closed_class_is_not_found_by_who_is_not_in_it(school: School, learner: FlaskClient) -> None:
    path = f"/classes/{school.add_class('不开放的班', enrolment='closed')}"
    assert learner.get(path).status_code == 404
    answer = learner.post(f"{path}/enrolment", data={"csrf_token": csrf_token(learner)})
    assert answer.status_code == 404 and "不开放的班" not in answer.text


@pytest.mark.parametrize("phase", ["design", None])
def test_a_class_that_is_planned_or_not_there_is_not_found(
    school: School, learner: FlaskClient, phase: str | None
) -> None:
    class_id = school.add_class("筹备中", phase=phase) if phase else school.learner_id
    assert learner.get(f"/classes/{class_id}").status_code == 404
    answer = learner.post(f"/classes/{class_id}/enrolment", data={"csrf_token": csrf_token(learner)})
    assert answer.status_code == 404


def test_a_visitor_is_asked_to_sign_in(school: School, client: FlaskClient) -> None:
    answer = client.get(school.path)
    assert answer.status_code in {302, 303} and "/sign-in" in answer.headers["Location"]


def test_each_course_shows_how_far_the_learner_is(school: School, learner: FlaskClient) -> None:
    school.enrol()
    school.finish(1)
    page = learner.get(school.path).text
    text = text_of(page)
    rows = items(page, "course-row")
    assert [re.search(r"course-row course-(\w+)", row)[1] for row in rows] == [  # type: ignore[index]
        "completed", "not_started", "not_started",
    ]  # fmt: skip
    assert "1 / 3 门" in text and "已得学时 4 / 12" in text and "还有 2 门课程没有学完" in text
    button = re.search(r'class="page-actions"><a [^>]*href="([^"]+)"', page)
    assert button and str(school.lectures[1].lecture_id) in button[1]


def test_when_all_is_watched_the_exam_opens_and_nothing_is_to_be_gone_on_with(
    school: School, learner: FlaskClient
) -> None:
    school.enrol()
    school.finish(1, 2, 3)
    page = learner.get(school.path).text
    assert "参加考试" in page and "没有学完" not in page and "page-actions" not in page


def test_a_suspended_course_keeps_its_place_and_the_exam_stays_locked(school: School, learner: FlaskClient) -> None:
    school.enrol()
    school.finish(1, 3)
    school.suspend(2)
    page = learner.get(school.path).text
    text = text_of(page)
    row = items(page, "course-row")[1]
    assert TITLES[1] in row and "已暂停" in row and "<a " not in row
    assert "这门课程已暂停，恢复后可以观看。" in row
    assert "2 / 3 门" in text and "已得学时 8 / 12" in text and "还有 1 门课程没有学完" in text
    assert "参加考试" not in text and "page-actions" not in page


def test_a_course_finished_before_it_was_suspended_counts(school: School, learner: FlaskClient) -> None:
    school.enrol()
    school.finish(1, 2, 3)
    school.suspend(2)
    text = text_of(learner.get(school.path).text)
    assert "3 / 3 门" in text and "参加考试" in text and "部分暂停" not in text


def test_a_course_of_which_one_lecture_is_suspended_says_so(school: School, learner: FlaskClient) -> None:
    content.publish(school.staff, title="第二讲", course_id=school.lectures[0].course_id)
    school.enrol()
    school.suspend(1)
    row = items(learner.get(school.path).text, "course-row")[0]
    assert "部分暂停" in row and "有 1 讲暂停，恢复后才能学完这门课程。" in row and "<a " in row
    assert "8 学时" in row


def test_a_course_that_was_never_published_is_named(school: School, learner: FlaskClient) -> None:
    draft = content.make_lecture(school.staff.uploader, title="还没有上线的课程")
    with reading() as session:
        with_draft = (*school.lectures, catalogue.lecture_version(session, draft))
    path = f"/classes/{add_class(school.staff, with_draft, '新班')}"
    row = items(learner.get(path).text, "course-row")[3]
    assert "还没有上线的课程" in row and "这门课程还没有发布。" in row and "<a " not in row
    assert "0 / 4 门" in text_of(learner.get(path).text)


def test_after_the_class_the_exam_is_closed(school: School, learner: FlaskClient) -> None:
    school.enrol()
    school.finish(1, 2, 3)
    classes.advance_phase(school.class_id, "summarise", actor_id=None, now=NOW)
    text = text_of(learner.get(school.path).text)
    assert "考试目前没有开放" in text and "参加考试" not in text


def test_more_courses_cost_no_more_statements(school: School, learner: FlaskClient, statements: Statements) -> None:
    def count(path: str) -> int:
        with statements() as seen:
            assert learner.get(path).status_code == 200
        return len(seen)

    small = f"/classes/{add_class(school.staff, school.lectures[:1], '一门课')}"
    learner.get(small)
    large = f"/classes/{add_class(school.staff, school.lectures, '三门课')}"
    assert count(small) == count(large)
