"""Pictures of items that are practised: for the person who is asked them, when they are asked."""

import re
from uuid import UUID

import pytest

from lms.infra.db import reading, unit_of_work
from lms.practice import queries
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import Hall
from tests.factories.illustrated import CHOICE, OPTION_PICTURE, STEM_PICTURE, WHY_PICTURE, add_item

IMAGE = re.compile(r'<img class="marked-picture" src="([^"]+)" alt="([^"]*)"')
UNKNOWN = "00000000-0000-7000-8000-00000000abcd"


@pytest.fixture
def course(hall: Hall) -> str:
    """A course that has nothing to practise but an item with pictures."""
    add_item("P1", CHOICE, "P1-pic")
    with unit_of_work() as session:
        session.query(ItemVersionRow).filter(ItemVersionRow.bank_code == "P1", ItemVersionRow.ref != "P1-pic").update(
            {"state": "withdrawn"}
        )
    return f"/practice/courses/{hall.course_ids[0]}"


def test_a_round_shows_them_then_the_answer_then_the_book(seat, candidate, stranger_seat, course: str) -> None:
    path = seat.post(course, {"source": "course"}).headers["Location"]
    pictures = IMAGE.findall(seat.get(path).text)
    assert [alt for _url, alt in pictures] == ["筹备的步骤", "乙的图"]
    contents = [seat.get(url).data for url, _alt in pictures]
    assert contents == [STEM_PICTURE.data, OPTION_PICTURE.data]
    assert stranger_seat.get(pictures[0][0]).status_code == 404
    assert seat.get(f"{path}/pictures/2/1").status_code == 404
    why = f"{path}/pictures/1/3"
    assert seat.get(why).status_code == 404, "the picture of the explanation comes with the explanation"
    with reading() as session:
        step = queries.own_round(session, UUID(path.rsplit("/", 1)[1]), candidate.person_id).step(1)
    wrong = f"o{step.option_order.index('A') + 1}"
    shown = seat.post(path, {"position": "1", "answer-1": wrong}).headers["Location"]
    assert len(IMAGE.findall(seat.get(shown).text)) == 4, "the explanation has two, too"
    assert seat.get(why).data == WHY_PICTURE.data
    ((url, alt),) = IMAGE.findall(seat.get(f"{course}/mistakes").text)
    assert alt == "筹备的步骤" and seat.get(url).data == STEM_PICTURE.data
    assert stranger_seat.get(url).status_code == 404
    assert seat.get(f"{course}/mistakes/{UNKNOWN}/pictures/1").status_code == 404


def test_an_item_that_the_round_has_not_come_to_shows_nothing(seat, hall: Hall) -> None:
    for number in range(3):
        add_item("P1", CHOICE, f"P1-pic-{number}")
    with unit_of_work() as session:
        session.query(ItemVersionRow).filter(
            ItemVersionRow.bank_code == "P1", ItemVersionRow.knowledge_point != "图"
        ).update({"state": "withdrawn"})
    path = seat.post(f"/practice/courses/{hall.course_ids[0]}", {"source": "course"}).headers["Location"]
    assert [seat.get(f"{path}/pictures/{place}/1").status_code for place in (1, 2, 3)] == [200, 404, 404]


def test_a_mock_exam_shows_them_to_its_owner(seat, stranger_seat, course: str, hall: Hall) -> None:
    paper = seat.post(f"/practice/classes/{hall.class_id}/mock-exam").headers["Location"]
    pictures = IMAGE.findall(seat.get(paper).text)
    assert [seat.get(url).status_code for url, _alt in pictures] == [200, 200]
    assert stranger_seat.get(pictures[0][0]).status_code == 404
    why = pictures[0][0][:-1] + "3"
    assert seat.get(why).status_code == 404
    seat.post(paper, {"hand-in": "1"})
    assert len(IMAGE.findall(seat.get(paper).text)) == 4 and seat.get(why).status_code == 200
