"""Reads people."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import AccountRow, PersonRow
from lms.infra import db
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow


@dataclass(frozen=True)
class Person:
    """A person with the unit they belong to today."""

    id: UUID
    name: str
    sex: str
    unit_id: UUID
    unit_path: str
    unit_name: str
    post: str


_PERSON = (PersonRow.id, PersonRow.name, PersonRow.sex, UnitRow.id, UnitRow.path, UnitRow.name, PersonRow.post)


def person(session: Session, person_id: UUID) -> Person:
    """One person. Raises NotFound."""
    row = session.execute(
        select(*_PERSON).join(UnitRow, UnitRow.id == PersonRow.unit_id).where(PersonRow.id == person_id)
    ).first()
    if row is None:
        raise NotFound
    return Person(*row)


def lock_person(session: Session, person_id: UUID) -> None:
    """Makes what else is done for this person wait until the unit of work ends; on SQLite the writer is alone anyway."""
    if db.dialect() == "postgresql":
        session.execute(select(PersonRow.id).where(PersonRow.id == person_id).with_for_update(key_share=True))


def names(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names by person id, for lists that show who did something."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    return {
        row.id: row.name
        for row in session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(wanted)))
    }


def person_of_username(session: Session, username: str) -> Person:
    """The person who signs in as `username`. Raises NotFound."""
    row = session.execute(select(AccountRow.person_id).where(AccountRow.username == username.lower())).first()
    if row is None:
        raise NotFound
    return person(session, row.person_id)
