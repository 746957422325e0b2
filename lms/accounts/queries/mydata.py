"""Reads what people see of themselves."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import AccountRow, PersonRow
from lms.infra.sealing import unseal
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow


@dataclass(frozen=True)
class Own:
    """A person's own facts; mobile and mail in full, for who masks them before they are shown."""

    name: str
    sex: str
    unit_name: str
    post: str
    category: str
    employment: str
    appointed_on: date | None
    mobile: str
    mail: str
    identity_level: str
    username: str
    state: str


def own(session: Session, person_id: UUID) -> Own:
    """What is known of a person. One statement. Raises NotFound."""
    row = session.execute(
        select(PersonRow, AccountRow, UnitRow.name)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .where(PersonRow.id == person_id)
    ).first()
    if row is None:
        raise NotFound
    person, account, unit_name = row
    return Own(
        name=person.name,
        sex=person.sex,
        unit_name=unit_name,
        post=person.post,
        category=person.category,
        employment=person.employment,
        appointed_on=person.appointed_on,
        mobile=unseal(PersonRow.mobile_sealed, person.id, person.mobile_sealed),
        mail=unseal(PersonRow.mail_sealed, person.id, person.mail_sealed),
        identity_level=person.identity_level,
        username=account.username,
        state=account.state,
    )
