"""Sign-in checks everything, tells little, and leaves a trace."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from sqlalchemy import delete, event, select, update

from lms.access.domain import roles
from lms.accounts import service
from lms.accounts.events import account_disabled
from lms.accounts.models import AccountRow, AuthSessionRow, SignInGuardRow
from lms.accounts.service import passwords, tries
from lms.audit.models import AuditEntryRow
from lms.infra.db import engine, reading, running, unit_of_work
from lms.kernel.errors import Invalid
from tests.factories.accounts import HASH, PASSWORD, Account, MakeAccount
from tests.factories.certificates import NOW
from tests.factories.together import beside
from tests.service.accounts.test_registering import POLICY
from tests.service.infra.conftest import at_once


def enter(
    username: str = "zhangsan",
    password: str = PASSWORD,
    code: str | None = None,
    *,
    single_use: bool = False,
    minutes: float = 0,
) -> service.OpenedSession:
    return service.sign_in(
        username,
        password,
        code,
        policy=replace(POLICY, totp_single_use=single_use),
        browser=service.Browser("1.2.3.4", "test" * 100),
        now=NOW + timedelta(minutes=minutes),
    )


def failures(username: str = "zhangsan") -> int:
    with reading() as session:
        key = tries.guard_key(username)
        return session.execute(select(SignInGuardRow.failures).where(SignInGuardRow.username == key)).scalar() or 0


def actions() -> set[str]:
    with reading() as session:
        return set(session.execute(select(AuditEntryRow.action)).scalars())


def test_a_sign_in_opens_a_session_with_an_end(clean: Flask, learner_account: Account) -> None:
    opened = enter()
    assert opened.person_id == learner_account.person_id
    assert opened.expires_at == NOW + timedelta(hours=12)
    with reading() as session:
        stored = session.execute(select(AuthSessionRow)).scalar_one()
    assert (stored.id, stored.account_id) == (opened.session_id, learner_account.account_id)
    assert (stored.expires_at, stored.ended_at, stored.address) == (opened.expires_at, None, "1.2.3.4")
    assert len(stored.browser) == 200
    assert "session.opened" in actions()


def test_session_ids_cannot_be_guessed(clean: Flask, learner_account: Account) -> None:
    first, second = enter().session_id, enter().session_id
    assert first.int >> 64 != second.int >> 64, "not ordered by time: all bits are random"


def test_a_refusal_is_in_the_audit_record(clean: Flask, learner_account: Account) -> None:
    with pytest.raises(service.WrongCredentials):
        enter(password="wrong")
    with reading() as session:
        entry = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "session.refused")).scalar_one()
    assert (entry.result, entry.object_id) == ("refused", str(learner_account.account_id))
    assert "wrong" not in str(entry.details)


def test_the_fifth_wrong_try_locks_for_a_quarter_of_an_hour(clean: Flask, learner_account: Account) -> None:
    for _ in range(5):
        with pytest.raises(service.WrongCredentials):
            enter(password="wrong")
    for minutes in (0, 14.9):
        with pytest.raises(service.NameLocked):
            enter(minutes=minutes)
    assert enter(minutes=15).person_id == learner_account.person_id
    assert failures() == 0


@pytest.mark.parametrize("typed", ["zhangsan", "110101199003070011", "13912345678", "nobody"])
def test_a_count_does_not_tell_the_name_that_was_typed(clean: Flask, learner_account: Account, typed: str) -> None:
    with pytest.raises(service.WrongCredentials):
        enter(typed, password="wrong")
    with reading() as session:
        (stored,) = session.execute(select(SignInGuardRow.username)).scalars()
    assert len(stored) == 40
    assert typed not in stored
    assert failures(typed) == 1


def test_tries_far_apart_do_not_add_up(clean: Flask, learner_account: Account) -> None:
    for turn in range(12):
        with pytest.raises(service.WrongCredentials):
            enter(password="wrong", minutes=turn * 16)
    assert enter(minutes=12 * 16)


def test_wrong_tries_at_once_are_all_counted(clean: Flask, learner_account: Account) -> None:
    answers = at_once(4, lambda _number: enter(password="wrong"))
    assert all(isinstance(answer, service.WrongCredentials) for answer in answers), answers
    assert failures() == 4


@pytest.mark.postgres
@pytest.mark.parametrize("wrong", [False, True])
def test_a_try_beside_a_sign_in_that_forgets_earlier_ones_is_counted(
    clean: Flask, learner_account: Account, wrong: bool
) -> None:
    """The row of the count goes away while the try waits for it."""
    tries.count("zhangsan", policy=POLICY, address="1.2.3.4", now=NOW)

    def succeeds() -> None:
        session = running()
        assert session
        tries.forget(session, "zhangsan")

    told = beside(succeeds, lambda: enter(password="wrong" if wrong else PASSWORD))
    assert isinstance(told, service.WrongCredentials if wrong else service.OpenedSession), told
    assert failures() == int(wrong)


@pytest.mark.postgres
def test_a_try_whose_row_goes_before_it_is_locked_is_counted(clean: Flask, learner_account: Account) -> None:
    tries.count("zhangsan", policy=POLICY, address="1.2.3.4", now=NOW)
    removed: list[str] = []

    def remove(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM sign_in_guard" in statement and "FOR UPDATE" in statement and not removed:
            removed.append(statement)
            with engine().connect() as other:
                other.execute(delete(SignInGuardRow))
                other.commit()

    event.listen(engine(), "before_cursor_execute", remove)
    try:
        with pytest.raises(service.WrongCredentials):
            enter(password="wrong")
    finally:
        event.remove(engine(), "before_cursor_execute", remove)
    assert failures() == (1 if removed else 2)


def test_a_missing_code_is_no_wrong_try(clean: Flask, make_account: MakeAccount) -> None:
    make_account("shenhe01", role=roles.PROVINCE_REVIEWER)
    for _ in range(9):
        with pytest.raises(service.CodeNeeded):
            enter("shenhe01")
    assert failures("shenhe01") == 0


def test_a_code_is_good_for_its_half_minute_and_the_ones_beside(clean: Flask, make_account: MakeAccount) -> None:
    account = make_account("shenhe01", role=roles.PROVINCE_REVIEWER)
    assert account.secret
    totp = pyotp.TOTP(account.secret)
    for seconds in (-30, 0, 30):
        assert enter("shenhe01", code=totp.at(NOW + timedelta(seconds=seconds)))
    for seconds in (-90, 90):
        with pytest.raises(service.WrongCredentials):
            enter("shenhe01", code=totp.at(NOW + timedelta(seconds=seconds)))


def test_a_code_is_good_once(clean: Flask, make_account: MakeAccount) -> None:
    account = make_account("shenhe01", role=roles.PROVINCE_REVIEWER)
    assert account.secret
    totp = pyotp.TOTP(account.secret)
    assert enter("shenhe01", code=totp.at(NOW), single_use=True)
    for seconds in (0, -30):
        with pytest.raises(service.WrongCredentials):
            enter("shenhe01", code=totp.at(NOW + timedelta(seconds=seconds)), single_use=True)
    assert enter("shenhe01", code=totp.at(NOW + timedelta(seconds=30)), single_use=True)


def test_of_many_who_come_with_one_code_one_gets_in(clean: Flask, make_account: MakeAccount) -> None:
    account = make_account("shenhe01", role=roles.PROVINCE_REVIEWER)
    assert account.secret
    code = pyotp.TOTP(account.secret).at(NOW)
    answers = at_once(4, lambda _number: enter("shenhe01", code=code, single_use=True))
    assert sum(isinstance(answer, service.OpenedSession) for answer in answers) == 1, answers


def test_the_lock_is_in_the_audit_record(clean: Flask, learner_account: Account) -> None:
    for _ in range(5):
        with pytest.raises(service.WrongCredentials):
            enter(password="wrong")
    with reading() as session:
        locked = session.execute(select(AuditEntryRow).where(AuditEntryRow.action == "account.locked")).scalars().all()
    assert [entry.object_id for entry in locked] == [str(learner_account.account_id)]


def test_an_account_without_a_password_lets_nobody_in(clean: Flask, learner_account: Account) -> None:
    with unit_of_work() as session:
        session.execute(update(AccountRow).values(password_hash=""))
    for password in ("", PASSWORD):
        with pytest.raises(service.WrongCredentials):
            enter(password=password)


def test_disabling_ends_every_session_and_is_told(clean: Flask, learner_account: Account) -> None:
    enter(), enter()
    told: list[UUID] = []

    def listen(_sender: object, *, person_id: UUID, **_more: object) -> None:
        told.append(person_id)

    account_disabled.connect(listen)
    service.disable("ZHANGSAN", reason="离职", now=NOW)
    assert learner_account.open_sessions(now=NOW) == 0
    assert told == [learner_account.person_id]
    assert "account.disabled" in actions()
    with pytest.raises(service.WrongCredentials):
        enter()


def test_disabling_nobody_is_refused(clean: Flask) -> None:
    with pytest.raises(Invalid):
        service.disable("nobody99", reason="x", now=NOW)


def test_a_listener_that_fails_leaves_the_account_as_it_was(clean: Flask, learner_account: Account) -> None:
    def fail(_sender: object, **_more: object) -> None:
        raise RuntimeError

    with account_disabled.connected_to(fail), pytest.raises(RuntimeError):
        service.disable("zhangsan", reason="x", now=NOW)
    assert enter()


def test_signing_out_twice_keeps_the_first_moment(clean: Flask, learner_account: Account) -> None:
    opened = enter()
    service.sign_out(opened.session_id, now=NOW)
    service.sign_out(opened.session_id, now=NOW + timedelta(minutes=5))
    with reading() as session:
        assert session.execute(select(AuthSessionRow.ended_at)).scalar_one() == NOW


def test_a_carried_opens_for_five_minutes(app: Flask) -> None:
    token = service.carry("秘密:有冒号", now=NOW)
    assert "秘密" not in token
    assert service.carried(token, now=NOW + timedelta(seconds=300)) == "秘密:有冒号"
    assert service.carried(token, now=NOW + timedelta(seconds=301)) == ""
    assert service.carried(token[:-2] + "AA", now=NOW) == ""
    assert service.carried("", now=NOW) == ""


@pytest.mark.parametrize("state", ["active", "disabled", "without a password", "nobody"])
def test_every_wrong_try_costs_one_check_of_a_hash(
    clean: Flask, learner_account: Account, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """The hash is what takes time: who measures it must not learn which names exist."""
    if state == "disabled":
        service.disable("zhangsan", reason="x", now=NOW)
    elif state == "without a password":
        with unit_of_work() as session:
            session.execute(update(AccountRow).values(password_hash=""))
    checked: list[str] = []
    real = passwords._hasher

    class Counting:
        def verify(self, password_hash: str, password: str) -> bool:
            checked.append(password_hash)
            return real.verify(password_hash, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    with pytest.raises(service.WrongCredentials):
        enter("nobody99" if state == "nobody" else "zhangsan", "wrong")
    assert len(checked) == 1
    assert checked[0].split("$")[3] == HASH.split("$")[3], "the same cost"
