"""Reads what sign-ins are checked against."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from lms.accounts.domain.passwords import Personal
from lms.accounts.models import AccountRow, PasswordHistoryRow, PersonRow, RecoveryCodeRow, SignInCodeRow
from lms.infra import pinyin
from lms.infra.db import for_update
from lms.infra.sealing import unseal
from lms.kernel.errors import NotFound


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is checked against; an empty `password_hash` matches nothing."""

    account_id: UUID
    person_id: UUID
    username: str
    password_hash: str
    totp_secret: str | None
    active: bool
    totp_step: int = 0
    state: str = "active"


@dataclass(frozen=True)
class SignInCode:
    """A one-time code that holds; `issued_by` is None when nobody of the staff issued it."""

    id: UUID
    issued_by: UUID | None
    way: str
    issued_at: datetime


def credentials(session: Session, username: str) -> Credentials | None:
    """The account of a user name, None when there is none."""
    return _credentials(session, _ACCOUNT.where(AccountRow.username == username))


def credentials_of_person(session: Session, person_id: UUID, *, lock: bool = False) -> Credentials:
    """The account of a person; `lock` keeps it as it is until the unit of work ends. Raises NotFound."""
    statement = _ACCOUNT.where(AccountRow.person_id == person_id)
    found = _credentials(session, for_update(statement, referable=True) if lock else statement)
    if found is None:
        raise NotFound
    return found


def held_open(session: Session, person_id: UUID) -> bool:
    """Whether nobody has disabled, closed or joined the account of a person, nor does until the unit of work ends."""
    statement = for_update(select(AccountRow.state).where(AccountRow.person_id == person_id), referable=True)
    return session.execute(statement).scalar() in {None, "active"}


_ACCOUNT = select(
    AccountRow.id,
    AccountRow.person_id,
    AccountRow.username,
    AccountRow.password_hash,
    AccountRow.totp_sealed,
    AccountRow.totp_step,
    AccountRow.state,
)


def _credentials(session: Session, statement: Select[UUID, UUID, str, str, str | None, int, str]) -> Credentials | None:
    row = session.execute(statement).first()
    if row is None:
        return None
    return Credentials(
        row.id,
        row.person_id,
        row.username,
        row.password_hash,
        unseal(AccountRow.totp_sealed, row.id, row.totp_sealed) or None,
        row.state == "active",
        row.totp_step,
        row.state,
    )


def earlier_hashes(session: Session, account_id: UUID, *, limit: int) -> tuple[str, ...]:
    """The hashes of the latest passwords before the present one."""
    rows = session.execute(
        select(PasswordHistoryRow.password_hash)
        .where(PasswordHistoryRow.account_id == account_id)
        .order_by(PasswordHistoryRow.set_at.desc(), PasswordHistoryRow.id.desc())
        .limit(limit)
    )
    return tuple(rows.scalars())


def personal(session: Session, person_id: UUID) -> Personal:
    """What a password of this person must not hold. Raises NotFound.

    An ID number counts once it was compared: before that, a refusal would tell whether the one they gave was kept.
    """
    row = session.execute(
        select(
            PersonRow.name,
            PersonRow.mobile_sealed,
            case((PersonRow.identity_level == "id_number", PersonRow.id_number_sealed)).label("id_number_sealed"),
            AccountRow.username,
        )
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .where(PersonRow.id == person_id)
    ).first()
    if row is None:
        raise NotFound
    numbers = [
        unseal(PersonRow.mobile_sealed, person_id, row.mobile_sealed),
        unseal(PersonRow.id_number_sealed, person_id, row.id_number_sealed),
    ]
    return personal_of(row.name, row.username, numbers)


def personal_of(name: str, username: str, numbers: Iterable[str]) -> Personal:
    """The same from what a person tells of themselves; the name counts in characters and in pinyin."""
    return Personal((name, pinyin.key_of(name, person=True), username), tuple(numbers))


def recovery_codes_left(session: Session, account_id: UUID) -> int:
    """How many codes that stand for the second factor are unused."""
    return session.execute(
        select(func.count()).where(RecoveryCodeRow.account_id == account_id, RecoveryCodeRow.used_at.is_(None))
    ).scalar_one()


def holding_code(session: Session, account_id: UUID, code_hash: str, *, now: datetime) -> SignInCode | None:
    """The unused one-time code of an account with this hash, None when there is none."""
    row = session.execute(
        select(SignInCodeRow.id, SignInCodeRow.issued_by, SignInCodeRow.way, SignInCodeRow.issued_at).where(
            SignInCodeRow.account_id == account_id,
            SignInCodeRow.code_hash == code_hash,
            SignInCodeRow.ended_at.is_(None),
            SignInCodeRow.expires_at > now,
        )
    ).first()
    return SignInCode(row.id, row.issued_by, row.way, row.issued_at) if row else None
