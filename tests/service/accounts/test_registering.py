"""A person and their account come together or not at all, and a user name belongs to one person."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.accounts import queries, service
from lms.accounts.models import AccountRow, PersonRow
from lms.accounts.service import privacy
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from lms.infra.sealing import unseal
from lms.kernel import ids
from lms.kernel.errors import Invalid, NotFound
from tests.factories.accounts import HASH, LONG_AGO, PASSWORD
from tests.factories.certificates import Land
from tests.service.infra.conftest import at_once

POLICY = service.Policy(
    password_min_length=10,
    lockout_failures=5,
    lockout_minutes=15,
    sign_ins_per_address=60,
    registrations_per_address=3,
    session_hours=12,
)


def form(land: Land, **changed: object) -> service.Registration:
    values = {
        "name": "王小明",
        "sex": "male",
        "unit_id": land.unit.id,
        "post": "主席",
        "mobile": "13912345678",
        "username": "WangXM",
        "password": PASSWORD,
        "appointed_on": date(2020, 9, 1),
        "accepted_version": privacy.CURRENT_VERSION,
    }
    return service.Registration(**{**values, **changed})  # type: ignore[arg-type]  # a table of mixed values


def create(registration: service.Registration) -> object:
    return service.create_person(registration, password_hash=HASH, totp_secret=None, now=LONG_AGO)


def count(model: type) -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


def test_a_registered_person_can_be_found_and_their_mobile_is_sealed(clean: Flask, land: Land) -> None:
    person_id = service.register(form(land), policy=POLICY, address="1.2.3.4", now=LONG_AGO)
    with reading() as session:
        person = queries.person(session, person_id)
        assert queries.person_of_username(session, "WANGxm") == person
        sealed = session.execute(select(PersonRow.mobile_sealed)).scalar_one()
        known = queries.credentials(session, "wangxm")
    assert (person.name, person.unit_path, person.unit_name) == ("王小明", land.unit.path, land.unit.name)
    assert unseal(PersonRow.mobile_sealed, person_id, sealed) == "13912345678"
    assert known and known.active and known.totp_secret is None
    assert PASSWORD not in known.password_hash


def test_an_address_that_no_letter_can_be_written_to_registers_nobody(clean: Flask, land: Land) -> None:
    with pytest.raises(Invalid) as refused:
        service.register(form(land, mail="a\u2028b@example.org"), policy=POLICY, address="1.2.3.4", now=LONG_AGO)
    assert list(refused.value.fields) == ["mail"]
    assert count(PersonRow) == 0


def test_the_registration_is_in_the_audit_record_without_personal_fields(clean: Flask, land: Land) -> None:
    person_id = create(form(land))
    with reading() as session:
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "account.created")).scalar_one()
    assert entry.object_id == str(person_id)
    assert "139" not in str(entry.details) and "王" not in str(entry.details)


def test_a_taken_name_leaves_nothing_behind(clean: Flask, land: Land) -> None:
    create(form(land))
    with pytest.raises(Invalid) as caught:
        create(form(land, username="wangXm", name="别人"))
    assert set(caught.value.fields) == {"username"}
    assert (count(PersonRow), count(AccountRow)) == (1, 1)


def test_of_many_who_want_a_name_at_once_one_gets_it(clean: Flask, land: Land) -> None:
    answers = at_once(6, lambda number: create(form(land, name=f"第{number}人")))
    assert sum(isinstance(answer, Invalid) for answer in answers) == 5
    assert (count(PersonRow), count(AccountRow)) == (1, 1)


def test_an_unknown_unit_is_refused(clean: Flask, land: Land) -> None:
    with pytest.raises(NotFound):
        create(form(land, unit_id=ids.new_id()))
    assert count(PersonRow) == 0


def test_a_weak_password_is_refused_before_anything_is_stored(clean: Flask, land: Land) -> None:
    with pytest.raises(Invalid) as caught:
        service.register(form(land, password="WangXM-2026"), policy=POLICY, address="1.2.3.4", now=LONG_AGO)
    assert set(caught.value.fields) == {"password"}
    assert count(PersonRow) == 0


@pytest.mark.parametrize("day", [None, date(2126, 1, 1), date(1900, 1, 1)])
def test_a_day_of_appointment_that_cannot_be_is_refused(clean: Flask, land: Land, day: date | None) -> None:
    with pytest.raises(Invalid) as caught:
        service.register(form(land, appointed_on=day), policy=POLICY, address="1.2.3.4", now=LONG_AGO)
    assert set(caught.value.fields) == {"appointed_on"}


def test_without_the_privacy_notice_that_holds_nobody_is_registered(clean: Flask, land: Land) -> None:
    with pytest.raises(privacy.NoticeChanged):
        service.register(form(land, accepted_version="2000.1"), policy=POLICY, address="1.2.3.4", now=LONG_AGO)
    assert count(PersonRow) == 0


def test_an_address_has_its_limit_and_others_have_theirs(clean: Flask, land: Land) -> None:
    for number in range(3):
        service.register(form(land, username=f"person{number}"), policy=POLICY, address="1.2.3.4", now=LONG_AGO)
    with pytest.raises(service.TooManyHere):
        service.register(form(land, username="person9"), policy=POLICY, address="1.2.3.4", now=LONG_AGO)
    service.register(form(land, username="person9"), policy=POLICY, address="4.3.2.1", now=LONG_AGO)
