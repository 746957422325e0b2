"""A move that is planned gives way to those who reach both units, and nobody acts on people more powerful than they are."""

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from lms.access.domain import roles
from lms.accounts.domain.reach import Staff
from lms.accounts.models import MembershipRow
from lms.accounts.service import closing, identity, memberships, people
from lms.accounts.service.reaching import MorePowerful
from lms.infra.db import unit_of_work
from lms.kernel.errors import Forbidden
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as units
from lms.web import ports
from tests.factories.cadres import NOW, TODAY, Land, at_work, make_admin, make_facts, stored
from tests.factories.people import make_land, make_person
from tests.service.accounts.test_memberships import DAY, primaries


@pytest.fixture
def country(clean: Flask) -> Land:
    return make_land()


def test_an_unbegun_plan_gives_way_to_an_earlier_move_and_is_no_part_of_history(country: Land) -> None:
    person, admin = make_person(country.unit), make_admin(country.national)
    by = at_work(admin, country.national)
    for number, place in enumerate((country.province, country.other_unit)):
        day = TODAY + (90 + number) * DAY
        memberships.move(person.person_id, place.id, from_on=day, by=by, reason="计划", now=NOW)
    day = TODAY + 5 * DAY
    memberships.move(person.person_id, country.other_province.id, from_on=day, by=by, reason="先调", now=NOW + 5 * DAY)
    spans = [one for one in primaries(person.person_id) if one[1] != one[2]]
    assert spans == [(country.unit.id, TODAY, day), (country.other_province.id, day, None)]
    assert stored(person.person_id).unit_id == country.other_province.id
    assert memberships.settle(now=NOW + 95 * DAY) == 0


def test_a_move_to_today_s_unit_takes_a_plan_back(country: Land) -> None:
    person, admin = make_person(country.unit), make_admin(country.national)
    by = at_work(admin, country.national)
    memberships.move(person.person_id, country.other_unit.id, from_on=TODAY + 9 * DAY, by=by, reason="计划", now=NOW)
    memberships.move(person.person_id, country.unit.id, from_on=TODAY, by=by, reason="不调了", now=NOW)
    assert [one for one in primaries(person.person_id) if one[1] != one[2]] == [(country.unit.id, TODAY, None)]
    assert memberships.settle(now=NOW + 10 * DAY) == 0


@pytest.mark.parametrize("ahead", [0, 9, 20])
def test_who_does_not_reach_the_planned_unit_leaves_the_plan_alone(country: Land, ahead: int) -> None:
    person, high, low = make_person(country.unit), make_admin(country.national), make_admin(country.province)
    planned, by = at_work(high, country.national), at_work(low, country.province)
    plan, day = TODAY + 9 * DAY, TODAY + ahead * DAY
    memberships.move(person.person_id, country.other_unit.id, from_on=plan, by=planned, reason="计划", now=NOW)
    before = primaries(person.person_id)
    with pytest.raises(Forbidden):
        memberships.move(person.person_id, country.province.id, from_on=day, by=by, reason="留下", now=NOW)
    assert primaries(person.person_id) == before


def test_an_end_that_something_followed_is_never_taken_back(country: Land) -> None:
    person, admin = make_person(country.unit), make_admin(country.national)
    by, day = at_work(admin, country.national), TODAY + DAY
    memberships.move(person.person_id, country.other_unit.id, from_on=day, by=by, reason="调动", now=NOW + DAY)
    with pytest.raises(DBAPIError, match="only the end"), unit_of_work() as session:
        session.execute(update(MembershipRow).where(MembershipRow.until_on.is_not(None)).values(until_on=None))


def test_acts_on_more_powerful_people_are_refused(country: Land) -> None:
    chief = make_person(country.province, grants={roles.UNIT_ADMIN: country.national})
    admin, plain = make_admin(country.province), make_person(country.province)
    by = Staff(admin.person_id, (country.province.path,), lambda one, other: ports.outranks(one, other, NOW))
    facts = make_facts("另一人", mobile="")
    acts = (
        lambda whom: memberships.move(whom, country.unit.id, from_on=TODAY, by=by, reason="x", now=NOW),
        lambda whom: identity.confirm(whom, by=by, reason="x", now=NOW),
        lambda whom: people.edit(whom, facts, by=by, naming=by.scopes, now=NOW),
    )
    for act in acts:
        with pytest.raises(MorePowerful):
            act(chief.person_id)
        act(plain.person_id)
    assert stored(chief.person_id).name == "张三"
    assert (stored(plain.person_id).name, stored(plain.person_id).unit_id) == ("另一人", country.unit.id)


def test_who_leaves_belongs_nowhere_from_today_whatever_was_planned(country: Land) -> None:
    person, admin = make_person(country.unit), make_admin(country.national)
    by = at_work(admin, country.national)
    for number, place in enumerate((country.province, country.other_unit)):
        day = TODAY + (30 + number) * DAY
        memberships.move(person.person_id, place.id, from_on=day, by=by, reason="计划", now=NOW)
    closing.close(person.person_id, now=NOW + 2 * DAY)
    spans = [one for one in primaries(person.person_id) if one[1] != one[2]]
    assert spans == [(country.unit.id, TODAY, TODAY + 2 * DAY)]
    assert memberships.settle(now=NOW + 40 * DAY) == 0


def test_a_unit_does_not_close_while_somebody_is_planned_to_pass_through_it(country: Land) -> None:
    person, by = make_person(country.unit), at_work(make_admin(country.national), country.national)
    between = units.add_unit(parent_id=country.province.id, name="中转单位工会", kind="unit", reach=EVERYWHERE, now=NOW)
    closes = partial(units.close, between.id, units.Act(None, "撤销", NOW, reach=EVERYWHERE))
    for days, place in ((1, between), (30, country.other_unit)):
        day = TODAY + days * DAY
        memberships.move(person.person_id, place.id, from_on=day, by=by, reason="调动", now=NOW)
    with pytest.raises(units.StillInUse):
        closes()
    memberships.move(person.person_id, country.unit.id, from_on=TODAY, by=by, reason="不调了", now=NOW)
    closes()
