"""The first page: for visitors what this is, for learners where they go on."""

from datetime import timedelta

from flask.testing import FlaskClient

from tests.factories import content
from tests.factories.people import NOW
from tests.web.conftest import Statements
from tests.web.portal.conftest import TITLES, School, add_class
from tests.web.portal.reading import items, text_of


def test_before_there_is_a_class_a_visitor_is_asked_in(client: FlaskClient) -> None:
    answer = client.get("/")
    text = text_of(answer.text)
    assert answer.status_code == 200
    assert "登录学习" in text and "实名注册" in text and "课程表" not in text


def test_a_visitor_sees_the_courses_teachers_and_hours_of_the_running_class(
    school: School, client: FlaskClient
) -> None:
    text = text_of(client.get("/").text)
    for expected in (*TITLES, "姜颖", "中国劳动关系学院教授", "3 门课程", "12 学时"):
        assert expected in text
    assert "您好" not in text


def test_a_visitor_is_shown_nothing_of_a_suspended_course(school: School, client: FlaskClient) -> None:
    school.suspend(2)
    text = text_of(client.get("/").text)
    assert TITLES[1] not in text and "2 门课程" in text and "8 学时" in text


def test_a_learner_without_a_class_is_shown_those_that_are_open(school: School, learner: FlaskClient) -> None:
    school.add_class("不开放的班", enrolment="closed")
    school.add_class("尚未开始的班", phase="design")
    page = learner.get("/").text
    text = text_of(page)
    assert "学员，您好" in text and "您还没有加入培训班" in text
    assert f'href="{school.path}"' in page and "可以报名的培训班" in text
    assert "不开放的班" not in text and "尚未开始的班" not in text


def test_a_learner_goes_on_with_the_first_lecture_that_is_not_finished(school: School, learner: FlaskClient) -> None:
    school.enrol()
    school.finish(1)
    page = learner.get("/").text
    text = text_of(page)
    assert f'/lectures/{school.lectures[1].lecture_id}?class={school.class_id}"' in page
    assert "第 2 门" in text and "1 / 3 门" in text and "可以报名的培训班" not in text
    assert "网络自学 4 · 培训班 0" in text


def test_every_course_of_the_class_counts_also_the_suspended_one(school: School, learner: FlaskClient) -> None:
    school.enrol()
    school.finish(1)
    school.suspend(2)
    page = learner.get("/").text
    dots = items(page, "course-dot")
    assert "1 / 3 门" in text_of(page) and len(dots) == 3
    assert "已暂停" in dots[1] and f'href="{school.path}"' in dots[1] and TITLES[1] in dots[1]
    assert f"/lectures/{school.lectures[2].lecture_id}" in page.split("class-card")[0]


def test_a_course_that_was_finished_before_it_was_suspended_stays_finished(
    school: School, learner: FlaskClient
) -> None:
    school.enrol()
    school.finish(1, 2, 3)
    school.suspend(2)
    page = learner.get("/").text
    text = text_of(page)
    assert "3 / 3 门" in text and "已暂停" not in text and "去考试" in text
    assert 'class="resume"' not in page


def test_the_exam_is_offered_once_every_course_is_done(school: School, learner: FlaskClient) -> None:
    school.enrol()
    school.finish(1, 2)
    assert "去考试" not in learner.get("/").text
    school.finish(3)
    assert "去考试" in learner.get("/").text


def test_of_many_classes_the_newest_five_are_shown_whole_and_the_others_named(
    school: School, learner: FlaskClient
) -> None:
    for number in range(1, 8):
        school.enrol(school.add_class(f"第{number}期"), after=timedelta(days=number))
    page = learner.get("/").text
    whole, named = page.split("更早加入的培训班")
    assert [f"第{number}期" in whole for number in range(1, 8)] == [False, False, True, True, True, True, True]
    assert "第2期" in named and "第1期" in named


def test_more_courses_or_classes_cost_no_more_statements(
    school: School, learner: FlaskClient, statements: Statements
) -> None:
    def count() -> int:
        with statements() as seen:
            assert learner.get("/").status_code == 200
        return len(seen)

    for number in range(5):
        school.enrol(school.add_class(f"第{number}期"), after=timedelta(days=1, minutes=number))
    learner.get("/")
    before = count()
    wide = tuple(content.publish(school.staff, title=f"课程{n}", now=NOW) for n in range(3)) + school.lectures
    for number in range(3):
        class_id = add_class(school.staff, wide, f"大班{number}")
        school.enrol(class_id, after=timedelta(days=2, minutes=number))
    assert count() == before


def test_signed_out_the_page_costs_few_statements(school: School, client: FlaskClient, statements: Statements) -> None:
    client.get("/")
    with statements() as seen:
        client.get("/")
    assert len(seen) <= 5, seen
