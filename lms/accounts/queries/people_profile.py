"""Reads one person as staff see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import AccountRow, PersonRow
from lms.accounts.queries.people_list import Listed
from lms.infra.sealing import unseal
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow


@dataclass(frozen=True)
class Profile(Listed):
    """What the platform knows of a person and their account; `mobile` in full, for who masks it before it is shown.

    `identity_by` is the name of who confirmed their identity, empty for somebody out of reach, None where nobody did.
    """

    mobile: str
    has_id_number: bool
    identity_at: datetime | None
    identity_by: str | None
    merged_into: UUID | None
    closed_at: datetime | None
    created_at: datetime
    account_id: UUID
    state_reason: str
    has_password: bool
    has_second_factor: bool


def own_profile(session: Session, person_id: UUID, scopes: tuple[str, ...]) -> Profile:
    """The profile of somebody whose records are read: of joined accounts the one that stays has them. Raises NotFound for the
    other one, and outside of the scopes."""
    found = profile(session, person_id, scopes)
    if found.merged_into is not None:
        raise NotFound
    return found


def profile(session: Session, person_id: UUID, scopes: tuple[str, ...]) -> Profile:
    """One person in the scopes. One statement. Raises NotFound, alike for people elsewhere and for nobody."""
    confirmer = aliased(PersonRow)
    confirmed_by = case((within(confirmer.unit_path, scopes), confirmer.name), (confirmer.id.is_not(None), ""))
    row = session.execute(
        select(PersonRow, AccountRow, UnitRow.name, confirmed_by)
        .join(AccountRow, AccountRow.person_id == PersonRow.id)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .outerjoin(confirmer, confirmer.id == PersonRow.identity_by)
        .where(PersonRow.id == person_id, within(PersonRow.unit_path, scopes))
    ).first()
    if row is None:
        raise NotFound
    person, account, unit_name, confirmed_by_name = row
    return Profile(
        id=person.id,
        name=person.name,
        sex=person.sex,
        unit_id=person.unit_id,
        unit_name=unit_name,
        unit_path=person.unit_path,
        post=person.post,
        category=person.category,
        employment=person.employment,
        appointed_on=person.appointed_on,
        mobile=unseal(PersonRow.mobile_sealed, person.id, person.mobile_sealed),
        has_id_number=person.id_number_sealed is not None,
        identity_level=person.identity_level,
        identity_at=person.identity_at,
        identity_by=confirmed_by_name,
        merged_into=person.merged_into,
        closed_at=person.closed_at,
        created_at=person.created_at,
        account_id=account.id,
        username=account.username,
        state=account.state,
        state_reason=account.state_reason,
        has_password=account.password_hash != "",
        has_second_factor=account.totp_sealed is not None,
    )
