"""A sign-in ends when nobody is there, never under a video or an exam; a new password ends all others."""

from dataclasses import replace
from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from lms.access import queries as access_queries
from lms.access.domain import roles
from lms.accounts import queries, service
from lms.accounts.models import AccountRow, AuthSessionRow, PasswordHistoryRow
from lms.accounts.service import passwords, sessions
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import Invalid, NotFound, TooMany
from lms.kernel.principal import Principal
from tests.factories.accounts import PASSWORD, Account, MakeAccount
from tests.factories.certificates import NOW
from tests.service.accounts.test_registering import POLICY
from tests.service.accounts.test_second_factor import HERE, RULES

NEW = "Qingtian-88-lan"


def enter(account: Account, now: datetime = NOW) -> service.OpenedSession:
    code = pyotp.TOTP(account.secret).at(now) if account.secret else None
    return service.sign_in(account.username, PASSWORD, code, policy=POLICY, browser=HERE, now=now)


def look(opened: service.OpenedSession, now: datetime, *, busy: bool = False) -> Principal | None:
    """What a request at `now` finds."""
    with reading() as session:
        found = access_queries.principal_of_session(session, opened.session_id, rules=RULES, now=now)
    return found and sessions.stays(found, busy=lambda _person, _since: busy, now=now)


def seen(opened: service.OpenedSession) -> datetime:
    with reading() as session:
        return session.execute(
            select(AuthSessionRow.seen_at).where(AuthSessionRow.id == opened.session_id)
        ).scalar_one()


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


@pytest.mark.parametrize(("role", "idle", "noted"), [(None, 30, 5), (roles.CLASS_TUTOR, 15, 2.5)])
def test_who_does_nothing_is_out_after_the_minutes(
    clean: Flask, make_account: MakeAccount, role: str | None, idle: int, noted: float
) -> None:
    opened = enter(make_account("wangwu01", role=role))
    assert look(opened, minutes(idle))
    assert look(opened, minutes(idle + noted - 0.01))
    assert look(opened, minutes(idle + noted + 0.01)) is None
    assert look(opened, minutes(idle + 0.5)) is None, "it is over for good"


def test_an_act_begins_the_minutes_anew_and_is_written_every_five_minutes(
    clean: Flask, learner_account: Account
) -> None:
    opened = enter(learner_account)
    for at, written in ((1.0, 0), (5.0, 5.0), (9.9, 5.0), (29, 29)):
        who = look(opened, minutes(at))
        assert who
        sessions.touch_if_due(who, now=minutes(at))
        assert seen(opened) == minutes(written)
    assert look(opened, minutes(58))
    assert look(opened, minutes(64.01)) is None


def test_who_watches_or_sits_an_exam_stays_for_hours(clean: Flask, learner_account: Account) -> None:
    opened = enter(learner_account)
    for hour in range(1, 12):
        assert look(opened, minutes(60 * hour), busy=True)
    assert seen(opened) == minutes(60 * 11)
    assert look(opened, minutes(60 * 11 + 35.01)) is None


def test_no_sign_in_outlasts_its_hours(clean: Flask, learner_account: Account) -> None:
    opened = enter(learner_account)
    assert look(opened, minutes(12 * 60), busy=True) is None


def test_one_session_ends_alone_and_a_foreign_one_is_not_there(
    clean: Flask, learner_account: Account, make_account: MakeAccount
) -> None:
    one, two, foreign = enter(learner_account), enter(learner_account), enter(make_account("lisi88"))
    me = {"actor_id": learner_account.person_id, "now": NOW}
    sessions.end_one(learner_account.account_id, one.session_id, **me)  # type: ignore[arg-type]
    assert (look(one, NOW), bool(look(two, NOW))) == (None, True)
    for other in (foreign.session_id, ids.new_secret_id()):
        with pytest.raises(NotFound):
            sessions.end_one(learner_account.account_id, other, **me)  # type: ignore[arg-type]
    assert look(foreign, NOW)


def change(who: Principal, old: str, new: str, now: datetime = NOW) -> queries.OpenSession:
    return passwords.change(who, old, new, policy=POLICY, browser=HERE, now=now)


def acting(account: Account) -> Principal:
    found = look(enter(account), NOW)
    assert found
    return found


def test_a_new_password_ends_every_session_and_opens_a_fresh_one(clean: Flask, learner_account: Account) -> None:
    enter(learner_account)
    who = acting(learner_account)
    opened = change(who, PASSWORD, NEW)
    assert opened.id != who.session_id
    assert learner_account.open_sessions(NOW) == 1
    with pytest.raises(service.WrongCredentials):
        enter(learner_account)
    assert service.sign_in("zhangsan", NEW, None, policy=POLICY, browser=HERE, now=NOW)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", NEW, "old"),
        ("", NEW, "old"),
        (PASSWORD, PASSWORD, "password"),
        (PASSWORD, "Short-1", "password"),
        (PASSWORD, "Zhangsan-lan-88", "password"),
        (PASSWORD, "Lan-13800000-Ab", "password"),
    ],
)
def test_a_change_is_refused_at_its_field(
    clean: Flask, learner_account: Account, old: str, new: str, field: str
) -> None:
    who = acting(learner_account)
    with pytest.raises(Invalid) as caught:
        change(who, old, new)
    assert set(caught.value.fields) == {field}
    assert look_again(who)


def look_again(who: Principal) -> bool:
    with reading() as session:
        return access_queries.principal_of_session(session, who.session_id, rules=RULES, now=NOW) is not None


def test_the_last_five_passwords_do_not_come_back(clean: Flask, learner_account: Account) -> None:
    who = acting(learner_account)
    names = [f"Qingtian-8{n}-lan" for n in range(7)]
    old = PASSWORD
    for turn, new in enumerate(names[:5]):
        change(who, old, new, minutes(turn))
        old = new
    with pytest.raises(Invalid):
        change(who, old, names[0], minutes(6))
    with pytest.raises(Invalid):
        change(who, old, PASSWORD, minutes(6))
    change(who, old, names[5], minutes(7))
    change(who, names[5], PASSWORD, minutes(8))
    with reading() as session:
        assert len(session.execute(select(PasswordHistoryRow.id)).all()) == 5


def test_guesses_at_the_old_password_have_an_end(clean: Flask, learner_account: Account) -> None:
    who = acting(learner_account)
    for _ in range(10):
        with pytest.raises(Invalid):
            change(who, "wrong", NEW)
    with pytest.raises(TooMany):
        change(who, PASSWORD, NEW)


@pytest.mark.parametrize(
    ("role", "days", "duty"), [(None, 1000, None), ("class_tutor", 90, None), ("class_tutor", 91, "password")]
)
def test_passwords_of_staff_age(
    clean: Flask, make_account: MakeAccount, role: str | None, days: int, duty: str | None
) -> None:
    account = make_account("wangwu01", role=role)
    with unit_of_work() as session:
        session.execute(update(AccountRow).values(password_at=NOW - timedelta(days=days)))
    who = look(enter(account), NOW)
    assert who and who.duty == duty


def test_what_a_browser_calls_itself_holds_no_id_number(clean: Flask, learner_account: Account) -> None:
    named = replace(HERE, name="Mozilla/5.0 11010519491231002X")
    opened = service.sign_in(learner_account.username, PASSWORD, None, policy=POLICY, browser=named, now=NOW)
    with reading() as session:
        assert session.get_one(AuthSessionRow, opened.session_id).browser == "Mozilla/5.0 ***"
