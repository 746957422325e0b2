"""course.toml names a course, its teacher and its outline."""

import pytest
from hypothesis import given, strategies as st

from lms.questionbank.domain.course import Course, course_as_data, parse_course

COURSE = """code = "C1"
number = 1
title = "劳动关系与工会"
teacher = "李德齐"
institution = "中国劳动关系学院"
post = "教授"
outline = ["劳动关系的概念", "劳动关系的建立"]
"""


def test_a_course_is_read() -> None:
    course = Course(
        "C1", 1, "劳动关系与工会", "李德齐", "中国劳动关系学院", "教授", ("劳动关系的概念", "劳动关系的建立")
    )

    assert parse_course(COURSE).course == course
    assert parse_course("\ufeff" + COURSE.replace("\n", "\r\n")).course == course
    assert course_as_data(course)["outline"] == ["劳动关系的概念", "劳动关系的建立"]


PROBLEMS = {
    "broken TOML": ("]", "", "第 1 行，全文：不是有效的 TOML"),
    "no title": ('title = "劳动关系与工会"\n', "", "第 1 行，课程 title"),
    "an empty teacher": ('"李德齐"', '""', "第 4 行，教师 teacher"),
    "a number as text": ("number = 1", 'number = "1"', "第 2 行，序号 number"),
    "a truth as number": ("number = 1", "number = true", "第 2 行，序号 number"),
    "an outline that is no list": ('["劳动关系的概念", "劳动关系的建立"]', '"概念"', "第 7 行，提纲 outline"),
    "an empty point": ('"劳动关系的建立"', '""', "第 7 行，提纲 outline"),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_names_line_and_field_of(case: str) -> None:
    old, new, expected = PROBLEMS[case]

    result = parse_course(COURSE.replace(old, new, 1))

    assert result.course is None
    assert result.problems[0].message.startswith(expected)


@given(st.text())
def test_any_text_gives_a_result(text: str) -> None:
    result = parse_course(text)

    assert (result.course is None) == bool(result.problems)
