"""A change of the tree waits for acts on the people and units that it moves, and sees what they did; acts wait for it.

On SQLite the writer is alone; these are races of PostgreSQL.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms.access import queries as held_roles, service as access
from lms.access.domain import roles
from lms.access.service.granting import RolesMoveAlong
from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.accounts.models import JoinProposalRow, PersonRow
from lms.accounts.queries import joinings
from lms.accounts.service import joining, memberships
from lms.catalogue import service as authoring
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import NotFound
from lms.kernel.scope import EVERYWHERE
from lms.moderation import queries as moderation
from lms.organisations import events, queries, service
from lms.organisations.queries import Unit
from tests.factories.content import publish
from tests.factories.people import NOW, Land, make_land, make_person, make_staff
from tests.factories.together import beside, caught, crossing, pausing

pytestmark = pytest.mark.postgres
NEXT_DAY = NOW + timedelta(days=1)
Act = Callable[[], object]


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


def act(actor_id: UUID | None = None, reach: tuple[str, ...] = EVERYWHERE) -> service.Act:
    return service.Act(actor_id, "调整", NOW, reach=reach)


def goes_away(land: Land, unit: Unit) -> Act:
    return lambda: service.move(unit.id, land.other_province.id, act())


def add(land: Land, name: str = "宁波某公司工会") -> Unit:
    return service.add_unit(parent_id=land.province.id, name=name, kind="unit", reach=EVERYWHERE, now=NOW)


def nation(land: Land, name: str = "人事") -> Staff:
    return Staff(make_person(land.national, name).person_id, EVERYWHERE, lambda *_: True)


def path_of(unit_id: UUID) -> str:
    with reading() as session:
        return queries.unit(session, unit_id).path


def listed_at(person_id: UUID) -> str:
    with reading() as session:
        return session.execute(select(PersonRow.unit_path).where(PersonRow.id == person_id)).scalar_one()


def roles_of(person_id: UUID) -> tuple[str, ...]:
    with reading() as session:
        return tuple(one.role for one in held_roles.held_or_coming(session, person_id, now=NOW))


def gives(land: Land, person_id: UUID) -> Act:
    giver = make_person(land.national, "全国管理员", grants={roles.UNIT_ADMIN: land.national})
    new = access.NewGrant(person_id, roles.UPLOADER, land.unit.id, NOW, None, "课件")
    return lambda: access.grant(new, giver=giver, now=NOW)


def test_nobody_comes_to_a_unit_that_closes(land: Land) -> None:
    person, by, empty = make_person(land.unit, "王建国").person_id, nation(land), add(land)
    comes = partial(memberships.move, person, empty.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)
    assert isinstance(beside(comes, lambda: service.close(empty.id, act())), service.StillInUse)


def test_a_role_ends_with_a_unit_that_closes(land: Land) -> None:
    holder, empty = make_person(land.province, "老师").person_id, land.unit
    assert beside(gives(land, holder), lambda: service.close(empty.id, act())) is None
    assert roles_of(holder) == ()


def test_a_role_moves_only_by_the_hand_of_who_gives_it(land: Land) -> None:
    system = make_person(land.national, "系统管理员", grants={roles.SYSTEM_ADMIN: land.national})
    holder = make_person(land.unit, "老师").person_id
    reach = (land.national.path,)
    moves = partial(service.move, land.unit.id, land.other_province.id, act(system.person_id, reach))
    assert isinstance(beside(gives(land, holder), moves), RolesMoveAlong)
    assert (path_of(land.unit.id), roles_of(holder)) == (land.unit.path, (roles.UPLOADER,))


def test_a_proposal_to_join_ends_when_one_of_them_moves_away(land: Land) -> None:
    second, by = add(land), Staff(make_person(land.national, "甲").person_id, (land.province.path,), lambda *_: True)
    kept, gone = (make_person(unit, "王一").person_id for unit in (land.unit, second))
    proposes = partial(joining.propose, kept, gone, by=by, reason="同一人", now=NOW)
    assert beside(proposes, goes_away(land, second)) is None
    with reading() as session:
        assert session.execute(select(JoinProposalRow.state)).scalars().all() == ["withdrawn"]


def test_an_alias_goes_where_the_unit_of_the_account_that_stays_went(land: Land) -> None:
    second, scopes = add(land), (land.province.path,)
    gone, kept = make_person(land.unit, "王一").person_id, make_person(second, "王一").person_id
    one, other = (Staff(make_person(land.national, name).person_id, scopes, lambda *_: True) for name in ("甲", "乙"))
    proposed = joining.propose(kept, gone, by=one, reason="同一人", now=NOW)
    assert beside(lambda: joining.confirm(proposed, by=other, now=NOW), goes_away(land, second)) is None
    assert listed_at(kept) == listed_at(gone) == path_of(second.id) != second.path


def planned(land: Land) -> tuple[UUID, Unit]:
    """Somebody who is to belong to another unit from tomorrow on."""
    person, second = make_person(land.unit, "王建国").person_id, add(land)
    by = nation(land)
    memberships.move(person, second.id, from_on=NEXT_DAY.date(), by=by, reason="调动", now=NOW)
    return person, second


def test_a_plan_that_begins_as_its_unit_moves_lists_them_at_the_new_place(land: Land) -> None:
    person, second = planned(land)
    assert beside(goes_away(land, second), lambda: memberships.settle(now=NEXT_DAY)) == 1
    assert listed_at(person) == path_of(second.id) != second.path


def test_a_unit_that_moves_as_a_plan_begins_takes_them_along(land: Land) -> None:
    person, second = planned(land)
    assert beside(lambda: memberships.settle(now=NEXT_DAY), goes_away(land, second)) is None
    assert listed_at(person) == path_of(second.id) != second.path
    with reading() as session:
        assert list(accounts.misplaced(session)) == []


def test_a_new_version_of_a_lecture_goes_along(clean: Flask) -> None:
    staff = make_staff()
    old, made = publish(staff), []

    def revises() -> None:
        made.append(authoring.revise(old.revision_id, author=staff.uploader, now=NOW))

    assert beside(revises, goes_away(staff.land, staff.land.unit)) is None
    with reading() as session:
        assert moderation.revision(session, made[0]).unit_path == path_of(staff.land.unit.id) != staff.land.unit.path


@pytest.mark.parametrize("what", ["grant", "move"])
def test_who_acts_on_a_person_and_who_moves_their_union_do_not_wait_for_each_other(
    land: Land, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    home = service.add_unit(parent_id=land.province.id, name="台州市总工会", kind="city", reach=EVERYWHERE, now=NOW)
    below = service.add_unit(parent_id=home.id, name="台州某公司工会", kind="unit", reach=EVERYWHERE, now=NOW)
    cadre, by = make_person(home, "王建国").person_id, nation(land)
    giver = make_person(land.national, "全国管理员", grants={roles.UNIT_ADMIN: land.national})
    new = access.NewGrant(cadre, roles.UPLOADER, below.id, NOW, None, "课件")
    acts: dict[str, Act] = {
        "grant": lambda: access.grant(new, giver=giver, now=NOW),
        "move": lambda: memberships.move(cadre, below.id, from_on=NOW.date(), by=by, reason="调动", now=NOW),
    }
    real: Callable[..., object] = events.moved
    written = threading.Event()

    def slow(
        moves: object, **others: object
    ) -> None:  # units have their new paths, people are next: seconds in a large tree
        written.set()
        threading.Event().wait(0.7)
        real(moves, **others)

    monkeypatch.setattr(events, "moved", slow)
    results: dict[str, object] = {}
    mover, other = caught(goes_away(land, home), results, "tree"), caught(acts[what], results, what)
    mover.start()
    written.wait(10)
    other.start()
    for thread in (mover, other):
        thread.join(30)
    assert not [one for one in results.values() if isinstance(one, Exception)]


def test_who_decides_about_a_proposal_and_who_moves_one_of_them_do_not_wait_for_each_other(
    land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, scopes = add(land), (land.province.path,)
    kept, gone = (make_person(unit, "王一").person_id for unit in (land.unit, second))
    one, other = (Staff(make_person(land.national, name).person_id, scopes, lambda *_: True) for name in ("甲", "乙"))
    proposed = joining.propose(kept, gone, by=one, reason="同一人", now=NOW)
    real: Callable[..., object] = joinings.proposal
    locked = threading.Event()

    def slow(*arguments: object, **others: object) -> object:
        if others.get("lock"):  # both people are held by now
            locked.set()
            threading.Event().wait(0.7)
        return real(*arguments, **others)

    monkeypatch.setattr(joinings, "proposal", slow)
    results: dict[str, object] = {}
    decider = caught(lambda: joining.refuse(proposed, by=other, now=NOW), results, "decider")
    mover = caught(goes_away(land, second), results, "mover")
    decider.start()
    locked.wait(10)
    mover.start()
    for thread in (decider, mover):
        thread.join(30)
    assert results == {"decider": "declined", "mover": None}


def test_a_move_beside_the_merger_of_a_planned_unit_takes_back_what_the_merger_planned(land: Land) -> None:
    planned, into = add(land), add(land, "绍兴某公司工会")
    cadre, by = make_person(land.unit, "王建国").person_id, nation(land)
    memberships.move(cadre, planned.id, from_on=NOW.date() + 40 * (NEXT_DAY - NOW), by=by, reason="调动", now=NOW)

    moved = beside(
        lambda: service.merge(planned.id, into.id, act()),
        lambda: memberships.move(
            cadre, land.other_unit.id, from_on=NEXT_DAY.date(), by=by, reason="调动", now=NEXT_DAY
        ),
    )

    assert not isinstance(moved, Exception)
    with reading() as session:
        held = accounts.open_primary(session, cadre)
    assert held is not None
    assert held.unit_id == land.other_unit.id
    assert memberships.settle(now=NOW + 41 * (NEXT_DAY - NOW)) == 0, "nothing planned is left"


def test_who_acts_on_a_person_with_two_accounts_and_who_moves_their_union_do_not_wait_for_each_other(
    land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, by = add(land), nation(land)
    gone, kept = sorted(
        make_person(home, "王一").person_id for _ in range(2)
    )  # the move of the tree takes the alias first
    other = Staff(make_person(land.national, "乙").person_id, EVERYWHERE, lambda *_: True)
    joining.confirm(joining.propose(kept, gone, by=by, reason="同一人", now=NOW), by=other, now=NOW)
    real: Callable[..., object] = memberships.plans.held_units
    held = threading.Event()
    monkeypatch.setattr(memberships.plans, "held_units", pausing(real, held))  # the person is held by now

    results = crossing(
        lambda: memberships.move(kept, land.unit.id, from_on=NEXT_DAY.date(), by=by, reason="调动", now=NEXT_DAY),
        goes_away(land, home),
        held,
    )

    assert results == [None, None]
    assert path_of(home.id).startswith(land.other_province.path)


def test_what_speaks_against_a_change_of_the_tree_is_said_without_a_wait(land: Land) -> None:
    cadre, by = make_person(land.unit, "王建国").person_id, nation(land)
    results: dict[str, object] = {}
    refused = {
        "move": lambda: service.move(land.province.id, land.unit.id, act()),
        "merge": lambda: service.merge(land.province.id, land.unit.id, act()),
        "close": lambda: service.close(land.province.id, act()),
    }
    with unit_of_work():
        memberships.move(cadre, land.other_unit.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)
        for name, change in refused.items():
            thread = caught(change, results, name)
            thread.start()
            thread.join(10)
    assert [getattr(results[name], "code", None) for name in refused] == ["wrong_place", "wrong_place", "still_in_use"]


def ends_a_role(land: Land, holder_at: Unit, ender_at: Unit) -> Act:
    """The end of a role over the land's unit, of somebody who works elsewhere."""
    holder = make_person(holder_at, "兼管", grants={roles.CLASS_TUTOR: land.unit}).person_id
    ender = make_person(ender_at, "管理员", grants={roles.UNIT_ADMIN: ender_at})
    with reading() as session:
        (held,) = held_roles.grants_of_person(session, holder, EVERYWHERE)
    return lambda: access.end(held.id, ender=ender, reason="调整", now=NOW)


def test_a_former_province_ends_no_role_over_a_unit_that_just_moved(land: Land) -> None:
    ends = ends_a_role(land, land.province, land.province)
    assert isinstance(beside(goes_away(land, land.unit), ends), NotFound)


@pytest.mark.parametrize("how", ["move", "merge", "close"])
def test_a_change_of_the_tree_waits_for_who_ends_a_role_there(land: Land, how: str) -> None:
    into = add(land)
    changes: dict[str, Act] = {
        "move": goes_away(land, land.unit),
        "merge": lambda: service.merge(land.unit.id, into.id, act()),
        "close": lambda: service.close(land.unit.id, act()),
    }
    assert beside(ends_a_role(land, land.other_province, land.national), changes[how]) is None
