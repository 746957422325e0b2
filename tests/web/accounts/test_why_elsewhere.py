"""Why another union moved somebody is for who reaches that union."""

from flask import Flask

from lms.access.domain import roles
from lms.accounts.service import memberships
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, make_land, make_person, signed_in

WHY = "受处分期间到省里帮忙"


def test_a_tutor_of_the_new_unit_does_not_read_why_the_old_union_moved_somebody(clean: Flask) -> None:
    land = make_land()
    chief, old = make_admin(land.national, "全国"), make_admin(land.other_province, "原省")
    who = make_person(land.other_unit, "调动者")
    memberships.add_secondary(
        who.person_id,
        land.other_province.id,
        from_on=NOW.date(),
        by=at_work(old, land.other_province),
        reason=WHY,
        now=NOW,
    )
    memberships.move(
        who.person_id,
        land.unit.id,
        from_on=NOW.date(),
        by=at_work(chief, land.national),
        reason="调动",
        now=NOW,
    )
    tutor = make_person(land.unit, "班主任", grants={roles.CLASS_TUTOR: land.unit}, now=NOW)
    page = signed_in(clean, tutor).get(f"/staff/people/{who.person_id}")
    assert (page.status_code, WHY in page.text, "调动" in page.text) == (200, False, True)
    assert WHY in signed_in(clean, chief).get(f"/staff/people/{who.person_id}").text
