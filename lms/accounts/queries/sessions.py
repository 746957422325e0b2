"""Reads the open sign-ins of an account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import AuthSessionRow

SHOWN = 50


@dataclass(frozen=True)
class OpenSession:
    """A browser that is signed in; `seen_at` is the last act that was noted."""

    id: UUID
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    browser: str


def open_sessions(session: Session, account_id: UUID, *, now: datetime) -> tuple[OpenSession, ...]:
    """The latest sign-ins that nobody ended, the most recently used first; at most SHOWN."""
    rows = session.execute(
        select(
            AuthSessionRow.id,
            AuthSessionRow.opened_at,
            AuthSessionRow.seen_at,
            AuthSessionRow.expires_at,
            AuthSessionRow.address,
            AuthSessionRow.browser,
        )
        .where(
            AuthSessionRow.account_id == account_id, AuthSessionRow.ended_at.is_(None), AuthSessionRow.expires_at > now
        )
        .order_by(AuthSessionRow.seen_at.desc(), AuthSessionRow.id)
        .limit(SHOWN)
    )
    return tuple(OpenSession(*row) for row in rows)
