"""Pictures, tables and formulas on papers: drawn by one macro, nothing of the author's markup alive, pictures for the owner alone."""

import re
from collections.abc import Callable
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from lms.access.domain import roles
from lms.exams import queries, service
from lms.infra.db import reading, unit_of_work
from lms.kernel.principal import Principal
from lms.questionbank.models import ItemVersionRow
from tests.factories.exams import CANARY, NOW, Hall, make_candidate, own_banks
from tests.factories.illustrated import (
    CHOICE,
    ESSAY,
    OPTION_PICTURE,
    STEM_PICTURE,
    WHY_PICTURE,
    Illustrated,
    make_illustrated,
)
from tests.factories.marking import make_marker
from tests.factories.people import make_person
from tests.web.conftest import Statements
from tests.web.exams.conftest import Seat, Turn

TakeSeat = Callable[[Principal], Seat]
IMAGE = re.compile(
    r'<img class="marked-picture" src="([^"]+)" alt="([^"]*)" width="(\d+)" height="(\d+)" loading="lazy"'
)
UNKNOWN = "00000000-0000-7000-8000-00000000abcd"


@pytest.fixture
def illustrated(clean: Flask, turn: Turn) -> Illustrated:
    return make_illustrated()


@pytest.fixture
def hall(illustrated: Illustrated) -> Hall:
    return illustrated.hall


@pytest.fixture
def paper(seat: Seat, hall: Hall) -> str:
    """The address of an open paper."""
    return seat.post(f"/exams/{hall.exam_id}").headers["Location"]


def manager(hall: Hall) -> Principal:
    return make_person(hall.land.national, "主任", grants={roles.CLASS_MANAGER: hall.land.national}, now=NOW)


def position_of(attempt_id: str, version_id: UUID) -> int:
    with reading() as session:
        return next(
            one.position for one in queries.paper(session, UUID(attempt_id)).entries if one.version_id == version_id
        )


def assert_is_picture(answer: TestResponse, content: bytes, media_type: str) -> None:
    assert answer.status_code == 200 and answer.data == content
    headers = answer.headers
    assert headers["Content-Type"] == media_type and headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"] and "default-src 'none'" in headers["Content-Security-Policy"]


def test_the_paper_draws_pictures_tables_and_formulas(seat: Seat, paper: str) -> None:
    page = seat.get(paper).text
    pictures = IMAGE.findall(page)
    assert [(alt, width, height) for _url, alt, width, height in pictures] == [
        ("筹备的步骤", "40", "30"),
        ("乙的图", "1", "1"),
        ("筹备的步骤", "40", "30"),
    ]
    assert all(url.startswith(f"{paper}/pictures/") for url, *_ in pictures)
    assert '<math display="inline" alttext="\\frac{2}{100}"><mrow><mfrac>' in page
    assert page.count('role="columnheader"') == 2 and page.count('role="cell"') == 2
    assert '<strong class="marked-strong">甲</strong>' in page and "<mo>&lt;</mo>" in page
    assert "答案是乙" not in page, "the author's name of a file stays with the author"
    assert CANARY not in page
    for url, content in zip([one[0] for one in pictures], [STEM_PICTURE, OPTION_PICTURE, STEM_PICTURE], strict=True):
        assert_is_picture(seat.get(url), content.data, "image/gif" if content is OPTION_PICTURE else "image/png")


def test_the_json_names_pictures_by_number_and_tells_their_addresses(seat: Seat, hall: Hall) -> None:
    told = seat.call("POST", f"/exams/{hall.exam_id}/attempts").json
    choice = next(one for one in told["questions"] if one["type"] == "single")
    assert "![筹备的步骤](1)" in choice["stem"] and "![乙的图](2)" in [one["text"] for one in choice["options"]]
    assert len(choice["pictures"]) == 2
    assert_is_picture(seat.get(choice["pictures"][1]), OPTION_PICTURE.data, "image/gif")


def test_only_the_owner_sees_them_and_only_those_of_the_paper(
    seat: Seat, paper: str, hall: Hall, take_seat: TakeSeat, app: Flask
) -> None:
    (url, *_rest), *_more = IMAGE.findall(seat.get(paper).text)
    other = take_seat(make_candidate(hall, "李四"))
    own = other.post(f"/exams/{hall.exam_id}").headers["Location"]
    assert other.get(url).status_code == 404
    assert other.get(url.replace(paper, own)).status_code == 200
    assert app.test_client().get(url).status_code == 303
    for wrong in ("0/1", "99/1", "1/0", "1/9"):
        assert seat.get(f"{paper}/pictures/{wrong}").status_code == 404, wrong
    assert seat.get(f"/attempts/{UNKNOWN}/pictures/1/1").status_code == 404


def test_before_the_start_there_is_nothing_to_ask_for(seat: Seat, hall: Hall, illustrated: Illustrated) -> None:
    assert service.draw_ahead(hall.exam_id, wanted=1, now=NOW, rng=Random(1)) == 1
    for known in (hall.exam_id, illustrated.choice_id):
        assert seat.get(f"/attempts/{known}/pictures/1/1").status_code == 404
    for path in (
        f"/staff/banks/C1/items/{illustrated.choice_id}/pictures/1",
        f"/staff/exams/{hall.exam_id}/items/{illustrated.choice_id}/pictures/1",
    ):
        assert seat.get(path).status_code == 403


def test_an_item_that_is_withdrawn_keeps_its_pictures_on_papers_that_hold_it(
    seat: Seat, paper: str, illustrated: Illustrated
) -> None:
    with unit_of_work() as session:
        session.execute(
            update(ItemVersionRow).where(ItemVersionRow.id == illustrated.choice_id).values(state="withdrawn")
        )
    for url, *_rest in IMAGE.findall(seat.get(paper).text):
        assert seat.get(url).status_code == 200


def test_the_result_shows_them_with_the_explanation(
    seat: Seat, paper: str, illustrated: Illustrated, candidate: Principal, take_seat: TakeSeat, turn: Turn
) -> None:
    attempt_id = paper.rsplit("/", 1)[1]
    place = position_of(attempt_id, illustrated.choice_id)
    why = f"{paper}/pictures/{place}/3"
    assert seat.get(why).status_code == 404, "nobody sees the picture of an explanation before the explanation"
    seat.post(f"{paper}/hand-in")
    assert seat.get(why).status_code == 404
    turn(timedelta(days=41))
    seat = take_seat(candidate)
    page = seat.get(f"{paper}/result").text
    assert page.count('alt="筹备的步骤"') == 3 and page.count('alt="乙的图"') == 1
    assert f'src="{why}" alt="为什么是乙"' in page
    assert_is_picture(seat.get(why), WHY_PICTURE.data, "image/png")
    assert_is_picture(seat.get(f"{paper}/pictures/{place}/1"), STEM_PICTURE.data, "image/png")


def test_a_marker_sees_those_of_the_answer_at_hand(
    seat: Seat, paper: str, hall: Hall, illustrated: Illustrated, take_seat: TakeSeat
) -> None:
    place = position_of(paper.rsplit("/", 1)[1], illustrated.essay_id)
    seat.post(paper, {"epoch": "1", f"answer-{place}": "先筹备"})
    seat.post(f"{paper}/hand-in")
    marker = take_seat(make_marker(hall))
    piece = marker.post(f"/staff/marking/{hall.exam_id}/items/{illustrated.essay_id}/next").headers["Location"]
    page = marker.get(piece).text
    ((url, alt, *_size),) = IMAGE.findall(page)
    assert alt == "筹备的步骤" and '<math display="inline" alttext="\\frac{1}{2}">' in page
    assert_is_picture(marker.get(url), STEM_PICTURE.data, "image/png")
    assert take_seat(make_marker(hall, "乙")).get(url).status_code == 404
    assert seat.get(url).status_code == 403


def test_who_corrects_a_key_sees_those_of_the_item(
    seat: Seat, paper: str, hall: Hall, illustrated: Illustrated, take_seat: TakeSeat
) -> None:
    own_banks(hall)
    desk = take_seat(manager(hall))
    page = desk.get(f"/staff/exams/{hall.exam_id}/items/{illustrated.choice_id}/regrade").text
    pictures = IMAGE.findall(page)
    assert {alt for _url, alt, *_size in pictures} == {"筹备的步骤", "乙的图"}  # no explanation stands there
    assert all(desk.get(url).status_code == 200 for url, *_rest in pictures)
    assert seat.get(pictures[0][0]).status_code == 403
    assert desk.get(f"/staff/exams/{hall.exam_id}/items/{UNKNOWN}/pictures/1").status_code == 404


def test_a_sample_paper_shows_them_to_who_may_see_the_bank(
    hall: Hall, illustrated: Illustrated, seat: Seat, take_seat: TakeSeat
) -> None:
    desk = take_seat(manager(hall))
    draft = desk.post(f"/staff/classes/{hall.class_id}/exam/drafts").headers["Location"]
    own = f"{draft}/items/{illustrated.choice_id}/pictures/1"
    assert desk.get(own).status_code == 404, "a bank of no unit is shown to nobody"
    own_banks(hall)
    pictures = IMAGE.findall(desk.post(f"{draft}/sample").text)
    assert len(pictures) == 3 and all(desk.get(url).status_code == 200 for url, *_rest in pictures)
    assert desk.get(own[:-1] + "3").status_code == 404, "a sample paper has no explanations"
    with unit_of_work() as session:
        session.execute(
            update(ItemVersionRow).where(ItemVersionRow.id == illustrated.choice_id).values(state="withdrawn")
        )
    assert desk.get(own).status_code == 404
    assert seat.get(own).status_code == 403


def test_pictures_cost_a_paper_no_statement(seat: Seat, paper: str, statements: Statements) -> None:
    seat.get(paper)
    with statements() as seen:
        assert "marked-picture" in seat.get(paper).text
    assert not [one for one in seen if "item_picture" in one or "item_version" in one]
    ((url, *_rest), *_more) = IMAGE.findall(seat.get(paper).text)
    with statements() as seen:
        assert seat.get(url).status_code == 200
    assert len([one for one in seen if "item_picture" in one]) == 1


def test_what_is_asked_is_what_the_author_wrote(illustrated: Illustrated) -> None:
    with reading() as session:
        items = queries.items(session, [illustrated.choice_id, illustrated.essay_id])
    choice = items[illustrated.choice_id]
    assert [one.name for one in choice.pictures] == [one.name for one in (*CHOICE.pictures[1:], CHOICE.pictures[0])]
    assert choice.asked_pictures == 2 and len(choice.shown_pictures(whole=True)) == 3
    assert items[illustrated.essay_id].stem == ESSAY.stem.replace("流程图-答案是乙.png", "1")
