"""A closed account opens no more, its contacts go after their retention, and records stay; what is old goes by itself."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from lms.accounts.domain.corrections import Identity
from lms.accounts.domain.reach import Staff
from lms.accounts.models import (
    AccountRow,
    AuthSessionRow,
    ConsentRow,
    CorrectionRow,
    IdNumberClashRow,
    MembershipRow,
    PasswordHistoryRow,
    PersonRow,
    RecoveryCodeRow,
    SignInCodeRow,
    SignInGuardRow,
)
from lms.accounts.service import closing, corrections, exporting, purging
from lms.accounts.service.holding import PersonGone
from lms.accounts.tasks import purge_personal_data
from lms.audit.models import AuditEntryRow
from lms.infra import jobs
from lms.infra.db import reading, unit_of_work
from lms.infra.sealing import seal
from lms.kernel import clock, ids
from lms.kernel.errors import Invalid
from tests.factories.cadres import stored
from tests.factories.joining import join_by_two
from tests.factories.people import NOW, PASSWORD, Land, make_land, make_person, signed_in
from tests.factories.qualification import give_number, id_number_of


@pytest.fixture
def land(clean: Flask) -> Land:
    return make_land()


@pytest.fixture
def person_id(land: Land) -> UUID:
    return make_person(land.unit).person_id


def account(person_id: UUID) -> AccountRow:
    with reading() as session:
        found = session.execute(select(AccountRow).where(AccountRow.person_id == person_id)).scalar_one()
        session.expunge(found)
        return found


def count(model: type) -> int:
    with reading() as session:
        return session.execute(select(func.count()).select_from(model)).scalar_one()


def days(number: int) -> datetime:
    return NOW + timedelta(days=number)


def test_closing_ends_everything_at_once_but_the_records(clean: Flask, land: Land) -> None:
    person = make_person(land.unit)
    browser: FlaskClient = signed_in(clean, person)
    assert browser.get("/me/data").status_code == 200
    give_number(person.person_id, id_number_of(1))
    corrections.ask(person.person_id, Identity.NAME, "张珊", "错", now=NOW)
    closing.close(person.person_id, now=clock.now())
    assert browser.get("/me/data").status_code == 303
    row = stored(person.person_id)
    assert row.closed_at is not None and row.id_number_sealed is None and row.name == "张三"
    assert account(person.person_id).state == "closed"
    with reading() as session:
        assert session.execute(select(ConsentRow.id).where(ConsentRow.withdrawn_at.is_(None))).all() == []
        assert session.execute(select(CorrectionRow.state)).scalars().all() == ["withdrawn"]
        assert session.execute(select(MembershipRow.id).where(MembershipRow.until_on.is_(None))).all() == []
    with pytest.raises(PersonGone):
        closing.close(person.person_id, now=clock.now())


def test_who_holds_a_role_cannot_close(land: Land) -> None:
    person_id = make_person(land.unit, grants={"uploader": land.unit}).person_id
    with pytest.raises(closing.StillInOffice):
        closing.close(person_id, now=NOW)
    assert account(person_id).state == "active"


def test_the_password_is_asked_again_and_not_for_ever(person_id: UUID) -> None:
    closing.check_password(person_id, PASSWORD, now=NOW)
    for _ in range(closing.TRIES - 1):
        with pytest.raises(Invalid):
            closing.check_password(person_id, "wrong", now=NOW)
    with pytest.raises(closing.TooManyTries):
        closing.check_password(person_id, PASSWORD, now=NOW)


def fill(person_id: UUID) -> None:
    """Everything the purge knows, of one person."""
    account_id = account(person_id).id
    with unit_of_work() as session:
        session.execute(
            update(PersonRow)
            .where(PersonRow.id == person_id)
            .values(mail_sealed=seal(PersonRow.mail_sealed, person_id, "w@example.org"))
        )
        session.execute(
            update(AccountRow)
            .where(AccountRow.id == account_id)
            .values(totp_sealed=seal(AccountRow.totp_sealed, account_id, "ABCD"))
        )
        session.add_all(
            [
                PasswordHistoryRow(id=ids.new_id(NOW), account_id=account_id, password_hash="x", set_at=NOW),
                RecoveryCodeRow(id=ids.new_id(NOW), account_id=account_id, code_hash="x", made_at=NOW),
                SignInCodeRow(
                    id=ids.new_id(NOW),
                    account_id=account_id,
                    code_hash="x",
                    way="mail",
                    issued_at=NOW,
                    expires_at=days(1),
                ),
                SignInGuardRow(username="nobody", failures=3, since=NOW),
                AuthSessionRow(
                    id=ids.new_id(NOW),
                    account_id=account_id,
                    opened_at=NOW,
                    seen_at=NOW,
                    expires_at=days(1),
                    address="10.1.2.3",
                    browser="Firefox",
                ),
            ]
        )


def test_nothing_goes_before_its_time(person_id: UUID) -> None:
    fill(person_id)
    assert purging.purge(now=NOW + timedelta(hours=23)) == {}
    assert account(person_id).totp_sealed and stored(person_id).mail_sealed
    closing.close(person_id, now=NOW)
    assert purging.purge(now=days(1)) == {}


def test_what_is_old_goes_by_itself(person_id: UUID) -> None:
    fill(person_id)
    assert purging.purge(now=days(2)) == {"sign_in_guard": 1}
    assert purging.purge(now=days(32)) == {"sign_in_code": 1}
    assert purging.purge(now=days(180)) == {}
    assert purging.purge(now=days(182)) == {"session_address": 1}
    with reading() as session:
        row = session.execute(select(AuthSessionRow)).scalar_one()
        assert (row.address, row.browser, row.opened_at) == ("", "", NOW)
    assert (count(SignInCodeRow), count(SignInGuardRow)) == (0, 0)
    assert stored(person_id).mail_sealed, "who has not left keeps their contacts"


def test_the_contacts_and_keys_of_a_closed_account_go_after_thirty_days(person_id: UUID) -> None:
    fill(person_id)
    closing.close(person_id, now=NOW)
    done = purging.purge(now=days(31))
    assert {"mobile", "mail", "password", "password_history", "second_factor"} <= done.keys()
    row = stored(person_id)
    assert (row.mobile_sealed, row.mobile_hash, row.mail_sealed) == ("", "", None)
    assert (account(person_id).password_hash, account(person_id).totp_sealed) == ("", None)
    assert (count(PasswordHistoryRow), count(RecoveryCodeRow)) == (0, 0)
    assert (row.name, count(MembershipRow)) == ("张三", 1), "records stay"
    assert "mobile" not in purging.purge(now=days(31))
    with reading() as session:
        entry = session.execute(
            select(AuditEntryRow.details).where(AuditEntryRow.action == "personal_data.purged")
        ).scalar_one()
    assert entry["mobile"] == 1


def test_a_settled_correction_goes_after_three_years(person_id: UUID) -> None:
    correction_id = corrections.ask(person_id, Identity.NAME, "张珊", "错", now=NOW)
    assert purging.purge(now=days(2000)) == {}
    corrections.withdraw(correction_id, person_id=person_id, now=NOW)
    assert purging.purge(now=days(1096)) == {"correction": 1}


def test_more_than_a_batch_goes_in_one_run(land: Land) -> None:
    for _ in range(5):
        closing.close(make_person(land.unit).person_id, now=NOW)
    assert purging.purge(now=days(31), batch=2)["mobile"] == 5


def test_what_was_joined_into_an_account_is_copied_closed_and_purged_with_it(land: Land) -> None:
    kept, gone = make_person(land.unit, "赵六").person_id, make_person(land.unit, "赵六").person_id
    fill(gone)
    admin = make_person(land.national, "全国管理员")
    join_by_two(kept, gone, by=Staff(admin.person_id, (land.national.path,)), reason="同一人", now=NOW)
    copy = json.loads(exporting.copy_of(kept, with_id_number=False, now=NOW))
    (joined,) = copy["joined_accounts"]
    assert joined["person"]["mail"] == "w@example.org" and joined["person"]["id"] == str(gone)
    assert joined["account"]["username"] == account(gone).username and joined["consents"]
    closing.close(kept, now=NOW)
    with reading() as session:
        open_ones = session.execute(
            select(ConsentRow.kind).where(ConsentRow.person_id == gone, ConsentRow.withdrawn_at.is_(None))
        )
        assert open_ones.all() == []
    purging.purge(now=NOW + timedelta(days=400))
    with reading() as session:
        row = session.get_one(PersonRow, gone)
        assert (row.mobile_sealed, row.mobile_hash, row.mail_sealed, row.merged_into) == ("", "", None, kept)
    assert (account(gone).password_hash, account(gone).totp_sealed, account(gone).state) == ("", None, "merged")


def test_jobs_that_ended_leave_with_the_places_sealed_in_them(land: Land) -> None:
    with unit_of_work() as session:
        asked_at = clock.now() - jobs.ENDED_KEPT - timedelta(days=1)
        jobs.enqueue(session, "test.letter", {"mail": "sealed"}, now=asked_at)
    job = jobs.claim("one", now=asked_at, lease_seconds=20)
    assert job
    jobs.finish(job, now=asked_at)
    purge_personal_data()
    with reading() as session:
        assert session.execute(select(func.count()).select_from(jobs.JobRow)).scalar_one() == 0


def test_of_somebodys_clashes_only_those_go_that_are_due(land: Land) -> None:
    one, *others = (make_person(land.unit, name).person_id for name in ("甲", "乙", "丙", "丁"))
    with unit_of_work() as session:
        for other, days_ago in zip(others, (400, 1, 366), strict=True):
            session.add(IdNumberClashRow(person_id=one, other_id=other, at=days(-days_ago)))
    assert purging.purge(now=NOW, batch=1) == {"id_number_clash": 2}
    with reading() as session:
        assert session.execute(select(IdNumberClashRow.other_id)).scalars().all() == [others[1]]
