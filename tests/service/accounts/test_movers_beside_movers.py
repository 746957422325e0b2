"""Those who move people or unions at once do not wait for each other in a ring, whatever exams these sat.

On SQLite the writer is alone; these are races of PostgreSQL.
"""

import threading
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from lms.accounts.domain.reach import Staff
from lms.accounts.service import bulk, joining, memberships
from lms.exams import service as exams
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from lms.organisations.service import moving
from tests.factories.exams import NOW, Hall, make_candidate, make_hall
from tests.factories.people import make_person
from tests.factories.together import crossing, pausing, pausing_first
from tests.service.exams.test_regrading import LATER, sit

pytestmark = pytest.mark.postgres


@pytest.fixture
def hall(clean: Flask) -> Hall:
    return make_hall()


@pytest.fixture
def by(hall: Hall) -> Staff:
    return Staff(make_person(hall.land.national, "人事").person_id, EVERYWHERE, lambda *_: True)


def sat(hall: Hall, count: int) -> list[UUID]:
    """People whose results are in the figures of one exam, by id."""
    people = [make_candidate(hall, "王一") for _ in range(count)]
    for person in people:
        sit(hall, person, 10)
    exams.count_figures(hall.exam_id, until=LATER, now=LATER)
    return sorted(person.person_id for person in people)


def moves_all(
    hall: Hall, people: list[UUID], by: Staff, monkeypatch: pytest.MonkeyPatch
) -> tuple[Callable, threading.Event]:
    """Moves many, and takes its time behind the first of them."""
    first = threading.Event()
    monkeypatch.setattr(bulk.memberships, "move", pausing_first(bulk.memberships.move, first))
    order = bulk.Order("move", people, "调动", hall.land.other_unit.id, NOW.date())
    return partial(bulk.run, order, by=by, now=NOW), first


def test_many_who_move_and_one_of_them_whom_somebody_else_moves(
    hall: Hall, by: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = sat(hall, 2)
    other = Staff(make_person(hall.land.national, "同事").person_id, EVERYWHERE, lambda *_: True)
    there = hall.land.province.id
    one = partial(memberships.move, people[1], there, from_on=NOW.date(), by=other, reason="调动", now=NOW)
    many, begun = moves_all(hall, people, by, monkeypatch)
    found = crossing(many, one, begun)
    assert not any(isinstance(each, OperationalError) for each in found), found


def test_many_who_move_and_a_union_that_takes_one_of_them_along(
    hall: Hall, by: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, land = sat(hall, 2), hall.land
    second = organisations.add_unit(
        parent_id=land.province.id, name="宁波某公司工会", kind="unit", reach=EVERYWHERE, now=NOW
    )
    memberships.move(people[1], second.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)
    act = organisations.Act(None, "调整", NOW, EVERYWHERE)
    goes = partial(organisations.move, second.id, land.other_province.id, act)
    many, begun = moves_all(hall, people, by, monkeypatch)
    found = crossing(many, goes, begun)
    assert not any(isinstance(each, OperationalError) for each in found), found


def test_a_union_that_moves_and_somebody_elsewhere_who_may_be_one_of_its_people(
    hall: Hall, by: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept, gone), land = sat(hall, 2), hall.land
    second = organisations.add_unit(
        parent_id=land.province.id, name="宁波某公司工会", kind="unit", reach=EVERYWHERE, now=NOW
    )
    memberships.move(gone, second.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)
    joining.propose(kept, gone, by=by, reason="同一人", now=NOW)
    reached = threading.Event()
    monkeypatch.setattr(moving, "_write_paths", pausing(moving._write_paths, reached))
    act = organisations.Act(None, "调整", NOW, EVERYWHERE)
    found = crossing(
        partial(organisations.move, second.id, land.other_province.id, act),
        partial(memberships.move, kept, land.other_unit.id, from_on=NOW.date(), by=by, reason="调动", now=NOW),
        reached,
    )
    assert found == [None, None]
