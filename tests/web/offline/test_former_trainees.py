"""Who left a union stays on none of its lists of trainings: nothing that happens at the new one is read or written by it."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms.accounts.service import memberships
from lms.hours.models import CreditEntryRow
from lms.infra.db import reading
from lms.offline import service
from lms.offline.domain.people import Listed, Named
from tests.factories.cadres import at_work, make_admin
from tests.factories.outside import FACTS, PDF, Office, draft, make_office
from tests.factories.people import NOW, post, signed_in

AFTER = {
    "source": "offline",
    "ledger": "centralized",
    "title": "工会干部培训班",
    "organiser": "浙江省总工会",
    "from_on": "2026-11-22",
    "until_on": "2026-11-25",
    "hours": "24",
}


@pytest.fixture
def office(clean: Flask) -> Office:
    return make_office()


def leaves(office: Office) -> None:
    memberships.move(
        office.one.person_id,
        office.land.other_unit.id,
        from_on=date(2026, 11, 20),
        by=at_work(office.nation, office.land.national),
        reason="调动",
        now=NOW,
    )


def entered_there(office: Office) -> UUID:
    land = office.land
    clerk = at_work(make_admin(land.other_unit, "新单位登记员"), land.other_unit)
    facts = replace(FACTS, title="纪检谈话班", from_on=date(2026, 11, 23), until_on=date(2026, 11, 24), hours=800)
    now = NOW.replace(day=26)
    made = service.create(facts, land.other_unit.id, by=clerk, now=now)
    service.add_people(made, Listed((Named(1, name="王建国"),), ()), by=clerk, now=now)
    service.put_proof(made, PDF, "a.pdf", by=clerk, now=now)
    service.submit(made, by=clerk, now=now)
    return made


def test_the_old_unit_reads_no_days_of_trainings_at_the_new_one(clean: Flask, office: Office) -> None:
    page = f"/staff/training/{draft(office, '王建国')}"
    leaves(office)
    entered_there(office)
    clerk = signed_in(clean, office.clerk)
    assert clerk.get(f"/staff/people/{office.one.person_id}").status_code == 404
    post(clerk, f"{page}/edit", AFTER)
    post(clerk, f"{page}/submission")
    assert "其他工会登记的培训" not in clerk.get(page).text


def test_the_old_unit_can_not_guess_titles_at_the_new_one(clean: Flask, office: Office) -> None:
    page = f"/staff/training/{draft(office, '王建国')}"
    leaves(office)
    entered_there(office)
    clerk = signed_in(clean, office.clerk)
    days = {"from_on": "2026-11-23", "until_on": "2026-11-24", "hours": "8"}
    told = []
    for title in ("纪检谈话班", "别的班"):
        post(clerk, f"{page}/edit", {**AFTER, **days, "title": title})
        post(clerk, f"{page}/submission")
        told.append("已经登记过同一次培训" in clerk.get(page).text)
    assert told == [False, False]


def test_the_old_province_credits_no_hours_to_who_works_elsewhere(clean: Flask, office: Office) -> None:
    page = f"/staff/training/{draft(office, '王建国')}"
    leaves(office)
    clerk, province = signed_in(clean, office.clerk), signed_in(clean, office.province)
    post(clerk, f"{page}/edit", AFTER)
    post(clerk, f"{page}/submission")
    assert province.get(f"/staff/people/{office.one.person_id}").status_code == 404
    post(province, f"{page}/decision", {"act": "approve"})
    with reading() as session:
        found = session.execute(
            select(CreditEntryRow.unit_path, CreditEntryRow.hours).where(
                CreditEntryRow.person_id == office.one.person_id
            )
        ).all()
    assert not [one for one in found if one.unit_path == office.land.other_unit.path], found
