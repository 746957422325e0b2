"""A code by text message goes where staff may have put it: nobody gets in alone by taking a factor, a role or a number first."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from lms.access import queries as access_queries, service as access
from lms.access.domain import roles
from lms.accounts import queries
from lms.accounts.domain.particulars import Particulars
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow, PersonRow
from lms.accounts.service import codes, contacts, people, second_factor
from lms.infra.db import reading, unit_of_work
from lms.infra.sealing import seal
from lms.kernel.principal import Principal
from tests.factories.accounts import PASSWORD, Account, MakeAccount, learner_account, make_account
from tests.factories.certificates import NOW, Land, land
from tests.factories.together import beside
from tests.service.accounts.test_one_time_codes import admin, enter, issue, learner, outranks, refused

__all__ = ["admin", "land", "learner", "learner_account", "make_account"]

STAFFS_NUMBER = "13900001111"


def facts(person: Account, mobile: str) -> Particulars:
    with reading() as session:
        row = session.execute(select(PersonRow).where(PersonRow.id == person.person_id)).scalar_one()
        return Particulars(
            row.name, row.sex, row.post or "干事", mobile, row.category, row.employment, row.appointed_on
        )


def give_number(person: Account, by: Account, land: Land) -> None:
    staff = Staff(by.person_id, (land.unit.path,), outranks)
    people.edit(person.person_id, facts(person, STAFFS_NUMBER), by=staff, naming=(land.unit.path,), now=NOW)


def reset(person: Account, by: Account, land: Land, *, hours: float = 0) -> None:
    staff, at = Staff(by.person_id, (land.unit.path,)), NOW + timedelta(hours=hours)
    second_factor.reset(person.person_id, staff=staff, outranks=outranks, reason="手机丢失", now=at)


def letter_to(username: str, *, hours: float) -> codes.Letter | None:
    return codes.letter_for(username, ways=("sms",), hours=24, now=NOW + timedelta(hours=hours))


def principal(one: Account) -> Principal:
    with reading() as session:
        found = access_queries.principal_of_person(session, one.person_id, now=NOW)
    assert found
    return found


def test_who_ends_a_role_and_gives_a_number_gets_no_letter(
    admin: Account, make_account: MakeAccount, land: Land
) -> None:
    uploader = make_account("jiaowu01", role=roles.UPLOADER)
    with reading() as session:
        (held,) = access_queries.grants_of_person(session, uploader.person_id, [land.national.path])
    access.end(held.id, ender=principal(admin), reason="调整", now=NOW)
    give_number(uploader, admin, land)
    assert letter_to("jiaowu01", hours=0.1) is None


@pytest.mark.parametrize("way", ["letter", "slip"])
def test_who_took_a_factor_lets_nobody_in_within_a_day(
    admin: Account, make_account: MakeAccount, land: Land, way: str
) -> None:
    person = make_account("xueyuan9")
    sealed = seal(AccountRow.totp_sealed, person.account_id, pyotp.random_base32())
    with unit_of_work() as session:
        session.execute(update(AccountRow).where(AccountRow.id == person.account_id).values(totp_sealed=sealed))
    reset(person, admin, land)
    give_number(person, admin, land)
    if way == "letter":
        assert letter_to("xueyuan9", hours=0.1) is None
        assert letter_to("xueyuan9", hours=25) is not None
    else:
        with pytest.raises(codes.SecondPersonNeeded):
            issue(person, admin, land.unit.path, minutes=1)


def test_a_number_given_the_day_before_lets_nobody_in_past_a_reset(
    admin: Account, make_account: MakeAccount, land: Land
) -> None:
    uploader = make_account("jiaowu01", role=roles.UPLOADER)
    give_number(uploader, admin, land)
    reset(uploader, admin, land, hours=25)
    assert letter_to("jiaowu01", hours=25.1) is None


@pytest.mark.parametrize("by_staff", [False, True])
def test_a_letter_that_went_to_the_former_number_ends_with_it(
    admin: Account, learner: Account, land: Land, by_staff: bool
) -> None:
    letter = letter_to("zhangsan", hours=0)
    assert letter
    if by_staff:
        give_number(learner, admin, land)
    else:
        own = facts(learner, STAFFS_NUMBER)
        given = contacts.Contact(own.mobile, "", own.post, own.category, own.employment, own.appointed_on)
        at = NOW + timedelta(minutes=5)
        assert "mobile" in contacts.update_own(learner.person_id, given, password=PASSWORD, now=at)
    assert refused("zhangsan", letter.code, hours=1)


@pytest.mark.parametrize("way", ["slip", "letter"])
def test_who_let_somebody_in_is_no_second_person_to_them(
    admin: Account, make_account: MakeAccount, land: Land, way: str
) -> None:
    other = make_account("xueyuan8")
    if way == "slip":
        assert enter("xueyuan8", issue(other, admin, land.unit.path).code)
    else:
        give_number(other, admin, land)
        letter = letter_to("xueyuan8", hours=0)
        assert letter and letter.to == STAFFS_NUMBER and enter("xueyuan8", letter.code)
    with reading() as session:
        assert queries.in_one_hand(session, other.person_id, [admin.person_id], now=NOW + timedelta(hours=1))


def test_who_only_wrote_down_a_number_is_a_second_person(admin: Account, make_account: MakeAccount, land: Land) -> None:
    other = make_account("xueyuan8")
    give_number(other, admin, land)
    with reading() as session:
        assert not queries.in_one_hand(session, other.person_id, [admin.person_id], now=NOW + timedelta(hours=1))


@pytest.mark.postgres
def test_no_letter_goes_to_a_number_that_is_another_in_the_same_moment(
    admin: Account, make_account: MakeAccount, land: Land
) -> None:
    person = make_account("xueyuan8")
    letter = beside(lambda: give_number(person, admin, land), lambda: letter_to("xueyuan8", hours=0.1))
    assert isinstance(letter, codes.Letter) and letter.to == STAFFS_NUMBER


def test_a_letter_to_the_staffs_number_ends_with_a_role_given_since(
    admin: Account, make_account: MakeAccount, land: Land
) -> None:
    person = make_account("xueyuan7")
    give_number(person, admin, land)
    letter = letter_to("xueyuan7", hours=0.1)
    assert letter and letter.to == STAFFS_NUMBER
    new = access.NewGrant(person.person_id, roles.UPLOADER, land.unit.id, NOW, None, "任职")
    access.grant(new, giver=principal(make_account("zhuguan01", role=roles.UNIT_ADMIN)), now=NOW)
    assert refused("xueyuan7", letter.code, hours=2)


def test_who_adds_somebody_with_a_number_gave_it_to_them(admin: Account, make_account: MakeAccount, land: Land) -> None:
    staff = Staff(admin.person_id, (land.unit.path,), outranks)
    given = people.NewPerson(facts(admin, STAFFS_NUMBER), land.unit.id, "xinren01")
    person_id = people.create(given, by=staff, now=NOW)
    letter = letter_to("xinren01", hours=0.1)
    assert letter and enter("xinren01", letter.code, hours=0.2)
    with reading() as session:
        assert queries.in_one_hand(session, person_id, [admin.person_id], now=NOW + timedelta(hours=1))
    new = access.NewGrant(person_id, roles.UPLOADER, land.unit.id, NOW, None, "任职")
    access.grant(new, giver=principal(make_account("zhuguan02", role=roles.UNIT_ADMIN)), now=NOW)
    assert letter_to("xinren01", hours=1) is None
