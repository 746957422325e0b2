"""Signs people in; every refusal takes the same path, so that nothing tells which names exist."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.service import passwords, second_factor, sessions, tries
from lms.accounts.service.policy import Browser, CodeNeeded, Policy, WrongCredentials
from lms.audit import service as audit
from lms.infra import crypto
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import DomainError

CARRY_SECONDS = 300
CARRIED = "sign-in-carried"


@dataclass(frozen=True)
class OpenedSession:
    """A fresh sign-in."""

    session_id: UUID
    person_id: UUID
    expires_at: datetime


class _NotLetIn(Exception):
    """Rolls back a sign-in that something changed under, or whose second factor is wrong."""


def sign_in(
    username: str, password: str, code: str | None, *, policy: Policy, browser: Browser, now: datetime
) -> OpenedSession:
    """Checks password and code and opens a session. `code` is one of the second factor, or a recovery code.

    Raises TooManyHere, NameLocked, WrongCredentials, CodeNeeded. A name that does not exist takes the same path, the same
    time and the same lock as one that does. Who needs a second factor and has none enters, and has to set it up first.
    """
    username = tries.normal_name(username)
    tries.count(username, policy=policy, address=browser.address, now=now)
    with reading() as session:
        known = queries.credentials(session, username)
    password_right = passwords.verify(known.password_hash if known else passwords.NOBODYS_HASH, password)
    if known is None or not known.active or not password_right:
        tries.note_refusal(username, known, way="password", now=now)
        raise WrongCredentials
    return let_in(known, code, way="password", wrong=WrongCredentials, policy=policy, browser=browser, now=now)


def enter_registered(person_id: UUID, *, policy: Policy, browser: Browser, now: datetime) -> OpenedSession:
    """Opens the session of somebody who has just set their password by registering.

    Wrong tries at the name from before it was theirs count for nothing. Raises WrongCredentials when something changed meanwhile.
    """
    with reading() as session:
        known = queries.credentials_of_person(session, person_id)
    return let_in(known, None, way="password", wrong=WrongCredentials, policy=policy, browser=browser, now=now)


def let_in(
    known: queries.Credentials,
    code: str | None,
    *,
    way: str,
    also: Callable[[Session], bool] = lambda _session: True,
    wrong: type[DomainError],
    policy: Policy,
    browser: Browser,
    now: datetime,
) -> OpenedSession:
    """Opens a session for somebody whose first factor is right. `also` happens with it, and refuses it when it is False.

    Raises CodeNeeded, `wrong`.
    """
    if known.totp_secret is not None and not code:
        tries.give_back(known.username)
        raise CodeNeeded
    try:
        with unit_of_work() as session:
            present = queries.credentials_of_person(session, known.person_id, lock=True)
            if not present.active or present.password_hash != known.password_hash or not also(session):
                raise _NotLetIn
            if present.totp_secret is not None and not second_factor.accept(
                session, present, code or "", single_use=policy.totp_single_use, now=now
            ):
                raise _NotLetIn
            tries.forget(session, known.username)
            opened = sessions.open_session(
                session, known.account_id, hours=policy.session_hours, browser=browser, now=now
            )
            audit.record(
                session,
                action="session.opened",
                object_type="account",
                object_id=known.account_id,
                actor_id=known.person_id,
                details={"way": way},
                now=now,
            )
    except _NotLetIn:
        tries.note_refusal(known.username, known, way=way, now=now)
        raise wrong from None
    return OpenedSession(opened.id, known.person_id, opened.expires_at)


def carry(secret: str, *, now: datetime) -> str:
    """A password or one-time code, encrypted, for the page that asks for the second factor: it never stands there in clear."""
    return crypto.encrypt(f"{int(now.timestamp())}:{secret}", CARRIED)


def carried(token: str, *, now: datetime) -> str:
    """What `carry` was given; "" when the token was altered or is older than five minutes."""
    try:
        moment, _, secret = crypto.decrypt(token, CARRIED).partition(":")
    except crypto.CryptoFault:
        return ""
    return secret if moment.isdigit() and now.timestamp() - int(moment) <= CARRY_SECONDS else ""
