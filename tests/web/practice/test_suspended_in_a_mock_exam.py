"""A mock exam, like a round, asks and explains no item whose lecture was suspended meanwhile."""

from sqlalchemy import select

from lms.infra.db import reading
from lms.questionbank import service as questionbank
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import Hall
from tests.factories.practice import SECRET


def revision(hall: Hall):
    with reading() as session:
        return (
            session.execute(select(ItemVersionRow.revision_id).where(ItemVersionRow.bank_code == "P1"))
            .scalars()
            .first()
        )


def test_a_mock_exam_shows_no_item_that_was_suspended(seat, hall: Hall) -> None:
    paper = seat.post(f"/practice/classes/{hall.class_id}/mock-exam").headers["Location"]
    questionbank.withdraw(revision(hall))  # what suspending the lecture does
    assert "练习题 P1" not in seat.get(paper).text


def test_nor_tells_its_key(seat, hall: Hall) -> None:
    paper = seat.post(f"/practice/classes/{hall.class_id}/mock-exam").headers["Location"]
    questionbank.withdraw(revision(hall))
    seat.post(paper, {"hand-in": "1"})
    assert SECRET not in seat.get(paper).text


def test_a_round_does_not(seat, hall: Hall) -> None:
    page = seat.post(f"/practice/courses/{hall.course_ids[0]}", {"source": "course"}).headers["Location"]
    questionbank.withdraw(revision(hall))
    assert "练习题 P1" not in seat.get(page).text
