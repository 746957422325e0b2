"""Somebody lets another one in: the code on a slip that a member of staff prints."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from lms.accounts.models import AccountRow, SignInCodeRow
from lms.infra.db import unit_of_work
from lms.kernel import ids


def hand_code(by: UUID, person_id: UUID, *, at: datetime) -> None:
    """`by` prints a slip for a person, which was used since."""
    with unit_of_work() as session:
        account_id = session.execute(select(AccountRow.id).where(AccountRow.person_id == person_id)).scalar_one()
        session.add(
            SignInCodeRow(
                id=ids.new_id(at),
                account_id=account_id,
                code_hash=ids.new_id(at).hex,
                way="slip",
                issued_by=by,
                issued_at=at,
                expires_at=at + timedelta(hours=24),
                ended_at=at,
            )
        )
