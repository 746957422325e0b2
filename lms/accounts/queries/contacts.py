"""Reads how a person is reached."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.infra import crypto
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
    mail, mobile = (crypto.decrypt(sealed) if sealed else "" for sealed in row)
    return Contact(mail, mobile)
