"""The page of a lecture: what it shows, to whom, and how much it asks the database."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import update

from lms import settings as settings_module
from lms.accounts import service as accounts
from lms.classes.models import TrainingClassRow
from lms.infra.db import unit_of_work
from lms.kernel import clock
from lms.learning import service
from lms.learning.domain.presence import Terms
from lms.learning.domain.watchpolicy import WatchPolicy
from lms.settings import Settings
from tests.factories import learning
from tests.factories.learning import Course, School
from tests.web.learning.conftest import Browser


def page_of(course: Course, place: int = 0) -> str:
    return f"/lectures/{course.lecture_ids[place]}"


def watch(course: Course, person_id: UUID, place: int = 0) -> None:
    service.import_progress(person_id, course.lecture_ids[place], enrolment_id=None, now=clock.now())


def test_it_shows_the_lecture_its_teacher_and_a_player(learner: Browser, course: Course) -> None:
    html = learner.get(page_of(course)).get_data(as_text=True)
    for text in ("劳动关系与工会 1", "李德齐", "中国劳动关系学院教授", "劳动关系的概念", "已看 0%"):
        assert text in html
    assert f'data-playlist="/media/{course.asset_ids[0]}/master.m3u8"' in html
    assert 'data-watched="[]"' in html


def test_it_grants_the_media_to_this_browser(learner: Browser, course: Course) -> None:
    cookie = learner.get(page_of(course)).headers["Set-Cookie"]
    assert re.search(rf"lms_media=.*Path=/media/{course.asset_ids[0]}/.*", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_nothing_is_leased_by_looking_at_it(learner: Browser, course: Course, statements: list[str]) -> None:
    learner.get(page_of(course))
    assert not [one for one in statements if not one.startswith(("SELECT", "BEGIN"))]


def test_who_is_at_the_limit_of_a_day_is_told_before_it_happens(
    learner: Browser, school: School, course: Course, settings: Settings
) -> None:
    settings_module.use(replace(settings, hours_a_day=5))
    try:
        before = learner.get(page_of(course)).text
        watch(learning.add_course(school, "先学完的"), learner.person_id)
        after = learner.get(page_of(course)).text
        watch(course, learner.person_id)
        hours = learner.get("/me/hours").text
    finally:
        settings_module.use(settings)
    assert "每日上限" not in before and "4 学时已记入" in before
    assert "每日上限" in after and "4 学时已记入" not in after
    assert "等待记入的学时" in hours and "《劳动关系与工会》4 学时" in hours


def test_the_number_of_statements_does_not_grow_with_the_class(
    learner: Browser, school: School, course: Course, statements: list[str]
) -> None:
    counts = []
    for others in (0, 7):
        courses = [course, *(learning.add_course(school, f"课程{n}") for n in range(others))]
        class_id = learning.add_class(school, courses)
        learning.add_enrolment(class_id, learner.person_id)
        statements.clear()
        assert learner.get(f"{page_of(course)}?class={class_id}").status_code == 200
        counts.append(len([one for one in statements if one.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 9


def test_it_leads_back_to_the_class_and_names_the_enrolment(learner: Browser, school: School, course: Course) -> None:
    class_id = learning.add_class(school, [course])
    enrolment = learning.add_enrolment(class_id, learner.person_id)
    for address in (f"{page_of(course)}?class={class_id}", page_of(course)):
        html = learner.get(address).get_data(as_text=True)
        assert f'href="/classes/{class_id}"' in html
        assert f'data-enrolment-id="{enrolment}"' in html


def test_who_is_not_enrolled_studies_without_an_enrolment(learner: Browser, school: School, course: Course) -> None:
    class_id = learning.add_class(school, [course])
    html = learner.get(f"{page_of(course)}?class={class_id}").get_data(as_text=True)
    assert 'data-enrolment-id=""' in html


def test_a_class_that_is_closed_to_others_is_not_found_by_them(
    learner: Browser, school: School, course: Course
) -> None:
    class_id = learning.add_class(school, [course])
    with unit_of_work() as session:
        session.execute(update(TrainingClassRow).where(TrainingClassRow.id == class_id).values(enrolment="closed"))
    assert learner.get(f"{page_of(course)}?class={class_id}").status_code == 404
    learning.add_enrolment(class_id, learner.person_id)
    assert learner.get(f"{page_of(course)}?class={class_id}").status_code == 200


def test_a_class_that_is_planned_or_has_other_courses_is_not_found(
    learner: Browser, school: School, course: Course
) -> None:
    planned = learning.add_class(school, [course], phase="design")
    other = learning.add_class(school, [])
    for class_id in (planned, other, UUID(int=3)):
        assert learner.get(f"{page_of(course)}?class={class_id}").status_code == 404


def test_absent_and_unpublished_lectures_look_alike(learner: Browser, school: School) -> None:
    draft = learning.add_course(school, "草稿", published=False)
    answers = [learner.get(page_of(draft)), learner.get(f"/lectures/{UUID(int=1)}")]
    assert [answer.status_code for answer in answers] == [404, 404]
    pages = [re.sub(r"[0-9a-f]{16,}", "", answer.get_data(as_text=True)) for answer in answers]
    assert "草稿" not in pages[0]
    assert [page.count("\n") for page in pages] == [pages[0].count("\n")] * 2


def test_visitors_are_asked_to_sign_in(client: FlaskClient, course: Course) -> None:
    answer = client.get(page_of(course))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={page_of(course)}")


def test_a_finished_lecture_leads_to_the_next_that_is_not(learner: Browser, school: School, course: Course) -> None:
    second, third = learning.add_course(school, "第二门"), learning.add_course(school, "第三门")
    class_id = learning.add_class(school, [course, second, third])
    learning.add_enrolment(class_id, learner.person_id)
    watch(course, learner.person_id)
    watch(second, learner.person_id)
    html = learner.get(f"{page_of(course)}?class={class_id}").get_data(as_text=True)
    assert "本课已学完，4 学时已记入" in html
    assert "下一课：第三门" in html
    watch(third, learner.person_id)
    assert "回到培训班，参加考试" in learner.get(f"{page_of(third)}?class={class_id}").get_data(as_text=True)


def test_a_lecture_of_several_is_done_before_its_course_is(learner: Browser, school: School) -> None:
    course = learning.add_course(school, lectures=2)
    watch(course, learner.person_id)
    html = learner.get(page_of(course)).get_data(as_text=True)
    assert ">本讲已学完<" in html
    assert "下一课：劳动关系与工会 2" in html


def test_it_shows_what_was_watched_and_where_to_go_on(learner: Browser, course: Course) -> None:
    lease = learner.lease(course.lecture_ids[0], seconds_ago=30)
    beat = {"seq": 1, "segments": [[0, 10_000], [20_000, 35_000]], "position_ms": 35_000}
    learner.client.post(f"/api/v1/leases/{lease}/beats", json=beat)
    html = learner.get(page_of(course)).get_data(as_text=True)
    assert 'data-watched="[[0, 10000], [20000, 35000]]"' in html
    assert 'data-position-ms="35000"' in html
    assert "已看 41%" in html


def test_no_page_shows_what_another_watched(learner: Browser, school: School, course: Course) -> None:
    watch(course, learning.add_person(school.unit_id, "李四"))
    assert "已看 0%" in learner.get(page_of(course)).get_data(as_text=True)


def test_a_session_that_has_ended_is_asked_to_sign_in(learner: Browser, course: Course) -> None:
    with learner.client.session_transaction() as kept:
        session_id = UUID(kept["_user_id"])
    accounts.sign_out(session_id, now=clock.now() - timedelta(seconds=1))
    assert learner.get(page_of(course)).status_code == 303


def test_it_tells_why_played_time_did_not_count(learner: Browser, course: Course) -> None:
    assert "data-watch-trims hidden" in learner.get(page_of(course)).get_data(as_text=True)
    lease = learner.open_lease(course.lecture_ids[0]).get_json()["lease_id"]
    learner.client.post(
        f"/api/v1/leases/{lease}/beats", json={"seq": 1, "segments": [[0, 9_000]], "position_ms": 9_000}
    )
    html = learner.get(page_of(course)).get_data(as_text=True)
    assert "data-watch-trims hidden" not in html
    assert 'data-watch-trim="playlist_not_fetched">' in html
    assert 'data-watch-trim="presence" hidden' in html


def test_it_tells_the_rules_of_its_course_in_plain_words(learner: Browser, school: School, course: Course) -> None:
    asked = WatchPolicy(
        threshold_percent=90, max_rate_percent=150, seek_courtesy=True, presence=Terms(from_minutes=1, to_minutes=2)
    )
    decided_by = school.national_reviewer_id
    service.set_policy(course.id, asked, seen_version=0, reason="试点", actor_id=decided_by, now=clock.now())
    short = learning.add_course(school, "短课", duration_ms=50_000)
    html = learner.get(page_of(course)).get_data(as_text=True)
    for text in ("看满 90% 就算学完", "最快可以用 1.5 倍速播放", "第一次观看时不能向前跳过"):
        assert text in html
    assert "会请您确认一次" not in html, "a minute is too short to be asked in"
    plain = learner.get(page_of(short)).get_data(as_text=True)
    assert "按正常速度计时" in plain
    assert "第一次观看时不能向前跳过没看的部分" not in plain
