"""Takes accounts away and gives them back."""

from datetime import datetime

from sqlalchemy import update

from lms.accounts import queries
from lms.accounts.events import account_disabled, account_ending
from lms.accounts.models import AccountRow, AuthSessionRow
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Invalid
from lms.kernel.numbers import refuse_numbers

USERNAME_UNKNOWN = N_("没有这个用户名")


def disable(username: str, *, reason: str, now: datetime) -> None:
    """Disables an account and ends its sessions at once. Raises Invalid for an unknown name or a reason with a number."""
    refuse_numbers(reason=reason)
    with unit_of_work() as session:
        known = queries.credentials(session, username.lower())
        if known is None:
            raise Invalid(fields={"username": USERNAME_UNKNOWN})
        queries.lock_person(session, known.person_id)
        queries.credentials_of_person(session, known.person_id, lock=True)
        account_ending.send(None, person_id=known.person_id, at=now)
        session.execute(update(AccountRow).where(AccountRow.id == known.account_id).values(state="disabled"))
        session.execute(
            update(AuthSessionRow)
            .where(AuthSessionRow.account_id == known.account_id, AuthSessionRow.ended_at.is_(None))
            .values(ended_at=now)
        )
        audit.record(
            session,
            action="account.disabled",
            object_type="account",
            object_id=known.account_id,
            details={"reason": reason},
            now=now,
        )
        account_disabled.send(None, person_id=known.person_id, at=now)
