"""`lms users break-glass` is the last way in, and loud."""

from sqlalchemy import select

from lms.access.domain import roles
from lms.audit import queries as audit
from lms.audit.models import AuditEntryRow
from lms.infra.db import reading
from lms.kernel import clock
from tests.factories.accounts import MakeAccount
from tests.service.cli.conftest import Command

CODE = ("--help-with", "code", "--reason", "只剩一人")


def test_the_last_administrator_gets_a_code_and_everybody_sees_it(lms: Command, make_account: MakeAccount) -> None:
    account = make_account("anquan01", role=roles.SECURITY_ADMIN)
    result = lms("users", "break-glass", "AnQuan01", *CODE)
    assert result.exit_code == 0, result.output
    assert "username: anquan01\ncode: " in result.output and "alarm" in result.output
    with reading() as session:
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "account.break_glass")).scalar_one()
        kinds = [(one.kind, one.subject) for one in audit.alarms(session, now=clock.now())]
    assert entry.details == {"help": "sign_in_code", "reason": "只剩一人"}
    assert ("break_glass", str(account.account_id)) in kinds


def test_the_second_factor_is_taken_away(lms: Command, make_account: MakeAccount) -> None:
    make_account("anquan01", role=roles.SECURITY_ADMIN)
    words = ("users", "break-glass", "anquan01", "--help-with", "second-factor", "--reason", "手机丢失")
    assert lms(*words).output.startswith("ok\n")
    assert "no_second_factor" in lms(*words).output


def test_it_is_refused_where_two_can_do_it_or_one_is_enough(lms: Command, make_account: MakeAccount) -> None:
    make_account("xueyuan1")
    for number in range(3):
        make_account(f"anquan0{number}", role=roles.SECURITY_ADMIN)
    assert "two administrators can do this" in lms("users", "break-glass", "anquan00", *CODE).output
    for name in ("xueyuan1", "nobody99"):
        result = lms("users", "break-glass", name, *CODE)
        assert (result.exit_code, "no such account" in result.output) == (1, True)
