"""Items for practice travel with their lecture: reviewed under one hash, published and withdrawn together, in a bank of their own."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from lms.catalogue import queries as catalogue, service as authoring
from lms.catalogue.models import CourseRow
from lms.infra.db import reading
from lms.kernel.errors import Invalid
from lms.questionbank import queries
from lms.questionbank.models import BankRow, ItemVersionRow
from lms.questionbank.service import read_items
from tests.factories.content import ITEMS, PRACTICE_ITEMS, make_lecture, publish
from tests.factories.people import NOW, Staff

PRACTICE = read_items(PRACTICE_ITEMS)


def banks_of(course_id) -> dict[str, tuple[str, str]]:
    """(kind, state) of each item of a course's banks, by its code."""
    with reading() as session:
        course = session.execute(select(CourseRow).where(CourseRow.id == course_id)).scalar_one()
        rows = session.execute(
            select(ItemVersionRow.ref, BankRow.kind, ItemVersionRow.state)
            .join(BankRow, BankRow.code == ItemVersionRow.bank_code)
            .where(BankRow.code.in_([course.bank_code, course.practice_bank_code]))
        )
        return {ref: (kind, state) for ref, kind, state in rows}


def test_they_go_to_a_bank_of_their_own_and_come_and_go_with_the_lecture(staff: Staff) -> None:
    version = publish(staff, practice_items=PRACTICE)
    assert version.practice_items == PRACTICE and version.items == read_items(ITEMS)
    assert banks_of(version.course_id) == {
        "C4-001": ("exam", "published"),
        "C4-002": ("exam", "published"),
        "L4-001": ("practice", "published"),
    }
    authoring.suspend(version.revision_id, actor=staff.national_reviewer, reason="有误", now=NOW)
    assert banks_of(version.course_id)["L4-001"] == ("practice", "withdrawn")


def test_a_new_version_keeps_them_apart(staff: Staff) -> None:
    version = publish(staff, practice_items=PRACTICE)
    new_id = authoring.revise(version.revision_id, author=staff.uploader, now=NOW)
    with reading() as session:
        new = catalogue.lecture_version(session, new_id)
        drawn = queries.drawable_items(session, [version.bank_code])
    assert (new.items, new.practice_items) == (version.items, version.practice_items)
    assert len(drawn) == 2, "no exam draws an item for practice"


def test_reviewers_approve_them_too(staff: Staff) -> None:
    with_them = make_lecture(staff.uploader, practice_items=PRACTICE)
    with reading() as session:
        version = catalogue.lecture_version(session, with_them)
    hashes = {
        version.content_hash,
        replace(version, practice_items=()).content_hash,
        replace(version, practice_items=(), items=(*version.items, *PRACTICE)).content_hash,
    }
    assert len(hashes) == 3, "without them, or with them in the exam, it is another package"


def test_what_an_exam_asks_is_not_practised(staff: Staff) -> None:
    same = read_items(ITEMS.replace("C4-00", "L4-00"))
    with pytest.raises(Invalid) as refusal:
        make_lecture(staff.uploader, practice_items=same)
    assert refusal.value.fields["practice_items"].startswith("%(ref)s")
    assert refusal.value.extra == {"ref": "L4-001"}
