"""A one-time code opens the account once, in its time, and nobody gets one for an account that is beyond them."""

from datetime import timedelta
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select

from lms.access import service as access
from lms.access.domain import roles
from lms.access.models import RoleGrantRow
from lms.accounts import queries, service
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow, PersonRow, SignInCodeRow
from lms.accounts.service import codes, memberships
from lms.accounts.service.policy import NotActive
from lms.accounts.service.reaching import MorePowerful, OnlyForOthers
from lms.audit.models import AuditEntryRow
from lms.infra import crypto
from lms.infra.db import reading, unit_of_work
from lms.infra.jobs import JobRow
from lms.infra.sealing import seal
from lms.kernel import ids
from lms.kernel.errors import NotFound, TooMany
from lms.kernel.scope import EVERYWHERE
from lms.organisations import service as units
from tests.factories.accounts import PASSWORD, Account, MakeAccount
from tests.factories.certificates import NOW, Land
from tests.service.accounts.test_registering import POLICY
from tests.service.infra.conftest import at_once

HERE = service.Browser("1.2.3.4", "test")


def outranks(one: UUID, other: UUID) -> bool:
    return access.outranks(one, other, NOW)


def issue(account: Account, by: Account, *paths: str, minutes: float = 0) -> codes.Slip:
    staff = Staff(by.person_id, paths)
    return codes.issue(
        account.person_id,
        staff=staff,
        outranks=outranks,
        outranked=lambda one, other: access.outranks(one, other, NOW + timedelta(minutes=minutes) - codes.RESET_APART),
        hours=24,
        now=NOW + timedelta(minutes=minutes),
    )


def enter(username: str, code: str, second: str | None = None, *, hours: float = 0) -> service.OpenedSession:
    now = NOW + timedelta(hours=hours)
    return codes.sign_in_with_code(
        username,
        code,
        second,
        could_issue=lambda one, other: access.could_issue(one, other, now),
        policy=POLICY,
        browser=HERE,
        now=now,
    )


def refused(username: str, code: str, *, hours: float = 0) -> bool:
    with pytest.raises(service.WrongSignInCode):
        enter(username, code, hours=hours)
    return True


@pytest.fixture
def admin(make_account: MakeAccount) -> Account:
    return make_account("guanli01", name="管理员", role=roles.UNIT_ADMIN)


@pytest.fixture
def learner(learner_account: Account, admin: Account) -> Account:
    return learner_account


def test_a_slip_lets_its_person_in_and_ends_the_old_password(learner: Account, admin: Account, land: Land) -> None:
    slip = issue(learner, admin, land.unit.path)
    assert (slip.name, slip.username, slip.unit_name) == ("张三", "zhangsan", land.unit.name)
    assert slip.expires_at == NOW + timedelta(hours=24)
    assert enter("ZhangSan", slip.code).person_id == learner.person_id
    with reading() as session:
        known = queries.credentials(session, "zhangsan")
        assert known and known.password_hash == ""
        assert session.execute(select(AccountRow.duty_password).where(AccountRow.username == "zhangsan")).scalar_one()
    with pytest.raises(service.WrongCredentials):
        service.sign_in("zhangsan", PASSWORD, None, policy=POLICY, browser=HERE, now=NOW)


def test_signing_in_with_a_code_ends_the_sessions_that_were_open(learner: Account, admin: Account, land: Land) -> None:
    service.sign_in("zhangsan", PASSWORD, None, policy=POLICY, browser=HERE, now=NOW)
    enter("zhangsan", issue(learner, admin, land.unit.path).code)
    assert learner.open_sessions(NOW) == 1


def test_a_code_works_however_it_is_typed(learner: Account, admin: Account, land: Land) -> None:
    slip = issue(learner, admin, land.unit.path)
    assert enter("zhangsan", f" {slip.code.lower().replace('-', ' ')} ")


def test_a_code_works_once(learner: Account, admin: Account, land: Land) -> None:
    slip = issue(learner, admin, land.unit.path)
    assert enter("zhangsan", slip.code)
    assert refused("zhangsan", slip.code)


def test_of_many_who_come_with_one_code_one_gets_in(learner: Account, admin: Account, land: Land) -> None:
    slip = issue(learner, admin, land.unit.path)
    answers = at_once(4, lambda _number: enter("zhangsan", slip.code))
    assert sum(isinstance(answer, service.OpenedSession) for answer in answers) == 1, answers


def test_a_newer_code_ends_the_older(learner: Account, admin: Account, land: Land) -> None:
    first, second = issue(learner, admin, land.unit.path), issue(learner, admin, land.unit.path, minutes=1)
    assert refused("zhangsan", first.code)
    assert enter("zhangsan", second.code)


@pytest.mark.parametrize(("hours", "good"), [(23.99, True), (24, False), (200, False)])
def test_a_code_holds_for_a_day(learner: Account, admin: Account, land: Land, hours: float, good: bool) -> None:
    slip = issue(learner, admin, land.unit.path)
    assert enter("zhangsan", slip.code, hours=hours) if good else refused("zhangsan", slip.code, hours=hours)


def test_a_code_is_one_persons(learner: Account, admin: Account, make_account: MakeAccount, land: Land) -> None:
    make_account("lisi88")
    slip = issue(learner, admin, land.unit.path)
    assert refused("lisi88", slip.code)
    assert refused("nobody99", slip.code)


def test_guesses_lock_the_name(learner: Account, admin: Account, land: Land) -> None:
    slip = issue(learner, admin, land.unit.path)
    for _ in range(5):
        assert refused("zhangsan", "ABCD-EFGH-JKMN")
    with pytest.raises(service.NameLocked):
        enter("zhangsan", slip.code)


def test_nothing_of_a_code_is_stored_or_told(learner: Account, admin: Account, land: Land) -> None:
    slip = issue(learner, admin, land.unit.path)
    with reading() as session:
        stored = session.execute(select(SignInCodeRow.code_hash)).scalar_one()
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "sign_in_code.issued")).scalar_one()
    assert slip.code.replace("-", "") not in stored
    assert (entry.actor_id, entry.object_id, entry.details) == (
        admin.person_id,
        str(learner.account_id),
        {"way": "slip"},
    )


def test_a_disabled_account_gets_no_code_and_its_code_opens_nothing(
    learner: Account, admin: Account, land: Land
) -> None:
    slip = issue(learner, admin, land.unit.path)
    service.disable("zhangsan", reason="x", now=NOW)
    assert refused("zhangsan", slip.code)
    with pytest.raises(NotActive):
        issue(learner, admin, land.unit.path)


def test_the_second_factor_is_asked_beside_the_code(admin: Account, make_account: MakeAccount, land: Land) -> None:
    uploader = make_account("jiaowu01", role=roles.UPLOADER)
    slip = issue(uploader, admin, land.unit.path)
    with pytest.raises(service.CodeNeeded):
        enter("jiaowu01", slip.code)
    with pytest.raises(service.WrongSignInCode):
        enter("jiaowu01", slip.code, "000000")
    assert uploader.secret
    assert enter("jiaowu01", slip.code, pyotp.TOTP(uploader.secret).at(NOW)), "a wrong second factor uses nothing up"


# ---- who may issue for whom


def test_a_person_outside_of_the_scope_is_not_there(learner: Account, admin: Account, land: Land) -> None:
    other = units.add_unit(parent_id=land.province.id, name="别处工会", kind="unit", code="", reach=EVERYWHERE, now=NOW)
    for paths in ((other.path,), ()):
        with pytest.raises(NotFound):
            issue(learner, admin, *paths)


def test_nobody_helps_themselves(admin: Account, land: Land) -> None:
    with pytest.raises(OnlyForOthers):
        issue(admin, admin, land.unit.path)


@pytest.mark.parametrize(
    ("issuer", "holder", "allowed"),
    [
        (roles.UNIT_ADMIN, roles.UPLOADER, True),
        (roles.UNIT_ADMIN, roles.CLASS_TUTOR, True),
        (roles.UNIT_ADMIN, roles.PROVINCE_REVIEWER, False),  # over the province, above the issuer's unit
        (roles.UNIT_ADMIN, roles.NATIONAL_REVIEWER, False),
        (roles.UNIT_ADMIN, roles.SECURITY_ADMIN, False),
        (roles.UNIT_ADMIN, roles.AUDIT_ADMIN, False),
        (roles.CLASS_TUTOR, roles.UPLOADER, False),
        (roles.CLASS_TUTOR, roles.UNIT_ADMIN, False),
        (roles.CLASS_TUTOR, roles.CLASS_TUTOR, False),
        (roles.SYSTEM_ADMIN, roles.UPLOADER, False),  # runs the platform, gives no roles
        (roles.SYSTEM_ADMIN, None, True),
        (roles.CLASS_TUTOR, None, True),
    ],
)
def test_nobody_gets_at_a_more_powerful_account(
    clean: Flask, make_account: MakeAccount, land: Land, issuer: str, holder: str | None, allowed: bool
) -> None:
    one = make_account("banfa001", role=issuer)
    other = make_account("lingqu01", role=holder)
    if allowed:
        assert issue(other, one, land.national.path)
        return
    with pytest.raises(MorePowerful):
        issue(other, one, land.national.path)


def test_a_role_given_after_the_slip_was_printed_ends_it(learner: Account, admin: Account, land: Land) -> None:
    slip = issue(learner, admin, land.unit.path)
    access.appoint(learner.person_id, roles.PROVINCE_REVIEWER, land.province.id, reason="test", now=NOW)
    assert refused("zhangsan", slip.code)


# ---- forgotten passwords


def ask(username: str, address: str = "1.2.3.4") -> None:
    codes.ask(username, policy=POLICY, address=address, now=NOW)


def wanted() -> list[str]:
    with reading() as session:
        rows = session.execute(select(JobRow.payload).where(JobRow.kind == codes.FORGOTTEN_JOB)).scalars()
        return [crypto.decrypt(row["username"], codes.FORGOTTEN_JOB) for row in rows]


def test_every_name_is_asked_for_alike(clean: Flask, learner_account: Account) -> None:
    ask("ZhangSan"), ask("nobody99")
    assert sorted(wanted()) == ["nobody99", "zhangsan"]


def test_a_name_is_asked_for_three_times_an_hour_and_the_fourth_is_as_silent(
    clean: Flask, learner_account: Account
) -> None:
    for number in range(6):
        ask("zhangsan", f"1.2.3.{number}")
    assert wanted() == ["zhangsan"] * 3


def test_an_address_does_not_ask_without_end(clean: Flask, learner_account: Account) -> None:
    for number in range(POLICY.registrations_per_address):
        ask(f"nobody{number}")
    with pytest.raises(TooMany):
        ask("zhangsan")
    ask("zhangsan", "4.3.2.1")


@pytest.mark.parametrize(
    ("mail", "ways", "way", "to"),
    [
        ("zhang@example.org", ("mail", "sms"), "mail", "zhang@example.org"),
        ("zhang@example.org", ("sms",), "sms", "13800000000"),
        (None, ("mail", "sms"), "sms", "13800000000"),
    ],
)
def test_the_best_way_is_taken(
    clean: Flask, learner_account: Account, mail: str | None, ways: tuple[str, ...], way: str, to: str
) -> None:
    if mail:
        with unit_of_work() as session:
            row = session.execute(select(PersonRow)).scalar_one()
            row.mail_sealed = seal(PersonRow.mail_sealed, row.id, mail)
    letter = codes.letter_for("zhangsan", ways=ways, hours=24, now=NOW)
    assert letter and (letter.way, letter.to) == (way, to)
    assert enter("zhangsan", letter.code)


@pytest.mark.parametrize(
    ("username", "ways"), [("zhangsan", ()), ("zhangsan", ("mail",)), ("nobody99", ("mail", "sms"))]
)
def test_without_a_way_no_code_is_made(
    clean: Flask, learner_account: Account, username: str, ways: tuple[str, ...]
) -> None:
    assert codes.letter_for(username, ways=ways, hours=24, now=NOW) is None
    with reading() as session:
        assert session.execute(select(func.count()).select_from(SignInCodeRow)).scalar_one() == 0


def test_a_slip_ends_when_the_person_moves_out_of_its_issuers_reach(
    learner_account: Account, make_account: MakeAccount, land: Land
) -> None:
    tutor = make_account("banzhuren", name="班主任", role=roles.CLASS_TUTOR)
    chief = make_account("zongguan", name="总管")
    other = units.add_unit(
        parent_id=land.national.id, name="湖南省总工会", kind="province", code="43", reach=EVERYWHERE, now=NOW
    )
    slip = issue(learner_account, tutor, land.unit.path)
    by = Staff(chief.person_id, (land.national.path,))
    memberships.move(learner_account.person_id, other.id, from_on=NOW.date(), by=by, reason="调动", now=NOW)
    assert refused(slip.username, slip.code, hours=20)


def in_office(account: Account, role: str, unit_id: UUID, *, hours: int) -> None:
    """Gives somebody a role that runs out after so many hours."""
    begun = NOW - timedelta(days=9)
    with unit_of_work() as session:
        session.add(
            RoleGrantRow(
                id=ids.new_id(NOW),
                person_id=account.person_id,
                role=role,
                unit_id=unit_id,
                from_at=begun,
                until_at=NOW + timedelta(hours=hours),
                granted_at=begun,
                granted_by=None,
                reason="代班",
            )
        )


def test_a_slip_ends_with_the_last_day_of_its_issuers_role(
    learner_account: Account, make_account: MakeAccount, land: Land
) -> None:
    tutor = make_account("banzhuren", name="班主任")
    in_office(tutor, roles.CLASS_TUTOR, land.unit.id, hours=2)
    slip = issue(learner_account, tutor, land.unit.path)
    assert refused(slip.username, slip.code, hours=20)
    assert enter(slip.username, slip.code, hours=1).person_id == learner_account.person_id, "while it lasts it is good"


def test_a_joint_slip_ends_with_its_confirmers_role(make_account: MakeAccount, land: Land) -> None:
    helper, helped = make_account("guanli02", name="帮助人"), make_account("guanli03", name="被帮助人")
    for one in (helper, helped):
        in_office(one, roles.SECURITY_ADMIN, land.national.id, hours=3)
    slip = codes.issue_jointly(helped.person_id, by=helper.person_id, hours=24, now=NOW)
    assert refused(slip.username, slip.code, hours=4), "both roles have run out: nobody stands above nobody"
    assert enter(slip.username, slip.code, hours=1).person_id == helped.person_id
