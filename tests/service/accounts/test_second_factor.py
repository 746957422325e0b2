"""A second factor is confirmed before it holds, recovery codes stand for it once, and only others reset a lost one."""

from datetime import timedelta
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.access import queries as access_queries, service as access
from lms.access.domain import roles
from lms.accounts import queries, service
from lms.accounts.domain import duties
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow, RecoveryCodeRow
from lms.accounts.service import closing, second_factor
from lms.accounts.service.reaching import MorePowerful, OnlyForOthers
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.principal import Principal
from tests.factories.accounts import PASSWORD, Account, MakeAccount
from tests.factories.certificates import NOW, Land
from tests.service.accounts.test_registering import POLICY

HERE = service.Browser("1.2.3.4", "test")
RULES = duties.Rules(password_max_days_privileged=90, idle_minutes_learner=30, idle_minutes_staff=15)


def enter(account: Account, code: str | None = None) -> service.OpenedSession:
    return service.sign_in(account.username, PASSWORD, code, policy=POLICY, browser=HERE, now=NOW)


def acting(opened: service.OpenedSession) -> Principal:
    with reading() as session:
        found = access_queries.principal_of_session(session, opened.session_id, rules=RULES, now=NOW)
    assert found
    return found


def enrol(who: Principal, present_code: str = "", *, minutes: float = 0) -> tuple[str, tuple[str, ...]]:
    now = NOW + timedelta(minutes=minutes)
    setup = second_factor.offer(who, issuer="测试平台", now=now)
    code = pyotp.TOTP(setup.secret).at(now)
    return setup.secret, second_factor.enrol(
        who, setup.carried, code, present_code, password=PASSWORD, single_use=True, now=now
    )


def outranks(one: UUID, other: UUID) -> bool:
    return access.outranks(one, other, NOW)


@pytest.fixture
def tutor(make_account: MakeAccount) -> Account:
    return make_account("banzhu01", role=roles.CLASS_TUTOR, totp=False)


def test_a_role_without_a_second_factor_enters_with_that_duty_alone(clean: Flask, tutor: Account) -> None:
    who = acting(enter(tutor))
    assert who.duty == "second_factor"
    enrol(who)
    with reading() as session:
        after = access_queries.principal_of_session(session, who.session_id, rules=RULES, now=NOW)
    assert after and after.duty is None


def test_a_role_given_while_signed_in_brings_its_duty_at_once(
    clean: Flask, learner_account: Account, land: Land
) -> None:
    opened = enter(learner_account)
    assert acting(opened).duty is None
    access.appoint(learner_account.person_id, roles.CLASS_TUTOR, land.unit.id, reason="test", now=NOW)
    assert acting(opened).duty == "second_factor"


def test_the_secret_holds_only_after_its_code(clean: Flask, learner_account: Account) -> None:
    who = acting(enter(learner_account))
    setup = second_factor.offer(who, issuer="测试平台", now=NOW)
    for code in ("000000", "", "abcdef", pyotp.TOTP(setup.secret).at(NOW - timedelta(minutes=5))):
        with pytest.raises(Invalid):
            second_factor.enrol(who, setup.carried, code, "", password=PASSWORD, single_use=True, now=NOW)
    assert enter(learner_account), "still without a code"


def test_the_first_one_asks_for_the_password_of_who_has_one(clean: Flask, learner_account: Account) -> None:
    who = acting(enter(learner_account))
    setup = second_factor.offer(who, issuer="测试平台", now=NOW)
    code = pyotp.TOTP(setup.secret).at(NOW)
    for password in ("", "wrong"):
        with pytest.raises(Invalid) as caught:
            second_factor.enrol(who, setup.carried, code, "", password=password, single_use=True, now=NOW)
        assert set(caught.value.fields) == {"password"}
    assert enter(learner_account), "still without a code"
    with unit_of_work() as session:  # as after a one-time code
        session.execute(update(AccountRow).where(AccountRow.id == who.account_id).values(password_hash=""))
    assert second_factor.enrol(who, setup.carried, code, "", single_use=True, now=NOW)


def test_guesses_at_the_password_beside_a_first_one_are_counted_and_recorded(
    clean: Flask, learner_account: Account
) -> None:
    who = acting(enter(learner_account))
    setup = second_factor.offer(who, issuer="测试平台", now=NOW)
    code = pyotp.TOTP(setup.secret).at(NOW)
    for _ in range(closing.TRIES):
        with pytest.raises(Invalid):
            second_factor.enrol(who, setup.carried, code, "", password="wrong", single_use=True, now=NOW)
    with pytest.raises(closing.TooManyTries):
        second_factor.enrol(who, setup.carried, code, "", password=PASSWORD, single_use=True, now=NOW)
    with reading() as session:
        actions = session.execute(select(AuditEntryRow.action)).scalars().all()
    assert actions.count("password.asked_again") == closing.TRIES


def test_a_secret_of_another_account_or_of_an_old_page_is_not_taken(
    clean: Flask, learner_account: Account, tutor: Account
) -> None:
    who, other = acting(enter(learner_account)), acting(enter(tutor))
    foreign = second_factor.offer(other, issuer="x", now=NOW)
    old = second_factor.offer(who, issuer="x", now=NOW - timedelta(minutes=31))
    for setup in (foreign, old):
        with pytest.raises(Invalid):
            code = pyotp.TOTP(setup.secret).at(NOW)
            second_factor.enrol(who, setup.carried, code, "", password=PASSWORD, single_use=True, now=NOW)


def test_the_code_that_confirmed_does_not_sign_in_again(clean: Flask, learner_account: Account) -> None:
    secret, _codes = enrol(acting(enter(learner_account)))
    with pytest.raises(service.WrongCredentials):
        enter(learner_account, pyotp.TOTP(secret).at(NOW))


def test_changing_the_phone_asks_for_a_code_of_the_old_one(clean: Flask, learner_account: Account) -> None:
    who = acting(enter(learner_account))
    old, recovery = enrol(who)
    with pytest.raises(Invalid) as caught:
        enrol(who, "000000", minutes=5)
    assert set(caught.value.fields) == {"present_code"}
    enrol(who, pyotp.TOTP(old).at(NOW + timedelta(minutes=5)), minutes=5)
    with pytest.raises(Invalid):
        enrol(who, recovery[0], minutes=10)  # those of the old one ended with it


def test_setting_it_up_ends_all_other_sessions(clean: Flask, learner_account: Account) -> None:
    enter(learner_account)
    enrol(acting(enter(learner_account)))
    assert learner_account.open_sessions(NOW) == 1


def test_ten_recovery_codes_each_good_once(clean: Flask, learner_account: Account) -> None:
    _secret, codes = enrol(acting(enter(learner_account)))
    assert len(set(codes)) == 10
    assert enter(learner_account, codes[3].lower().replace("-", " "))
    with pytest.raises(service.WrongCredentials):
        enter(learner_account, codes[3])
    assert enter(learner_account, codes[4])
    with reading() as session:
        assert queries.recovery_codes_left(session, learner_account.account_id) == 8
        stored = session.execute(select(RecoveryCodeRow.code_hash)).scalars().all()
    assert not {code.replace("-", "") for code in codes} & set(stored)


def test_new_recovery_codes_ask_for_a_code_and_end_the_old(clean: Flask, learner_account: Account) -> None:
    who = acting(enter(learner_account))
    _secret, old = enrol(who)
    with pytest.raises(Invalid):
        second_factor.renew_codes(who, "000000", single_use=True, now=NOW)
    fresh = second_factor.renew_codes(who, old[0], single_use=True, now=NOW)
    with pytest.raises(service.WrongCredentials):
        enter(learner_account, old[1])
    assert enter(learner_account, fresh[1])


def reset(person: Account, by: Account, path: str) -> None:
    staff = Staff(by.person_id, (path,))
    second_factor.reset(person.person_id, staff=staff, outranks=outranks, reason="手机丢失", now=NOW)


def test_an_administrator_resets_a_lost_one(clean: Flask, make_account: MakeAccount, land: Land) -> None:
    admin, uploader = make_account("guanli01", role=roles.UNIT_ADMIN), make_account("jiaowu01", role=roles.UPLOADER)
    reset(uploader, admin, land.unit.path)
    assert acting(enter(uploader)).duty == "second_factor"
    with reading() as session:
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "second_factor.reset")).scalar_one()
    assert (entry.actor_id, entry.details) == (admin.person_id, {"reason": "手机丢失"})


def test_nobody_resets_their_own_a_stronger_or_a_foreign_one(
    clean: Flask, make_account: MakeAccount, land: Land
) -> None:
    admin = make_account("guanli01", role=roles.UNIT_ADMIN)
    reviewer = make_account("shenhe01", role=roles.PROVINCE_REVIEWER)
    with pytest.raises(OnlyForOthers):
        reset(admin, admin, land.unit.path)
    with pytest.raises(MorePowerful):
        reset(reviewer, admin, land.unit.path)
    with pytest.raises(NotFound):
        reset(reviewer, admin, "/elsewhere/")
    with pytest.raises(service.CodeNeeded):
        enter(reviewer)


def test_an_authenticator_reads_the_address(clean: Flask, learner_account: Account) -> None:
    setup = second_factor.offer(acting(enter(learner_account)), issuer="工会 & 培训", now=NOW)
    read = pyotp.parse_uri(setup.address)
    assert (read.secret, read.name, read.issuer) == (setup.secret, "zhangsan", "工会 & 培训")
