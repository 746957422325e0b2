"""Hashes passwords with argon2id, always outside any transaction, and changes them."""

import secrets
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain import passwords as rules
from lms.accounts.models import AccountRow, PasswordHistoryRow, SignInCodeRow
from lms.accounts.service import sessions
from lms.accounts.service.policy import Browser, NotActive, Policy
from lms.audit import service as audit
from lms.infra import ratelimit
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid, TooMany
from lms.kernel.principal import Principal
from lms.kernel.verdict import Denied

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's argon2id floor
NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe(16))
"""What a name that does not exist is checked against, so that it takes the same time."""

PASSWORD_PROBLEMS = {
    "short": N_("密码太短，请使用更长的密码"),
    "long": N_("密码太长"),
    "classes": N_("密码须包含大写字母、小写字母、数字、符号中的至少三种"),
    "common": N_("密码过于常见或有规律，容易被猜到"),
    "personal": N_("密码不能包含姓名、用户名、手机号码或证件号码"),
}
REUSED = N_("不能使用最近用过的密码")
OLD_IS_WRONG = N_("当前密码不正确")
CHANGES_PER_WINDOW, WINDOW_SECONDS = 10, 900


class PasswordChangedElsewhere(Conflict):
    """The password was changed by another request in the meantime."""

    code, title = "password_changed", N_("密码刚刚已被修改，请重新登录")


def hash_password(password: str) -> str:
    """The argon2id hash; several accounts may be given the same one (demo learners)."""
    return _hasher.hash(password)


def verify(password_hash: str, password: str) -> bool:
    """Whether the password is the one that was hashed; a hash that is none matches nothing, and takes as long."""
    try:
        return _hasher.verify(password_hash or NOBODYS_HASH, password) and password_hash != ""
    except (VerificationError, InvalidHashError):
        return False


def refuse_weak(password: str, personal: rules.Personal, *, policy: Policy) -> None:
    """Raises Invalid when a password breaks a rule."""
    verdict = rules.judge(password, minimum_length=policy.password_min_length, personal=personal)
    if isinstance(verdict, Denied):
        raise Invalid(fields={"password": PASSWORD_PROBLEMS[verdict.reason]})


def asks_old(person_id: UUID) -> bool:
    """Whether there is a password that a change has to name; none is left after signing in with a one-time code."""
    with reading() as session:
        return queries.credentials_of_person(session, person_id).password_hash != ""


def change(
    principal: Principal, old: str, new: str, *, policy: Policy, browser: Browser, now: datetime
) -> queries.OpenSession:
    """Sets one's own new password, ends every session of the account and opens a fresh one for this browser.

    Whoever had got in with the old password is out at once, and nothing that knew this session's id can go on with it.
    Raises Invalid naming the field, TooMany, PasswordChangedElsewhere.
    """
    if not ratelimit.hit(
        "password", str(principal.account_id), limit=CHANGES_PER_WINDOW, window_seconds=WINDOW_SECONDS
    ):
        raise TooMany
    with reading() as session:
        known = queries.credentials_of_person(session, principal.person_id)
        earlier = queries.earlier_hashes(session, known.account_id, limit=policy.password_history)
        personal = queries.personal(session, principal.person_id)
    if known.password_hash and not verify(known.password_hash, old):
        with unit_of_work() as session:
            _note(session, known.account_id, principal.person_id, result="refused", now=now)
        raise Invalid(fields={"old": OLD_IS_WRONG})
    refuse_weak(new, personal, policy=policy)
    if any(verify(one, new) for one in (known.password_hash, *earlier) if one):
        raise Invalid(fields={"password": REUSED})
    new_hash = hash_password(new)
    with unit_of_work() as session:
        now_known = queries.credentials_of_person(session, principal.person_id, lock=True)
        if now_known.password_hash != known.password_hash:
            raise PasswordChangedElsewhere
        if not now_known.active:
            raise NotActive
        keep_in_history(session, known, keep=policy.password_history, now=now)
        session.execute(
            update(AccountRow)
            .where(AccountRow.id == known.account_id)
            .values(password_hash=new_hash, password_at=now, duty_password=False)
        )
        session.execute(
            update(SignInCodeRow)
            .where(SignInCodeRow.account_id == known.account_id, SignInCodeRow.ended_at.is_(None))
            .values(ended_at=now)
        )
        sessions.end_others(session, known.account_id, but=None, now=now)
        opened = sessions.open_session(session, known.account_id, hours=policy.session_hours, browser=browser, now=now)
        _note(session, known.account_id, principal.person_id, result="ok", now=now)
    return opened


def _note(session: Session, account_id: UUID, person_id: UUID, *, result: str, now: datetime) -> None:
    audit.record(
        session,
        action="password.changed",
        object_type="account",
        object_id=account_id,
        actor_id=person_id,
        result=result,
        now=now,
    )


def keep_in_history(session: Session, known: queries.Credentials, *, keep: int, now: datetime) -> None:
    """Remembers the present password as an earlier one, in the running unit of work, and forgets those beyond `keep`."""
    if not known.password_hash:
        return
    session.add(
        PasswordHistoryRow(
            id=ids.new_id(now), account_id=known.account_id, password_hash=known.password_hash, set_at=now
        )
    )
    session.flush()
    kept = (
        select(PasswordHistoryRow.id)
        .where(PasswordHistoryRow.account_id == known.account_id)
        .order_by(PasswordHistoryRow.set_at.desc(), PasswordHistoryRow.id.desc())
        .limit(keep)
    )
    session.execute(
        delete(PasswordHistoryRow).where(
            PasswordHistoryRow.account_id == known.account_id, PasswordHistoryRow.id.not_in(kept)
        )
    )
