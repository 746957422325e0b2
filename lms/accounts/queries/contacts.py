"""Reads how a person is reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import AccountRow, PersonRow
from lms.infra.sealing import unseal
from lms.kernel.errors import NotFound


@dataclass(frozen=True)
class Contact:
    """Mail address and mobile number in clear; "" when there is none."""

    mail: str
    mobile: str


def contact(session: Session, person_id: UUID) -> Contact:
    """How to reach a person, for sending something to them; never for a page. Raises NotFound."""
    row = session.execute(
        select(PersonRow.mail_sealed, PersonRow.mobile_sealed).where(PersonRow.id == person_id)
    ).first()
    if row is None:
        raise NotFound
    return Contact(
        unseal(PersonRow.mail_sealed, person_id, row.mail_sealed),
        unseal(PersonRow.mobile_sealed, person_id, row.mobile_sealed),
    )


def mail_addresses(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The addresses of those of some people who gave one and can sign in, for sending something to them; never for a page."""
    rows = session.execute(
        select(PersonRow.id, PersonRow.mail_sealed)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .where(PersonRow.id.in_(person_ids), PersonRow.mail_sealed.is_not(None), AccountRow.state == "active")
    )
    return {row.id: unseal(PersonRow.mail_sealed, row.id, row.mail_sealed) for row in rows}
