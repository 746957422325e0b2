"""Who wrote, reviewed or marked items and enrols afterwards may sit the exam; invigilators see how many of the paper's items they know."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms.exams import queries, service
from lms.infra.db import reading, unit_of_work
from lms.kernel.principal import Principal
from lms.moderation.models import RevisionRow
from lms.questionbank.models import ItemVersionRow
from lms.questionbank.service.versions import add_event
from tests.factories.exams import NOW, Hall, enrol, make_candidate, make_hall_of_all_types
from tests.factories.joining import as_one
from tests.factories.marking import hand_in, make_marker
from tests.factories.people import make_person
from tests.web.exams.conftest import Seat

TakeSeat = Callable[[Principal], Seat]
BADGE = "参与过本卷 {} 题的命制、审核或阅卷"


@pytest.fixture
def hall(clean: Flask, turn: object) -> Hall:
    return make_hall_of_all_types()


def begin(hall: Hall, person_id: UUID) -> UUID:
    return service.start_or_resume(hall.exam_id, person_id, now=NOW, seed=1).attempt_id


def shown(hall: Hall, seat: Seat, attempt_id: UUID, items: int) -> list[int]:
    """How often the board, and the page of one candidate, say that they know so many items."""
    pages = (f"/staff/classes/{hall.class_id}/exam-board", f"/staff/attempts/{attempt_id}/watch")
    return [seat.get(page).text.count(BADGE.format(items)) for page in pages]


@pytest.mark.parametrize("action", ["written", "approved"])
def test_items_that_a_candidate_wrote_or_decided_on_are_counted(hall: Hall, take_seat: TakeSeat, action: str) -> None:
    watcher = take_seat(make_marker(hall))
    insider, other = (make_candidate(hall, name).person_id for name in ("出过题", "没出过题"))
    mine, theirs = begin(hall, insider), begin(hall, other)
    assert shown(hall, watcher, mine, 2) == [0, 0]
    level = "province" if action == "approved" else None
    with unit_of_work() as session:
        for entry in queries.paper(session, mine).entries[-2:]:
            item = session.get_one(ItemVersionRow, entry.version_id)
            add_event(session, item.item_id, item.id, action, actor_id=insider, level=level, now=NOW)
    assert (shown(hall, watcher, mine, 2), shown(hall, watcher, theirs, 2)) == ([1, 1], [1, 0])


def test_the_author_of_a_lecture_knows_the_items_that_came_with_it(hall: Hall, take_seat: TakeSeat) -> None:
    watcher = take_seat(make_marker(hall))
    with reading() as session:
        author_id = session.execute(select(RevisionRow.author_id)).scalars().one()
    enrol(hall, author_id)
    attempt_id = begin(hall, author_id)
    with reading() as session:
        asked = len(queries.paper(session, attempt_id).entries)
    assert shown(hall, watcher, attempt_id, asked) == [1, 1]


def test_a_marker_who_enrols_knows_what_they_marked(hall: Hall, take_seat: TakeSeat) -> None:
    hand_in(hall, make_candidate(hall, "先考的"))
    marker, watcher = make_marker(hall), take_seat(make_marker(hall, "监考"))
    seat = take_seat(marker)
    with reading() as session:
        waiting = queries.items_to_mark(session, hall.exam_id, marker.person_id, now=NOW)
    item = next(one.version_id for one in waiting if one.type == "short_answer")
    where = seat.post(f"/staff/marking/{hall.exam_id}/items/{item}/next").headers["Location"]
    assert seat.post(f"{where}/mark", {"parts-0": "1"}).status_code == 303
    enrol(hall, marker.person_id)
    assert shown(hall, watcher, begin(hall, marker.person_id), 1) == [1, 1]


def test_what_the_account_that_was_kept_worked_on_counts_for_papers_of_the_other(
    hall: Hall, take_seat: TakeSeat
) -> None:
    watcher = take_seat(make_marker(hall))
    gone, kept = make_candidate(hall, "甲").person_id, make_person(hall.land.unit, "甲").person_id
    attempt_id = begin(hall, gone)
    with unit_of_work() as session:
        entry = queries.paper(session, attempt_id).entries[0]
        item = session.get_one(ItemVersionRow, entry.version_id)
        add_event(session, item.item_id, item.id, "written", actor_id=kept, level=None, now=NOW)
    assert shown(hall, watcher, attempt_id, 1) == [0, 0]
    as_one(kept, gone)
    assert shown(hall, watcher, attempt_id, 1) == [1, 1]
