"""A mobile or ID number is refused in every free text that is kept in clear: reasons, names, posts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from lms.access import service as access
from lms.access.domain import roles
from lms.access.service.granting import NewGrant
from lms.accounts import service as accounts
from lms.accounts.domain import particulars
from lms.accounts.domain.particulars import Particulars
from lms.accounts.service import identity, memberships, second_factor
from lms.accounts.service.holding import said
from lms.kernel import ids
from lms.kernel.errors import Invalid
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as units
from tests.factories.cadres import NOW, TODAY, Land, at_work, make_admin
from tests.factories.joining import join_by_two
from tests.factories.people import make_land, make_person
from tests.factories.qualification import id_number_of
from tests.service.accounts.test_registering import POLICY

NUMBER = id_number_of(1)
TEXTS = {"an ID number": f"证件 {NUMBER}", "in groups": "电话 139-1234-5678", "full width": "１３９１２３４５６７８"}


@pytest.fixture
def country(clean: Flask) -> Land:
    return make_land()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_reason_holds_a_number(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        said(text)
    assert set(caught.value.fields) == {"reason"}
    assert said(" 按文件〔2026〕12号办理 ") == "按文件〔2026〕12号办理"


Act = Callable[[Land, Any, Any, Any], object]
ACTS: dict[str, Act] = {
    "move": lambda land, who, _other, by: memberships.move(
        who, land.other_unit.id, from_on=TODAY, by=by, reason=NUMBER, now=NOW
    ),
    "confirm": lambda _land, who, _other, by: identity.confirm(who, by=by, reason=NUMBER, now=NOW),
    "join": lambda _land, who, other, by: join_by_two(who, other, by=by, reason=NUMBER, now=NOW),
    "second factor": lambda _land, who, _other, by: second_factor.reset(
        who, staff=by, outranks=lambda _one, _two: True, reason=NUMBER, now=NOW
    ),
    "unit": lambda land, _who, _other, _by: units.rename(
        land.unit.id, "新名", units.Act(None, NUMBER, NOW, EVERYWHERE)
    ),
    "unit's name": lambda land, _who, _other, _by: units.rename(
        land.unit.id, f"某某{NUMBER}", units.Act(None, "更名", NOW, EVERYWHERE)
    ),
    "new unit": lambda land, _who, _other, _by: units.add_unit(
        parent_id=land.province.id, name="新单位", kind="unit", reason=NUMBER, reach=EVERYWHERE, now=NOW
    ),
    "request": lambda land, who, _other, _by: units.ask(who, land.province.id, f"某某{NUMBER}", now=NOW),
    "declining": lambda _land, _who, _other, by: units.decline(
        ids.new_id(NOW), comment=NUMBER, actor_id=by.person_id, reach=EVERYWHERE, now=NOW
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_no_act_takes_a_number(country: Land, act: Act) -> None:
    admin = make_admin(country.national)
    who, other = (make_person(country.unit).person_id for _ in range(2))
    with pytest.raises(Invalid) as caught:
        act(country, who, other, at_work(admin, country.national))
    assert set(caught.value.fields) <= {"reason", "name", "comment"}


def test_no_role_is_given_or_ended_with_a_number(country: Land) -> None:
    admin, who = make_admin(country.national), make_person(country.unit)
    new = NewGrant(who.person_id, roles.UNIT_ADMIN, country.unit.id, NOW, NOW + timedelta(days=9), NUMBER)
    with pytest.raises(Invalid) as caught:
        access.grant(new, giver=admin, now=NOW)
    assert set(caught.value.fields) == {"reason"}
    with pytest.raises(Invalid):
        access.end(ids.new_id(NOW), ender=admin, reason=NUMBER, now=NOW)


FACTS = Particulars("张三", "male", "工会主席", "13912345678", "enterprise", "full_time", date(2020, 3, 1))


@pytest.mark.parametrize("field", ["name", "post"])
def test_neither_name_nor_post_of_a_person_holds_a_number(field: str) -> None:
    assert particulars.problems(FACTS, today=TODAY, mobile_known=False) == {}
    wrong = replace(FACTS, **{field: f"张三 {NUMBER}"})
    assert set(particulars.problems(wrong, today=TODAY, mobile_known=False)) == {field}


@pytest.mark.parametrize("field", ["name", "post"])
def test_nobody_registers_with_a_number(clean: Flask, country: Land, field: str) -> None:
    given = accounts.Registration(
        name="张三",
        sex="male",
        unit_id=country.unit.id,
        post="工会主席",
        mobile="13912345678",
        username="zhangsan9",
        password="correct horse battery",
        category="enterprise",
        employment="full_time",
        appointed_on=date(2020, 3, 1),
        accepted_version="x",
    )
    with pytest.raises(Invalid) as caught:
        accounts.register(replace(given, **{field: NUMBER}), policy=POLICY, address="1.2.3.4", now=NOW)
    assert set(caught.value.fields) == {field}
