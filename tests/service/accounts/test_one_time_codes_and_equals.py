"""Equals do not get at each other's accounts, a code ends with its account, and a letter ends no slip."""

from datetime import timedelta

import pytest
from flask import Flask

from lms.access import queries as access_queries, service as access
from lms.access.domain import roles
from lms.accounts import service
from lms.accounts.domain.reach import Staff
from lms.accounts.service import codes, second_factor, standing
from lms.accounts.service.reaching import MorePowerful
from lms.infra.db import reading
from lms.kernel.errors import DomainError
from tests.factories.accounts import Account, MakeAccount
from tests.factories.certificates import NOW, Land
from tests.service.accounts.test_one_time_codes import admin, enter, issue, learner, outranks, refused

__all__ = ["admin", "learner"]


def reset(person: Account, by: Account, path: str) -> None:
    staff = Staff(by.person_id, (path,))
    second_factor.reset(person.person_id, staff=staff, outranks=outranks, reason="手机丢失", now=NOW)


@pytest.mark.parametrize("role", [roles.UNIT_ADMIN, roles.SECURITY_ADMIN])
def test_equals_do_not_help_each_other_in(clean: Flask, make_account: MakeAccount, land: Land, role: str) -> None:
    one, other = make_account("guanli01", role=role), make_account("guanli02", role=role)
    with pytest.raises(MorePowerful):
        issue(other, one, land.national.path)
    with pytest.raises(MorePowerful):
        reset(other, one, land.national.path)


def test_who_reset_a_second_factor_prints_no_slip_for_a_day(
    admin: Account, make_account: MakeAccount, land: Land
) -> None:
    uploader = make_account("jiaowu01", role=roles.UPLOADER)
    reset(uploader, admin, land.unit.path)
    with pytest.raises(DomainError) as refused_here:
        issue(uploader, admin, land.unit.path, minutes=24 * 60 - 1)
    assert refused_here.value.code == "second_person_needed"
    made_since = make_account("guanli02")
    with reading() as session:
        giver = access_queries.principal_of_person(session, admin.person_id, now=NOW)
    assert giver
    new = access.NewGrant(made_since.person_id, roles.UNIT_ADMIN, land.unit.id, NOW, None, "代班")
    access.grant(new, giver=giver, now=NOW)
    with pytest.raises(DomainError) as refused_there:
        issue(uploader, made_since, land.unit.path, minutes=60)
    assert refused_there.value.code == "second_person_needed", "a hand that was made for it does not help"
    assert issue(uploader, admin, land.unit.path, minutes=24 * 60)


def test_a_role_that_was_taken_guards_its_account_for_a_day(
    admin: Account, make_account: MakeAccount, land: Land
) -> None:
    equal = make_account("guanli02", role=roles.UNIT_ADMIN)
    with reading() as session:
        (held,) = access_queries.grants_of_person(session, equal.person_id, [land.national.path])
        ender = access_queries.principal_of_person(session, admin.person_id, now=NOW)
    assert ender
    access.end(held.id, ender=ender, reason="调整", now=NOW)
    assert not access.outranks(admin.person_id, equal.person_id, NOW + timedelta(hours=23))
    assert access.outranks(admin.person_id, equal.person_id, NOW + timedelta(hours=25))


def test_a_slip_ends_with_the_role_of_who_printed_it(
    admin: Account, make_account: MakeAccount, learner: Account, land: Land
) -> None:
    tutor = make_account("banzhuren1", role=roles.CLASS_TUTOR)
    slip = issue(learner, tutor, land.unit.path)
    with reading() as session:
        (held,) = access_queries.grants_of_person(session, tutor.person_id, [land.national.path])
        ender = access_queries.principal_of_person(session, admin.person_id, now=NOW)
    assert ender
    access.end(held.id, ender=ender, reason="调整", now=NOW)
    assert refused("zhangsan", slip.code)


def test_a_reset_ends_the_slip_that_was_printed_before(admin: Account, make_account: MakeAccount, land: Land) -> None:
    uploader = make_account("jiaowu01", role=roles.UPLOADER)
    slip = issue(uploader, admin, land.unit.path)
    reset(uploader, admin, land.unit.path)
    assert refused("jiaowu01", slip.code)


def test_a_letter_that_anybody_can_ask_for_ends_no_slip(learner: Account, admin: Account, land: Land) -> None:
    slip = issue(learner, admin, land.unit.path)
    letter = codes.letter_for("zhangsan", ways=("sms",), hours=24, now=NOW)
    assert letter
    assert enter("zhangsan", slip.code)
    assert refused("zhangsan", letter.code), "the one that was used ends the other"


def test_a_code_ends_with_the_account_that_was_taken_away(learner: Account, admin: Account, land: Land) -> None:
    slip = issue(learner, admin, land.unit.path)
    by = Staff(admin.person_id, (land.unit.path,))
    standing.disable(learner.person_id, by=by, reason="调查", now=NOW)
    standing.enable(learner.person_id, by=by, reason="查清", now=NOW)
    assert refused("zhangsan", slip.code)
    assert issue(learner, admin, land.unit.path)
    service.disable("zhangsan", reason="x", now=NOW + timedelta(minutes=1))
