"""Closes an account at its holder's wish: it opens no more, and what the law keeps is kept in storage only."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from lms.accounts import queries
from lms.accounts.domain import notice
from lms.accounts.events import account_disabled, account_ending, in_office
from lms.accounts.models import AccountRow, PersonRow
from lms.accounts.service import corrections, id_numbers, memberships, passwords, privacy, sessions
from lms.accounts.service.holding import hold
from lms.audit import service as audit
from lms.infra import ratelimit
from lms.infra.db import reading, unit_of_work
from lms.kernel.errors import N_, Conflict, Invalid, TooMany

TRIES, WINDOW_SECONDS = 5, 900
BY_ONESELF = "本人注销"


class StillInOffice(Conflict):
    """Who holds a role hands it over first."""

    code, title = "still_in_office", N_("您还担任平台的管理岗位，请先由管理员解除授权，再注销账号")


class TooManyTries(TooMany):
    """Somebody tries passwords on a page that asks again."""

    code, title = "password_tries_limited", N_("密码输错次数过多，请 15 分钟后再试")


def check_password(person_id: UUID, password: str, *, now: datetime) -> None:
    """Asks for the password once more before a grave act; a wrong one is recorded. Raises Invalid, TooManyTries."""
    if not ratelimit.hit("password-again", str(person_id), limit=TRIES, window_seconds=WINDOW_SECONDS):
        raise TooManyTries
    with reading() as session:
        known = queries.credentials_of_person(session, person_id)
    if not passwords.verify(known.password_hash, password):
        with unit_of_work() as session:
            audit.record(
                session,
                action="password.asked_again",
                object_type="account",
                object_id=known.account_id,
                actor_id=person_id,
                result="refused",
                now=now,
            )
        raise Invalid(fields={"password": N_("密码不正确")})


def close(person_id: UUID, *, now: datetime) -> None:
    """Closes the account: sessions end, the ID number goes at once, contacts after their retention, records stay.

    Accounts that were joined into it go the same way.

    The caller has checked the password. Raises PersonGone, StillInOffice for who holds a role or will hold one.
    """
    with unit_of_work() as session:
        queries.lock_person(session, person_id)
        hold(session, person_id, None)
        if any(
            held for _receiver, held in in_office.send(session=session, person_id=person_id, just_taken=False, at=now)
        ):
            raise StillInOffice
        memberships.end_all(session, person_id, now=now)  # before the account: it holds units
        account_id = queries.credentials_of_person(session, person_id, lock=True).account_id
        everybody = queries.alias_ids(session, person_id)
        for one in everybody:
            id_numbers.erase(session, one, now=now)
            for kind in (notice.PRIVACY, notice.ID_NUMBER):
                privacy.end(session, one, kind, now=now)
            corrections.take_back_all(session, one, by=person_id, now=now)
        session.execute(update(PersonRow).where(PersonRow.id.in_(everybody)).values(closed_at=now))
        account_ending.send(person_id=person_id, at=now)
        session.execute(
            update(AccountRow).where(AccountRow.id == account_id).values(state="closed", state_reason=BY_ONESELF)
        )
        sessions.end_others(session, account_id, but=None, now=now)
        account_disabled.send(person_id=person_id, at=now)
        audit.record(
            session,
            action="account.closed",
            object_type="account",
            object_id=account_id,
            actor_id=person_id,
            now=now,
        )
