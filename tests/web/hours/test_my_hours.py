"""My hours: one calendar year of China, two ledgers, and lines that explain every hour."""

import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from lms.hours import service
from lms.hours.views.year import PER_PAGE
from tests.factories import learning
from tests.factories.learning import Course, School
from tests.factories.ledger import credit_often, rule_of
from tests.service.hours.ledger import credited
from tests.web.conftest import Statements
from tests.web.hours.conftest import TODAY

Entries = tuple[UUID, UUID]


def months(page: str) -> list[str]:
    """What the picture of the year says of its twelve months."""
    found = re.search(r'class="months"[^>]*aria-label="([^"]+)"', page)
    assert found
    return [re.sub(r"^\d+ 月 (\S+) 学时$", r"\1", part) for part in found[1].split("，")]


def test_without_hours_the_year_is_empty_and_not_reached(learner: FlaskClient) -> None:
    page = learner.get("/me/hours").text
    assert "这一年还没有学时" in page and "未达标" in page and "还差 50 学时" in page
    assert months(page) == ["0"] * 12


def test_the_page_says_that_a_course_counts_once(learner: FlaskClient) -> None:
    assert "每门课程计入一次，重看不再增加学时" in learner.get("/me/hours").text


def test_this_year_is_shown_first_and_the_last_second_of_december_belongs_to_the_old_one(
    learner: FlaskClient, entries: Entries
) -> None:
    this, last = learner.get("/me/hours").text, learner.get("/me/hours?year=2026").text
    listed = {"this": this.split("<h2>学时明细</h2>")[1], "last": last.split("<h2>学时明细</h2>")[1]}
    assert "今年的课程" in listed["this"] and "去年的课程" not in listed["this"]
    assert "去年的课程" in listed["last"] and "今年的课程" not in listed["last"]
    assert "还差 50 学时" in this and "还差 46 学时" in last
    assert months(this) == ["0", "0", "8", *["0"] * 9]
    assert months(last) == [*["0"] * 11, "4"]
    assert "year=2026" in this


def test_a_reversal_made_in_march_empties_last_december(school: School, learner: FlaskClient, entries: Entries) -> None:
    service.reverse(
        entries[0], actor_id=school.author_id, second_id=school.national_reviewer_id, reason="误计", now=TODAY
    )
    last = learner.get("/me/hours?year=2026").text
    assert months(last) == ["0"] * 12
    assert "冲正" in last and "误计" in last and "-4" in last and "还差 50 学时" in last
    assert months(learner.get("/me/hours").text) == ["0", "0", "8", *["0"] * 9]


def test_hours_of_others_are_not_mine(school: School, courses: tuple[Course, Course], learner: FlaskClient) -> None:
    credited(courses[0], learning.add_person(school.unit_id, "李四"), at=TODAY)
    assert "这一年还没有学时" in learner.get("/me/hours").text


@pytest.mark.parametrize("year", ["1999", "3000", "26", "abcd", "二〇二六", "2026 ", "-2026", "99999999999"])
@pytest.mark.parametrize("path", ["/me/hours", "/api/v1/me/hours"])
def test_a_year_that_cannot_be_is_refused(learner: FlaskClient, path: str, year: str) -> None:
    assert learner.get(path, query_string={"year": year}).status_code == 422


def test_nobody_sees_hours_without_signing_in(client: FlaskClient) -> None:
    assert "/sign-in" in client.get("/me/hours").headers["Location"]
    assert client.get("/api/v1/me/hours").status_code == 401


def test_the_api_tells_the_same_in_hours(learner: FlaskClient, entries: Entries) -> None:
    answer = learner.get("/api/v1/me/hours?year=2026").get_json()
    assert answer["self_study"] == {"earned": 4.0, "required": 50.0, "remaining": 46.0, "reached": False}
    assert answer["centralized"]["earned"] == 0.0
    assert answer["entries"] == [
        {
            "source": "course",
            "title": "去年的课程",
            "hours": 4.0,
            "rule": "fixed:v1",
            "earned_at": "2026-12-31T15:59:59Z",
            "ledger": "self_study",
        }
    ]
    assert learner.get("/api/v1/me/hours").get_json()["centralized"]["earned"] == 8.0


def test_ten_lines_and_a_thousand_cost_the_same_statements(
    person: UUID, courses: tuple[Course, Course], learner: FlaskClient, statements: Statements
) -> None:
    def look() -> tuple[int, str]:
        with statements() as seen:
            page = learner.get("/me/hours").text
        return len(seen), page

    rule = rule_of(courses[0].id)
    credit_often(rule, person, 1, 10, at=TODAY)
    look()
    few, _ = look()
    credit_often(rule, person, 1, 990, at=TODAY)
    many, page = look()
    assert few == many
    assert page.count('<span class="visually-hidden"> 课程</span>') == PER_PAGE and "before=" in page, (
        "one page of them"
    )
