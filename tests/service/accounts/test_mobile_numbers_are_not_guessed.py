"""Staff whom a page shows a masked mobile number don't find the rest of it by trying."""

from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from lms.access.domain import roles
from lms.access.service.answers import outranks
from lms.accounts.domain.particulars import Particulars
from lms.accounts.domain.reach import Staff
from lms.accounts.models import PersonRow
from lms.accounts.service import asking, people
from lms.accounts.service.people import KnownAlready, NewPerson
from lms.accounts.service.reaching import MorePowerful
from lms.infra.db import reading
from lms.kernel.errors import Invalid
from tests.factories.cadres import at_work, make_admin
from tests.factories.people import NOW, Land, make_land, make_person, post, signed_in

THEIRS, GUESSED = "13800000000", "13800000001"


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


def facts_of(person_id: UUID) -> Particulars:
    with reading() as session:
        row = session.get_one(PersonRow, person_id)
        return Particulars(row.name, row.sex, row.post, "", row.category, row.employment, row.appointed_on)


@pytest.mark.parametrize("mobile", [THEIRS, GUESSED])
def test_of_who_holds_higher_roles_no_number_is_told_to_be_theirs(land: Land, mobile: str) -> None:
    above = make_person(land.unit, "上级", grants={roles.UNIT_ADMIN: land.province})
    admin = make_admin(land.unit)
    by = Staff(admin.person_id, (land.unit.path,), partial(outranks, now=NOW))
    given = facts_of(above.person_id)
    with pytest.raises(MorePowerful):
        people.edit(above.person_id, replace(given, mobile=mobile), by=by, naming=by.scopes, now=NOW)
    changed = replace(given, post="委员")
    assert people.edit(above.person_id, changed, by=by, naming=by.scopes, now=NOW) == ("post",)


def tried(land: Land, by: Staff, mobile: str, username: str = "") -> None:
    known = facts_of(by.person_id)
    people.create(NewPerson(replace(known, name="王建国", mobile=mobile), land.unit.id, username), by=by, now=NOW)


@pytest.mark.parametrize("what", [asking.Guess.MOBILE, asking.Guess.USERNAME])
def test_each_try_to_add_somebody_counts(land: Land, monkeypatch: pytest.MonkeyPatch, what: asking.Guess) -> None:
    monkeypatch.setitem(asking.A_DAY, what, 3)
    admin = make_admin(land.unit)
    by, taken = at_work(admin, land.unit), str(admin.username)
    person = make_person(land.unit, "王建国")
    for mobile in (GUESSED, GUESSED):
        with pytest.raises(Invalid):
            tried(land, by, mobile, taken)
    with pytest.raises(KnownAlready):
        tried(land, by, THEIRS, taken)
    with pytest.raises(asking.TooManyGuesses):
        tried(land, by, THEIRS, taken)
    with reading() as session:
        assert session.execute(select(PersonRow.id).where(PersonRow.name == "王建国")).scalars().all() == [
            person.person_id
        ]


def test_the_form_says_that_no_more_is_told_today(clean: Flask, land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(asking.A_DAY, asking.Guess.MOBILE, 0)
    client = signed_in(clean, make_admin(land.unit))
    sent = {
        "name": "王建国",
        "sex": "male",
        "unit": str(land.unit.id),
        "post": "干部",
        "mobile": GUESSED,
        "category": "other",
        "employment": "full_time",
    }
    got = post(client, "/staff/people/new", sent)
    assert got.status_code == 429 and "一天内能核对的次数有限" in got.text and GUESSED in got.text
