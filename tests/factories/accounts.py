"""People who can sign in: learners, and staff with a role over a unit and a second factor."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lms.access import service as access
from lms.access.domain import roles
from lms.accounts import queries as accounts, service as registering
from lms.accounts.models import AccountRow, AuthSessionRow
from lms.accounts.service import privacy
from lms.infra.db import reading, unit_of_work
from lms.kernel import clock
from tests.factories.certificates import NOW, Land

PASSWORD = "Xuexi-2026-peixun"
LONG_AGO = NOW - timedelta(days=300)
HASH = registering.hash_password(PASSWORD)


@dataclass(frozen=True)
class Account:
    """Somebody with a password, and a second factor when they hold a role."""

    person_id: UUID
    account_id: UUID
    username: str
    secret: str | None

    def open_sessions(self, now: datetime | None = None) -> int:
        """How many browsers are signed in to the account."""
        now = now or clock.now()
        with reading() as session:
            found = session.execute(
                select(AuthSessionRow.id).where(
                    AuthSessionRow.account_id == self.account_id,
                    AuthSessionRow.ended_at.is_(None),
                    AuthSessionRow.expires_at > now,
                )
            )
            return len(found.all())

    def code(self) -> str:
        """The second-factor code of this moment."""
        assert self.secret
        return pyotp.TOTP(self.secret).at(clock.now())


MakeAccount = Callable[..., Account]
SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def make_account(land: Land) -> MakeAccount:
    """A function that makes a person: `role` gives them a role and a second factor, `totp=False` leaves the factor out."""

    def make(username: str = "zhangsan", *, name: str = "张三", role: str | None = None, totp: bool = True) -> Account:
        secret = pyotp.random_base32() if role and totp else None
        form = registering.Registration(
            name=name,
            sex="female",
            unit_id=land.unit.id,
            post="工会主席",
            mobile="13800000000",
            username=username,
            password="",
        )
        person_id = registering.create_person(form, password_hash=HASH, totp_secret=secret, now=LONG_AGO)
        privacy.accept(person_id, privacy.CURRENT_VERSION, LONG_AGO)
        with unit_of_work() as session:  # old people with a fresh password: those of staff age
            session.execute(update(AccountRow).where(AccountRow.person_id == person_id).values(password_at=clock.now()))
        if role:
            national = roles.SEPARATED | {roles.NATIONAL_REVIEWER}
            reach = dict.fromkeys(national, land.national) | {roles.PROVINCE_REVIEWER: land.province}
            unit = reach.get(role, land.unit)
            access.appoint(person_id, role, unit.id, reason="test", now=LONG_AGO)
        with reading() as session:
            known = accounts.credentials(session, username.lower())
        assert known
        return Account(person_id, known.account_id, username.lower(), secret)

    return make


@pytest.fixture
def learner_account(make_account: MakeAccount) -> Account:
    return make_account()


@pytest.fixture
def sign_in(clean: Flask) -> SignIn:
    """A function that gives a browser in which the account is signed in."""

    def go(account: Account) -> FlaskClient:
        client = clean.test_client()
        body = {"username": account.username, "password": PASSWORD}
        if account.secret:
            body["code"] = account.code()
        answer = client.post("/api/v1/session", json=body)
        assert answer.status_code == 200, answer.text
        client.environ_base["HTTP_X_CSRFTOKEN"] = answer.json["csrf_token"]
        return client

    return go


def token_on(client: FlaskClient, path: str) -> str:
    """The CSRF token of the first form on a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found, f"no form on {path}"
    return found[1]
