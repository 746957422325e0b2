"""Why a unit looked at an ID number is for who reaches that unit in today's tree."""

from flask import Flask

from lms.accounts.service import memberships
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, make_land, make_person, post, signed_in
from tests.factories.qualification import give_number, id_number_of

WHY = "纪检部门调查受处分情况"


def test_the_province_that_a_unit_left_reads_not_why_the_unit_looked(clean: Flask) -> None:
    land = make_land()
    chief, unit_admin = make_admin(land.national, "全国"), make_admin(land.unit, "单位")
    old = make_admin(land.province, "原省")
    who = make_person(land.unit, "调动者")
    give_number(who.person_id, id_number_of(1))
    sent = post(
        signed_in(clean, unit_admin),
        f"/staff/people/{who.person_id}/id-number/reveal",
        {"purpose": "file", "reason": WHY},
    )
    assert sent.status_code == 200
    organisations.move(land.unit.id, land.other_province.id, organisations.Act(None, "划转", NOW, EVERYWHERE))
    own = signed_in(clean, unit_admin).get(f"/staff/people/{who.person_id}/id-number").text
    memberships.move(
        who.person_id, land.province.id, from_on=NOW.date(), by=at_work(chief, land.national), reason="调动", now=NOW
    )
    browser = signed_in(clean, old)
    assert browser.get(f"/staff/units/{land.unit.id}").status_code == 404
    theirs = browser.get(f"/staff/people/{who.person_id}/id-number").text
    assert (WHY in theirs, WHY in own) == (False, True)
