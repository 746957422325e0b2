"""Leaving, and wrong passwords and codes inside an account, stand in the record."""

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from lms.access import queries as access
from lms.accounts import service
from lms.accounts.service import closing, passwords, second_factor
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from lms.kernel.errors import Invalid
from tests.factories.accounts import PASSWORD, Account, MakeAccount
from tests.factories.certificates import NOW
from tests.service.accounts.test_registering import POLICY

HERE = service.Browser("1.2.3.4", "test")


def entries(action: str) -> list[tuple[str, str, str]]:
    with reading() as session:
        found = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == action)).scalars()
        return [(str(one.actor_id), one.object_id, one.result) for one in found]


def test_a_sign_out_once(clean: Flask, learner_account: Account) -> None:
    opened = service.sign_in("zhangsan", PASSWORD, None, policy=POLICY, browser=HERE, now=NOW)
    for _ in range(2):
        service.sign_out(opened.session_id, now=NOW)
    assert entries("session.ended") == [(str(learner_account.person_id), str(learner_account.account_id), "ok")]


def test_a_wrong_password_at_the_change_of_it(clean: Flask, learner_account: Account) -> None:
    with reading() as session:
        who = access.principal_of_person(session, learner_account.person_id, now=NOW)
    assert who
    with pytest.raises(Invalid):
        passwords.change(who, "nicht-2026-richtig", "Anders-2026-peixun", policy=POLICY, browser=HERE, now=NOW)
    refused = (str(learner_account.person_id), str(learner_account.account_id), "refused")
    assert entries("password.changed") == [refused]


def test_a_wrong_password_before_a_grave_act(clean: Flask, learner_account: Account) -> None:
    with pytest.raises(Invalid):
        closing.check_password(learner_account.person_id, "nicht-2026-richtig", now=NOW)
    closing.check_password(learner_account.person_id, PASSWORD, now=NOW)
    refused = (str(learner_account.person_id), str(learner_account.account_id), "refused")
    assert entries("password.asked_again") == [refused]


def test_a_wrong_code_at_the_renewal_of_backup_codes(clean: Flask, make_account: MakeAccount) -> None:
    account = make_account("reviewer", role="national_reviewer")
    with reading() as session:
        who = access.principal_of_person(session, account.person_id, now=NOW)
    assert who
    with pytest.raises(Invalid):
        second_factor.renew_codes(who, "wrong-code", single_use=True, now=NOW)
    assert entries("second_factor.codes_renewed") == [(str(account.person_id), str(account.account_id), "refused")]


def test_a_wrong_present_code_at_the_change_of_the_second_factor(clean: Flask, make_account: MakeAccount) -> None:
    account = make_account("reviewer", role="national_reviewer")
    with reading() as session:
        who = access.principal_of_person(session, account.person_id, now=NOW)
    assert who
    setup = second_factor.offer(who, issuer="x", now=NOW)
    with pytest.raises(Invalid):
        second_factor.enrol(
            who, setup.carried, pyotp.TOTP(setup.secret).at(NOW), "wrong-code", single_use=True, now=NOW
        )
    assert entries("second_factor.set") == [(str(account.person_id), str(account.account_id), "refused")]
