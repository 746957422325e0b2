"""`lms users disable` takes an account away at once."""

from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from tests.factories.accounts import Account, SignIn
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


def test_a_setting_that_is_wrong_is_told_in_one_line(lms: Command, tmp_path: Path) -> None:
    result = lms("users", "disable", "zhangsan", "--reason", "x", "--home", tmp_path)
    assert result.exit_code == 1
    assert result.output == f"Error: no demo is set up in {tmp_path}\n"
