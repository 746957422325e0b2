"""Leaving, and a wrong password at the change of it, stand in the record."""

import pytest
from flask import Flask
from sqlalchemy import select

from lms.access import queries as access
from lms.accounts import service
from lms.accounts.service import passwords
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from lms.kernel.errors import Invalid
from tests.factories.accounts import PASSWORD, Account
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
