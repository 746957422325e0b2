"""`lms users disable` takes an account away at once."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.accounts import service as accounts
from lms.accounts.models import AccountRow
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import Invalid
from tests.factories.accounts import Account, SignIn
from tests.factories.qualification import id_number_of
from tests.service.cli.conftest import Command


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/api/v1/me/hours").status_code == 200


def test_the_person_is_out_at_the_next_request(lms: Command, sign_in: SignIn, learner_account: Account) -> None:
    browser = sign_in(learner_account)
    assert is_in(browser)
    result = lms("users", "disable", "ZhangSan", "--reason", " 离职 ")
    assert (result.exit_code, result.output) == (0, "ok\n")
    assert not is_in(browser)
    with reading() as session:
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "account.disabled")).scalar_one()
    assert entry.details == {"reason": "离职"}


def test_an_unknown_name_is_told(lms: Command) -> None:
    result = lms("users", "disable", "nobody99", "--reason", "x")
    assert (result.exit_code, result.output) == (1, "Error: no account has the user name 'nobody99'\n")


def test_a_reason_is_needed(lms: Command, learner_account: Account) -> None:
    assert lms("users", "disable", "zhangsan").exit_code == 2
    assert lms("users", "disable", "zhangsan", "--reason", "  ").exit_code == 2


def test_a_reason_holds_no_number(lms: Command, learner_account: Account) -> None:
    for number in (id_number_of(1), "13812345678"):
        result = lms("users", "disable", "zhangsan", "--reason", f"离职 {number}")
        assert result.exit_code == 2 and number not in result.output
        with pytest.raises(Invalid):
            accounts.disable("zhangsan", reason=f"离职 {number}", now=clock.now())
    with reading() as session:
        assert session.execute(select(AccountRow.state).where(AccountRow.username == "zhangsan")).scalar() == "active"


def test_a_setting_that_is_wrong_is_told_in_one_line(lms: Command, tmp_path: Path) -> None:
    result = lms("users", "disable", "zhangsan", "--reason", "x", "--home", tmp_path)
    assert result.exit_code == 1
    assert result.output == f"Error: no demo is set up in {tmp_path}\n"
