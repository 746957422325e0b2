"""The pages of an exam as a learner sees them, without scripts."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from lms.classes.models import EnrolmentRow, TrainingClassRow
from lms.exams.models import AttemptRow
from lms.infra.db import unit_of_work
from tests.factories.accommodations import grant, proposal
from tests.factories.exams import CANARY, NOW, Hall, make_candidate, right_answers
from tests.factories.people import make_person
from tests.web.conftest import Statements


@pytest.fixture
def paper_path(seat, hall: Hall) -> str:
    answer = seat.post(f"/exams/{hall.exam_id}")
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_the_start_page_tells_the_rules_and_when_time_would_be_over(seat, hall: Hall) -> None:
    page = seat.get(f"/exams/{hall.exam_id}").text
    for text in (
        "共 30 道题，满分 100 分，60 分及格。",
        "60 分钟",
        "共有 3 次机会",
        "2026-10-08 至 2026-12-31 可以开始考试",
        "2026-11-21 11:00 结束",
        "开始考试",
    ):
        assert text in page


def test_the_start_page_lists_what_is_missing_and_has_no_button(hall: Hall, take_seat) -> None:
    page = take_seat(make_candidate(hall, completed=7)).get(f"/exams/{hall.exam_id}").text
    assert "还有 1 门课程没有学完" in page and "课程C8" in page and f"/classes/{hall.class_id}" in page
    assert "开始考试</button>" not in page


def test_the_paper_shows_every_item_escaped_with_its_negative_strong(seat, paper_path: str) -> None:
    page = seat.get(paper_path).text
    assert page.count("<fieldset") == 30 and page.count("<legend") == 30
    assert "&lt;b&gt;&amp;" in page and "<b>&" not in page
    assert page.count('<strong class="marked-strong">不</strong>') == 30
    assert page.count('type="checkbox"') == 40 and page.count('type="radio"') == 60
    assert " checked" not in page and CANARY not in page


def test_the_page_has_no_inline_script_style_or_handler(seat, paper_path: str) -> None:
    page = seat.get(paper_path).text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)


def test_without_scripts_all_answers_are_sent_at_once(seat, paper_path: str) -> None:
    saved = seat.post(paper_path, {"epoch": 1, "answer-1": "o1", "answer-11": ["o1", "o3"], "save": "1"})
    assert (saved.status_code, saved.headers["Location"]) == (303, paper_path)
    page = seat.get(paper_path).text
    assert "答案已保存" in page and "已答 2 / 30" in page and page.count(" checked") == 3
    last_look = seat.post(paper_path, {"epoch": 1, "answer-1": "o2", "hand-in": "1"})
    assert last_look.headers["Location"] == f"{paper_path}/hand-in"
    page = seat.get(f"{paper_path}/hand-in").text
    assert "还有 29 道题没有作答" in page and f"{paper_path}#q30" in page and f"{paper_path}#q1&" not in page


def test_a_page_that_was_replaced_keeps_what_was_typed_and_asks(seat, hall: Hall, paper_path: str) -> None:
    seat.post(f"/exams/{hall.exam_id}")
    answer = seat.post(paper_path, {"epoch": 1, "answer-1": "o2"})
    assert answer.status_code == 409
    assert "刚才的答案还没有保存" in answer.text and 'name="epoch" type="hidden" value="2"' in answer.text
    assert answer.text.count(" checked") == 1
    assert seat.post(paper_path, {"epoch": 2, "answer-1": "o2"}).status_code == 303


def test_a_form_without_an_epoch_is_422(seat, paper_path: str) -> None:
    assert seat.post(paper_path, {"answer-1": "o2"}).status_code == 422


def test_handing_in_leads_to_the_result(seat, hall: Hall, paper_path: str) -> None:
    right = right_answers(UUID(paper_path.rsplit("/", 1)[1]))
    fields = {f"answer-{position}": keys for position, keys in right.items()}
    seat.post(paper_path, {"epoch": 1, "hand-in": "1", **fields})
    answer = seat.post(f"{paper_path}/hand-in")
    assert answer.headers["Location"] == f"{paper_path}/result"
    page = seat.get(f"{paper_path}/result").text
    assert ">100</strong>" in page and "恭喜，考试合格" in page and "查看我的证书" in page
    assert "正确答案和解析在培训班结束（2026-12-31）后公布" in page and CANARY not in page
    assert seat.get(paper_path).headers["Location"] == f"{paper_path}/result"
    assert "第 1 次" in seat.get(f"/exams/{hall.exam_id}").text


def test_who_fails_sees_the_chances_left(seat, paper_path: str) -> None:
    seat.post(f"{paper_path}/hand-in")
    page = seat.get(f"{paper_path}/result").text
    assert "这次没有合格" in page and "还有 2 次机会" in page


def test_after_the_time_every_page_leads_to_the_result(candidate, take_seat, hall, paper_path, turn) -> None:
    turn(timedelta(hours=1, seconds=4))
    late = take_seat(candidate)
    sent = late.post(paper_path, {"epoch": 1, "answer-1": "o2"})
    assert sent.headers["Location"] == f"{paper_path}/result"
    page = late.get(f"{paper_path}/result").text
    assert "作答时间已到，这次修改没有保存" in page and "到时自动交卷" in page
    assert late.get(f"{paper_path}/hand-in").status_code == 303


def test_the_start_page_hands_in_what_has_run_out(candidate, take_seat, hall: Hall, paper_path, turn) -> None:
    turn(timedelta(hours=2))
    page = take_seat(candidate).get(f"/exams/{hall.exam_id}").text
    assert "再考一次" in page and "到时自动交卷" in page


@pytest.mark.parametrize("ended", ["DAYS_ARE_OVER", "SUMMED_UP", "WITHDRAWN"])
def test_no_page_offers_an_attempt_that_would_be_refused(
    candidate, seat, take_seat, hall, paper_path, turn, ended
) -> None:
    seat.post(f"{paper_path}/hand-in")
    if ended == "DAYS_ARE_OVER":
        turn(timedelta(days=41))
    elif ended == "SUMMED_UP":
        with unit_of_work() as session:
            session.execute(update(TrainingClassRow).values(phase="summarise"))
    else:
        with unit_of_work() as session:
            session.execute(update(EnrolmentRow).values(state="withdrawn"))
    after = take_seat(candidate)
    for path in (f"/exams/{hall.exam_id}", f"/classes/{hall.class_id}", f"{paper_path}/result"):
        page = after.get(path).text
        assert "考试目前没有开放" in page and "再考一次" not in page, path
    assert "去考试" not in after.get("/").text
    assert after.post(f"/exams/{hall.exam_id}").status_code == 403


def test_explanations_follow_when_the_class_is_over(candidate, seat, take_seat, paper_path, turn) -> None:
    seat.post(f"{paper_path}/hand-in")
    turn(timedelta(days=41))
    page = take_seat(candidate).get(f"{paper_path}/result").text
    assert page.count("解析" + CANARY) == 30 and page.count("正确答案</span>") == 40


def test_a_voided_attempt_counts_for_nothing(seat, hall: Hall, paper_path: str) -> None:
    with unit_of_work() as session:
        session.execute(update(AttemptRow).values(state="voided"))
    assert "这份答卷已作废" in seat.get(f"{paper_path}/result").text
    assert "作废" in seat.get(f"/exams/{hall.exam_id}").text
    assert seat.post(f"{paper_path}/hand-in").status_code == 409


def test_anothers_pages_are_not_found(hall: Hall, take_seat, paper_path: str) -> None:
    other = take_seat(make_candidate(hall, "李四"))
    for path in (paper_path, f"{paper_path}/hand-in", f"{paper_path}/result"):
        assert other.get(path).status_code == 404
    assert other.post(paper_path, {"epoch": 1}).status_code == 404
    assert other.post(f"{paper_path}/hand-in").status_code == 404


def test_pages_take_a_fixed_number_of_statements(seat, hall: Hall, paper_path, statements: Statements) -> None:
    counts = []
    for path in (f"/exams/{hall.exam_id}", paper_path, f"{paper_path}/hand-in"):
        with statements() as seen:
            seat.get(path)
        counts.append(len([text for text in seen if not text.startswith(("BEGIN", "PRAGMA"))]))
    assert 0 < counts[0] <= 12 and 0 < counts[1] <= 5 and 0 < counts[2] <= 5, counts


def test_the_start_page_tells_of_more_time(seat, hall: Hall, candidate) -> None:
    one, other = (make_person(hall.land.national, name, now=NOW).person_id for name in ("经办人", "复核人"))
    wanted = proposal(150, from_on=NOW.date())
    grant(candidate.person_id, wanted, path=hall.land.national.path, one=one, other=other, now=NOW)
    page = seat.get(f"/exams/{hall.exam_id}").text
    assert "时间 90 分钟" in page and "您的考试时间按 1.5 倍计算" in page and "2026-11-21 11:30 结束" in page
