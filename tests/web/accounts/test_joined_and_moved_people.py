"""Records of joined accounts, words about a unit's people, and memberships elsewhere: for whom they are today."""

from dataclasses import replace
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import select

from lms.access import service as access
from lms.access.models import RoleGrantRow
from lms.accounts.models import MembershipRow
from lms.accounts.service import memberships
from lms.infra.db import reading
from lms.offline import service as offline
from lms.offline.domain.workflow import Act
from tests.factories.cadres import at_work, make_admin
from tests.factories.joining import as_one
from tests.factories.outside import FACTS, approve, make_office, submitted
from tests.factories.people import NOW, make_land, make_person, post, signed_in


def test_hours_and_accommodations_of_a_joined_account_are_read_with_the_one_that_stays(clean: Flask) -> None:
    office = make_office()
    approve(office, submitted(office))
    kept = make_person(office.land.other_unit, "王建国")
    here = signed_in(clean, make_admin(office.land.unit, "原单位管理员"))
    there = signed_in(clean, make_admin(office.land.other_unit, "现单位管理员"))
    pages = ("/staff/hours/people/{}?year=2026", "/staff/people/{}/accommodations")
    gone, stays = office.one.person_id, kept.person_id
    assert [here.get(page.format(gone)).status_code for page in pages] == [200, 200]
    as_one(stays, gone)
    for client in (here, there):
        assert [client.get(page.format(gone)).status_code for page in pages] == [404, 404]
    assert [here.get(page.format(stays)).status_code for page in pages] == [404, 404]
    assert [there.get(page.format(stays)).status_code for page in pages] == [200, 200]
    assert "工会干部培训班" in there.get(pages[0].format(stays)).text


def test_a_former_clerk_is_not_told_what_is_said_of_the_units_people(clean: Flask) -> None:
    office = make_office()
    other = replace(FACTS, title="另一次培训", from_on=date(2026, 10, 12), until_on=date(2026, 10, 14))
    first, second = submitted(office), submitted(office, facts=other)
    offline.decide(first, Act.RETURN, "请补签到表", by=office.deciding, now=NOW)
    clerk = signed_in(clean, office.clerk)
    assert "请补签到表" in clerk.get("/me/notices").text
    with reading() as session:
        grant = session.execute(
            select(RoleGrantRow.id).where(RoleGrantRow.person_id == office.clerk.person_id)
        ).scalar_one()
    access.end(grant, ender=office.nation, reason="调离", now=NOW)
    offline.decide(second, Act.RETURN, "李四当天在住院，请核对", by=office.deciding, now=NOW)
    assert "李四当天在住院" not in clerk.get("/me/notices").text


def test_who_does_not_reach_a_unit_ends_no_membership_in_it(clean: Flask) -> None:
    land = make_land()
    local, chief = make_admin(land.unit, "本单位"), make_admin(land.national, "全国")
    who, by = make_person(land.unit, "兼职者"), at_work(chief, land.national)
    held = memberships.add_secondary(
        who.person_id, land.other_unit.id, from_on=NOW.date(), by=by, reason="兼职", now=NOW
    )
    address = f"/staff/people/{who.person_id}/memberships/{held}/end"
    sent = {"until_on": (NOW + timedelta(days=8)).date().isoformat(), "reason": "不再兼职"}
    here, above = signed_in(clean, local), signed_in(clean, chief)
    assert address not in here.get(f"/staff/people/{who.person_id}").text
    assert (here.get(address).status_code, post(here, address, sent).status_code) == (404, 403)
    with reading() as session:
        assert session.get_one(MembershipRow, held).until_on is None
    assert address in above.get(f"/staff/people/{who.person_id}").text
    assert post(above, address, sent).status_code == 303
