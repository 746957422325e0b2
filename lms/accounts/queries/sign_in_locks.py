"""Reads how many user names are locked."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.accounts.models import SignInGuardRow


def count_locked(session: Session, *, now: datetime, limit: int) -> int:
    """How many user names, known or not, are locked at this moment, counted no further than `limit`."""
    some = select(SignInGuardRow.username).where(SignInGuardRow.locked_until > now).limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0
