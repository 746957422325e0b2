"""What a unit handed out is read by the unit that it merged into, as by itself when it moves."""

from flask import Flask

from lms.accounts.service import disclosures
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as organisations
from tests.factories.cadres import make_admin
from tests.factories.people import NOW, make_land, make_person, signed_in

WHY = "纪检部门调查受处分情况"


def test_disclosures_follow_a_merger(clean: Flask) -> None:
    land = make_land()
    unit_admin = make_admin(land.unit, "单位")
    who = make_person(land.unit, "职工")
    disclosures.record("某某审计局", WHY, ["name"], 3, land.unit.path, unit_admin.person_id, NOW)
    organisations.merge(land.unit.id, land.other_unit.id, organisations.Act(None, "合并", NOW, reach=EVERYWHERE))
    old, new = (
        signed_in(clean, make_admin(land.province, "原省")),
        signed_in(clean, make_admin(land.other_province, "新省")),
    )
    assert [one.get(f"/staff/people/{who.person_id}").status_code for one in (new, old)] == [200, 404]
    shown = [WHY in one.get("/staff/disclosures").text for one in (new, old)]
    assert shown == [True, False], shown
