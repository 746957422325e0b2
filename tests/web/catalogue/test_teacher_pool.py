"""The pool of teachers: found by name or institution, with how many of their lectures are published."""

import re

import pytest
from flask import Flask

from lms.access.domain import roles
from lms.kernel.principal import Principal
from tests.factories import content
from tests.factories.people import Staff, make_person, signed_in


@pytest.fixture
def editor(staff: Staff) -> Principal:
    return make_person(staff.land.national, "师资库管理员", grants={roles.TEACHER_POOL_EDITOR: staff.land.national})


def rows(page: str) -> dict[str, str]:
    """Published lectures by teacher."""
    cells = re.findall(r"<td[^>]*><span>\s*(.*?)\s*</span></td>", page, re.DOTALL)
    return {cells[at]: cells[at + 3] for at in range(0, len(cells), 4)}


def test_it_counts_what_learners_see(clean: Flask, staff: Staff, editor: Principal) -> None:
    content.publish(staff, teacher_name="姜颖")
    content.make_lecture(staff.uploader, teacher_name="李德齐")
    browser = signed_in(clean, editor)
    assert rows(browser.get("/staff/teachers").text) == {"姜颖": "1"}, (
        "who teaches in drafts only is not in the pool yet"
    )


@pytest.mark.parametrize(
    ("text", "found"), [("姜", {"姜颖"}), ("劳动关系", {"姜颖", "李德齐"}), ("%", set()), ("x", set())]
)
def test_it_searches_names_and_institutions(
    clean: Flask, staff: Staff, editor: Principal, text: str, found: set[str]
) -> None:
    for name in ("姜颖", "李德齐"):
        content.publish(staff, teacher_name=name)
    browser = signed_in(clean, editor)
    assert set(rows(browser.get("/staff/teachers", query_string={"q": text}).text)) == found


def test_others_have_no_business_there(clean: Flask, staff: Staff) -> None:
    assert signed_in(clean, staff.uploader).get("/staff/teachers").status_code == 403
