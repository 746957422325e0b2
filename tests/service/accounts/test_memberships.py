"""A person belongs to one primary unit on every day, moves leave history as it was, and the tree takes its people along."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from lms.accounts import queries
from lms.accounts.models import MembershipRow
from lms.accounts.service import closing, memberships
from lms.accounts.service.holding import OnOneself
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.scope import EVERYWHERE
from lms.organisations import events, service as units
from lms.organisations.models import UnitRow
from tests.conftest import empty_tables
from tests.factories.cadres import NOW, TODAY, Land, at_work, make_admin, stored
from tests.factories.people import make_land, make_person

DAY = timedelta(days=1)


@pytest.fixture
def country(clean: Flask) -> Land:
    return make_land()


def primaries(person_id: UUID) -> list[tuple[UUID, date, date | None]]:
    with reading() as session:
        rows = session.execute(
            select(MembershipRow.unit_id, MembershipRow.from_on, MembershipRow.until_on)
            .where(MembershipRow.person_id == person_id, MembershipRow.is_primary)
            .order_by(MembershipRow.from_on, MembershipRow.id)
        )
        return [tuple(row) for row in rows]


def test_a_move_ends_the_old_membership_and_opens_the_new_one_on_the_same_day(country: Land) -> None:
    person, admin = make_person(country.unit), make_admin(country.national)
    memberships.move(
        person.person_id,
        country.other_unit.id,
        from_on=TODAY,
        by=at_work(admin, country.national),
        reason="调动",
        now=NOW + 5 * DAY,
    )
    assert primaries(person.person_id) == [
        (country.unit.id, TODAY, TODAY),
        (country.other_unit.id, TODAY, None),
    ]
    assert (stored(person.person_id).unit_id, stored(person.person_id).unit_path) == (
        country.other_unit.id,
        country.other_unit.path,
    )


def test_a_move_to_come_is_settled_on_its_day_and_not_before(country: Land) -> None:
    person, admin = make_person(country.unit), make_admin(country.national)
    by = at_work(admin, country.national)
    day = TODAY + 10 * DAY
    memberships.move(person.person_id, country.other_unit.id, from_on=day, by=by, reason="调动", now=NOW)
    assert stored(person.person_id).unit_id == country.unit.id
    assert memberships.settle(now=NOW + 9 * DAY) == 0
    assert memberships.settle(now=NOW + 10 * DAY) == 1
    assert memberships.settle(now=NOW + 10 * DAY) == 0
    assert stored(person.person_id).unit_path == country.other_unit.path


REFUSED = {
    "to the same unit": (lambda land: land.unit, TODAY + DAY, "unit"),
    "before the present membership began": (lambda land: land.other_unit, TODAY - DAY, "from_on"),
    "further ahead than a year": (lambda land: land.other_unit, TODAY + 400 * DAY, "from_on"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_move_is_refused(country: Land, case: str) -> None:
    unit, day, field = REFUSED[case]
    person, admin = make_person(country.unit), make_admin(country.national)
    with pytest.raises(Invalid) as caught:
        memberships.move(
            person.person_id, unit(country).id, from_on=day, by=at_work(admin, country.national), reason="x", now=NOW
        )
    assert set(caught.value.fields) == {field}
    assert len(primaries(person.person_id)) == 1


def test_a_reason_is_needed(country: Land) -> None:
    person, admin = make_person(country.unit), make_admin(country.national)
    with pytest.raises(Invalid) as caught:
        memberships.move(
            person.person_id,
            country.other_unit.id,
            from_on=TODAY,
            by=at_work(admin, country.national),
            reason="  ",
            now=NOW,
        )
    assert set(caught.value.fields) == {"reason"}


def test_nobody_is_moved_out_of_reach_into_reach_or_by_themselves(country: Land) -> None:
    person, foreign = make_person(country.unit), make_person(country.other_unit)
    admin = make_admin(country.province)
    by = at_work(admin, country.province)
    for who, where in ((person, country.other_unit), (foreign, country.unit)):
        with pytest.raises(NotFound):
            memberships.move(who.person_id, where.id, from_on=TODAY, by=by, reason="x", now=NOW)
    with pytest.raises(OnOneself):
        memberships.move(admin.person_id, country.unit.id, from_on=TODAY, by=by, reason="x", now=NOW)


def test_a_second_unit_stands_beside_the_primary_one_and_ends(country: Land) -> None:
    person, admin = make_person(country.unit), make_admin(country.national)
    by = at_work(admin, country.national)
    added = memberships.add_secondary(
        person.person_id, country.other_unit.id, from_on=TODAY, by=by, reason="兼职", now=NOW
    )
    with pytest.raises(Invalid):
        memberships.add_secondary(person.person_id, country.other_unit.id, from_on=TODAY, by=by, reason="兼职", now=NOW)
    assert stored(person.person_id).unit_id == country.unit.id
    memberships.end_secondary(person.person_id, added, until_on=TODAY + DAY, by=by, reason="结束", now=NOW)
    with pytest.raises(Invalid):
        memberships.end_secondary(person.person_id, added, until_on=TODAY + DAY, by=by, reason="结束", now=NOW)
    with reading() as session:
        listed = queries.memberships_of(session, person.person_id)
    assert [(one.is_primary, one.until_on) for one in listed] == [(True, None), (False, TODAY + DAY)]


def test_the_database_refuses_a_second_primary_one_and_changed_history(country: Land) -> None:
    person = make_person(country.unit)
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.execute(update(MembershipRow).values(unit_id=country.other_unit.id))
    with pytest.raises(DBAPIError), unit_of_work() as session:
        memberships._open(  # the service itself never does
            session, person.person_id, country.other_unit.id, primary=True, from_on=TODAY, by=None, why="", now=NOW
        )
    assert len(primaries(person.person_id)) == 1


def test_people_follow_a_unit_that_is_moved_in_one_statement(country: Land) -> None:
    inside, outside = make_person(country.unit), make_person(country.other_unit)
    moved = f"{country.other_province.path}{country.unit.path.strip('/').split('/')[-1]}/"
    with unit_of_work():
        events.moved([(country.unit.path, moved), ("/nobody/", "/nowhere/")], at=NOW)
    assert stored(inside.person_id).unit_path == moved
    assert stored(outside.person_id).unit_path == country.other_unit.path


def test_people_follow_a_unit_that_is_merged_and_keep_what_they_had_beside(country: Land) -> None:
    person, beside, there = make_person(country.unit), make_person(country.province), make_person(country.other_unit)
    admin = make_admin(country.national)
    by = at_work(admin, country.national)
    for who in (beside, there):
        memberships.add_secondary(who.person_id, country.unit.id, from_on=TODAY, by=by, reason="兼职", now=NOW)
    events.merged(country.unit.id, country.other_unit.id, at=NOW + 3 * DAY, actor_id=admin.person_id)
    assert primaries(person.person_id) == [
        (country.unit.id, TODAY, TODAY + 3 * DAY),
        (country.other_unit.id, TODAY + 3 * DAY, None),
    ]
    assert stored(person.person_id).unit_path == country.other_unit.path
    with reading() as session:
        besides = queries.memberships_of(session, beside.person_id)
        theirs = queries.memberships_of(session, there.person_id)
    assert [(one.unit_id, one.until_on) for one in besides if not one.is_primary] == [
        (country.other_unit.id, None),
        (country.unit.id, TODAY + 3 * DAY),
    ]
    assert [one.unit_id for one in theirs if one.until_on is None] == [country.other_unit.id]


def test_who_could_not_find_their_unit_is_moved_to_it(country: Land) -> None:
    person, admin = make_person(country.province), make_admin(country.province)
    for _twice in range(2):
        events.settled(
            person.person_id, country.unit.id, parent_path=country.province.path, at=NOW, actor_id=admin.person_id
        )
    assert stored(person.person_id).unit_id == country.unit.id
    assert [row[0] for row in primaries(person.person_id) if row[2] is None] == [country.unit.id]


def test_nobody_joins_a_closed_unit(country: Land) -> None:
    person, admin = make_person(country.other_unit), make_admin(country.national)
    empty = units.add_unit(parent_id=country.province.id, name="空单位", kind="unit", reach=EVERYWHERE, now=NOW)
    with unit_of_work() as session:
        session.execute(update(UnitRow).where(UnitRow.id == empty.id).values(state="closed"))
    with pytest.raises(Invalid):
        memberships.move(
            person.person_id, empty.id, from_on=TODAY, by=at_work(admin, country.national), reason="x", now=NOW
        )


@pytest.mark.parametrize("beside", [False, True], ids=["a planned move", "a membership beside"])
def test_a_unit_that_somebody_will_belong_to_is_not_closed(country: Land, beside: bool) -> None:
    person, admin = make_person(country.other_unit), make_admin(country.national)
    empty = units.add_unit(parent_id=country.province.id, name="空单位", kind="unit", reach=EVERYWHERE, now=NOW)
    join = memberships.add_secondary if beside else memberships.move
    by = at_work(admin, country.national)
    join(person.person_id, empty.id, from_on=TODAY + DAY, by=by, reason="调动", now=NOW)
    with pytest.raises(units.StillInUse):
        units.close(empty.id, units.Act(admin.person_id, "撤销", NOW, reach=EVERYWHERE))


def test_a_unit_is_closed_when_all_who_belonged_to_it_have_left(country: Land) -> None:
    person = make_person(country.unit)
    closing.close(person.person_id, now=NOW)
    units.close(country.unit.id, units.Act(None, "撤销", NOW, reach=EVERYWHERE))
    with reading() as session:
        assert session.execute(select(UnitRow.state).where(UnitRow.id == country.unit.id)).scalar_one() == "closed"


STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(-3, 20), st.integers(0, 5)), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_moves_there_is_one_primary_unit_on_every_day_and_today_s_is_listed(
    clean: Flask, steps: list[tuple[int, int, int]]
) -> None:
    empty_tables()
    land = make_land()
    person, admin = make_person(land.unit), make_admin(land.national)
    places, now = (land.unit, land.other_unit, land.province), NOW
    for place, ahead, pause in steps:
        now += pause * DAY
        today = memberships.day_of(now)
        try:
            memberships.move(
                person.person_id,
                places[place].id,
                from_on=today + ahead * DAY,
                by=at_work(admin, land.national),
                reason="x",
                now=now,
            )
        except Invalid:
            pass
        memberships.settle(now=now)
        spans = primaries(person.person_id)
        for number in range(60):
            day = TODAY + number * DAY
            holding = [unit for unit, begin, end in spans if begin <= day and (end is None or day < end)]
            assert len(holding) == 1
            if day == today:
                assert stored(person.person_id).unit_id == holding[0]
