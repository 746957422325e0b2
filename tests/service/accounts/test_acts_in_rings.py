"""Acts on several people, or on one with several accounts, wait for each other but never in a ring.

On SQLite the writer is alone; these are races of PostgreSQL.
"""

import threading
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from flask import Flask

from lms.access import service as access
from lms.access.domain import roles
from lms.accounts import queries
from lms.accounts.domain import notice
from lms.accounts.domain.particulars import Particulars
from lms.accounts.domain.reach import Staff
from lms.accounts.models import PersonRow
from lms.accounts.service import bulk, closing, id_numbers, joining, memberships, people, standing
from lms.infra.db import reading, unit_of_work
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from lms.organisations.queries import Unit
from lms.organisations.service import requests
from tests.factories.people import NOW, Land, make_land, make_person
from tests.factories.together import caught, crossing, pausing_first

pytestmark = pytest.mark.postgres
TODAY = NOW.date()
ACT = organisations.Act(None, "调整", NOW, reach=EVERYWHERE)
NUMBER = "11010519491231002X"


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def home(land: Land) -> Unit:
    """A union that may move, with nobody in it yet."""
    return add(land.province, "宁波某公司工会")


def add(above: Unit, name: str, kind: str = "unit") -> Unit:
    return organisations.add_unit(parent_id=above.id, name=name, kind=kind, reach=EVERYWHERE, now=NOW)


def outranks(one: UUID, other: UUID) -> bool:
    return access.outranks(one, other, NOW)


def staff(land: Land, name: str) -> Staff:
    return Staff(make_person(land.national, name).person_id, EVERYWHERE, lambda *_: True)


def pause(monkeypatch: pytest.MonkeyPatch, where: object, name: str) -> threading.Event:
    """Set when the first of two has gone through a call, after which it takes its time."""
    reached = threading.Event()
    monkeypatch.setattr(where, name, pausing_first(getattr(where, name), reached))
    return reached


def two_of_one(land: Land, home: Unit) -> tuple[UUID, UUID]:
    """The newer of two accounts of one person, and the proposal that it stays."""
    gone, kept = sorted(make_person(home, "王一").person_id for _ in range(2))
    return kept, joining.propose(kept, gone, by=staff(land, "甲"), reason="同一人", now=NOW)


def test_somebody_is_given_a_number_while_their_sign_ins_are_ended(land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.province}) for _ in range(6)]
    by = Staff(min(one.person_id for one in made), (land.province.path,), outranks)
    person = max(make_person(land.unit, "学员").person_id for _ in range(9))
    with reading() as session:
        row = session.get_one(PersonRow, person)
        given = Particulars(row.name, row.sex, row.post, "13900001111", row.category, row.employment, row.appointed_on)
    reached = pause(monkeypatch, people, "hold")
    edits = partial(people.edit, person, given, by=by, naming=(), now=NOW)
    found = crossing(edits, partial(standing.end_sessions, person, by=by, now=NOW), reached)
    assert found == [("mobile",), 0]


def test_a_request_is_settled_while_somebody_acts_on_who_asked(land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.province}) for _ in range(6)]
    by = Staff(min(one.person_id for one in made), (land.province.path,), outranks)
    person = max(make_person(land.province, "没找到单位的人").person_id for _ in range(9))
    asked = requests.ask(person, land.province.id, "某某公司工会", now=NOW)
    settles = partial(
        organisations.settle, asked, unit_id=land.unit.id, reach=by.scopes, actor_id=by.person_id, now=NOW
    )
    reached = pause(monkeypatch, queries, "lock_person")
    found = crossing(settles, partial(standing.end_sessions, person, by=by, now=NOW), reached)
    assert found == [land.unit.id, 0]


@pytest.mark.parametrize("how", ["closes", "gives a number"])
def test_somebody_with_two_accounts_acts_while_their_union_moves(
    land: Land, home: Unit, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    kept, proposed = two_of_one(land, home)
    where, acts = closing, partial(closing.close, kept, now=NOW)
    if how == "gives a number":
        version = notice.CURRENT[notice.ID_NUMBER]
        where = id_numbers
        acts = partial(id_numbers.give, kept, NUMBER, version=version, asked=lambda *_: True, now=NOW)
    joining.confirm(proposed, by=staff(land, "乙"), now=NOW)
    moves = partial(organisations.move, home.id, land.other_province.id, ACT)
    assert crossing(acts, moves, pause(monkeypatch, where, "hold")) == [None, None]


def test_somebody_becomes_an_alias_while_who_moves_the_other_account_waits(
    land: Land, home: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, proposed = two_of_one(land, home)
    confirmer, mover = staff(land, "乙"), staff(land, "丙")
    reached, results = pause(monkeypatch, memberships.plans, "held_units"), {}
    move = partial(memberships.move, kept, land.unit.id, from_on=TODAY, by=mover, reason="调动", now=NOW)
    first = caught(move, results, "first")
    tree = caught(partial(organisations.move, home.id, land.other_province.id, ACT), results, "tree")
    with unit_of_work():
        joining.confirm(proposed, by=confirmer, now=NOW)
        first.start()
        first.join(0.7)
        assert first.is_alive(), "it waits"
    assert reached.wait(10)
    tree.start()
    for thread in (first, tree):
        thread.join(30)
    assert results == {"first": None, "tree": None}


def test_several_are_disabled_while_somebody_else_disables_one_of_them(
    land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = sorted(make_person(land.unit, "学员").person_id for _ in range(2))
    chiefs = [make_person(land.national, name, grants={roles.UNIT_ADMIN: land.national}) for name in "甲乙"]
    one, other = (Staff(chief.person_id, EVERYWHERE, outranks) for chief in chiefs)
    reached = pause(monkeypatch, bulk.standing, "disable")
    several = partial(bulk.run, bulk.Order("disable", people, "离职"), by=one, now=NOW)
    single = partial(standing.disable, people[1], by=other, reason="离职", now=NOW)
    assert crossing(several, single, reached) == [2, False]


@pytest.mark.parametrize("listed", ["there", "there soon"])
def test_several_are_moved_into_a_union_that_moves(land: Land, monkeypatch: pytest.MonkeyPatch, listed: str) -> None:
    """The second of them belongs to the city that moves with it, or is to be in another union of it."""
    city, by = add(land.province, "宁波市总工会", "city"), staff(land, "人事")
    planned, into = sorted((add(city, name) for name in ("宁波某公司工会", "宁波某厂工会")), key=lambda unit: unit.id)
    first = min(make_person(land.unit, "外来").person_id for _ in range(9))
    second = max(make_person(city if listed == "there" else land.unit, "本市").person_id for _ in range(9))
    assert first < second
    if listed == "there soon":
        memberships.move(second, planned.id, from_on=TODAY + timedelta(days=9), by=by, reason="调动", now=NOW)
    reached = pause(monkeypatch, bulk.memberships, "move")
    order = bulk.Order("move", [first, second], "调动", into.id, TODAY)
    moves = partial(organisations.move, city.id, land.other_province.id, ACT)
    assert crossing(partial(bulk.run, order, by=by, now=NOW), moves, reached) == [2, None]
