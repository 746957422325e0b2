"""Reads what sign-ins are checked against."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import AccountRow
from lms.infra import crypto


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is checked against."""

    account_id: UUID
    person_id: UUID
    username: str
    password_hash: str
    totp_secret: str | None
    active: bool


def credentials(session: Session, username: str) -> Credentials | None:
    """The account of a user name, None when there is none."""
    row = session.execute(
        select(
            AccountRow.id,
            AccountRow.person_id,
            AccountRow.username,
            AccountRow.password_hash,
            AccountRow.totp_sealed,
            AccountRow.state,
        ).where(AccountRow.username == username)
    ).first()
    if row is None:
        return None
    secret = crypto.decrypt(row.totp_sealed) if row.totp_sealed else None
    return Credentials(row.id, row.person_id, row.username, row.password_hash, secret, row.state == "active")
