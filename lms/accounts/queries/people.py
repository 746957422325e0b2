"""Reads people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import AccountRow, MembershipRow, PersonRow
from lms.infra import db
from lms.infra.subtrees import within
from lms.infra.types import Uuid
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
    identity_level: str = "declared"

    @property
    def confirmed(self) -> bool:
        """Whether somebody beside the person vouches for who they are; certificates need that."""
        return self.identity_level != "declared"


_PERSON = (
    PersonRow.id,
    PersonRow.name,
    PersonRow.sex,
    UnitRow.id,
    UnitRow.path,
    UnitRow.name,
    PersonRow.post,
    PersonRow.identity_level,
)


_ONE_PERSON = (
    select(*_PERSON)
    .join(UnitRow, UnitRow.id == PersonRow.unit_id)
    .where(PersonRow.id == bindparam("person_id", type_=Uuid))
)


def person(session: Session, person_id: UUID) -> Person:
    """One person. Raises NotFound."""
    row = session.execute(_ONE_PERSON, {"person_id": person_id}).first()
    if row is None:
        raise NotFound
    return Person(*row)


def still_there(session: Session, person_id: UUID) -> bool:
    """Whether a person was neither joined with another one nor left."""
    present = select(PersonRow.id).where(
        PersonRow.id == person_id, PersonRow.merged_into.is_(None), PersonRow.closed_at.is_(None)
    )
    return session.execute(present).first() is not None


def aliases(person_id: UUID | BindParameter[UUID]) -> Select[UUID]:
    """For `column.in_(…)`: the person and all who were joined into them. What is official was earned by any of these."""
    mine = or_(PersonRow.id == person_id, PersonRow.merged_into == person_id)
    return select(PersonRow.id).where(mine).correlate(None)


def alias_ids(session: Session, person_id: UUID) -> tuple[UUID, ...]:
    """The person, first, and all who were joined into them."""
    found = session.execute(aliases(person_id)).scalars()
    return (person_id, *(one for one in found if one != person_id))


def own_among(session: Session, person_id: UUID, ids: Iterable[UUID | None]) -> frozenset[UUID]:
    """Those of some people who are this person, under whatever account: what takes two persons is not for two accounts of one."""
    asked = frozenset(one for one in ids if one is not None)
    if asked <= {person_id}:
        return asked
    return asked.intersection(alias_ids(session, person_id))


def kept_id(session: Session, person_id: UUID) -> UUID:
    """The person whom somebody turned out to be, else themselves. Raises NotFound."""
    found = session.execute(
        select(func.coalesce(PersonRow.merged_into, PersonRow.id)).where(PersonRow.id == person_id)
    ).scalar()
    if found is None:
        raise NotFound
    return UUID(str(found))


def joined_to(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The persons whom those of some people turned out to be who were joined to another."""
    rows = session.execute(
        select(PersonRow.id, PersonRow.merged_into).where(
            PersonRow.id.in_(person_ids), PersonRow.merged_into.is_not(None)
        )
    )
    return {row.id: row.merged_into for row in rows}


@dataclass(frozen=True)
class CadreFacts:
    """What is asked of a cadre depends on: category, day of the present post, and since when they are listed in any unit."""

    category: str
    appointed_on: date | None
    listed_on: date | None


def cadre_facts(session: Session, person_id: UUID) -> CadreFacts:
    """The facts of one person. One statement. Raises NotFound."""
    found = facts_of_cadres(session, [person_id])
    if not found:
        raise NotFound
    return found[person_id]


def facts_of_cadres(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, CadreFacts]:
    """The facts of some people, by person. One statement."""
    listed = select(func.min(MembershipRow.from_on)).where(MembershipRow.person_id == PersonRow.id).scalar_subquery()
    rows = session.execute(
        select(PersonRow.id, PersonRow.category, PersonRow.appointed_on, listed).where(PersonRow.id.in_(person_ids))
    )
    return {row[0]: CadreFacts(row[1], row[2], row[3]) for row in rows}


def held_kept_id(session: Session, person_id: UUID) -> UUID:
    """The account that stays of a person, which no joining changes until the unit of work ends. Raises NotFound."""
    lock_person(session, person_id)
    return kept_id(session, person_id)


def held_unjoined(session: Session, person_id: UUID) -> bool:
    """Whether the account is a person's own, which no joining changes until the unit of work ends. One statement."""
    statement = select(PersonRow.id).where(PersonRow.id == person_id, PersonRow.merged_into.is_(None))
    return session.execute(statement.with_for_update(read=True)).first() is not None


def lock_person(session: Session, *person_ids: UUID) -> None:
    """Makes what else is done for these people wait until the unit of work ends; on SQLite the writer is alone anyway.

    Several are locked at once, in one order: of two who act on each other, one waits instead of both for ever. Who turned out
    to be one of them is locked along, as they stand where that one does and move with them, also who did so during the wait.
    """
    theirs = or_(PersonRow.id.in_(person_ids), PersonRow.merged_into.in_(person_ids))
    db.hold_all(session, select(PersonRow.id).where(theirs).order_by(PersonRow.id))


def lock_people_at(session: Session, path: str) -> None:
    """The same for all who are listed at a path or below."""
    db.hold(session, select(PersonRow.id).where(within(PersonRow.unit_path, [path])).order_by(PersonRow.id))


def names(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names by person id, for lists that show who did something."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    return {
        row.id: row.name
        for row in session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(wanted)))
    }


def names_within(session: Session, person_ids: Iterable[UUID], scopes: tuple[str, ...]) -> dict[UUID, str]:
    """The same of those who belong to some subtrees today; who has left them is no longer named."""
    rows = session.execute(
        select(PersonRow.id, PersonRow.name).where(
            PersonRow.id.in_(set(person_ids)), within(PersonRow.unit_path, scopes)
        )
    )
    return {row.id: row.name for row in rows}


def person_of_username(session: Session, username: str) -> Person:
    """The person who signs in as `username`. Raises NotFound."""
    row = session.execute(select(AccountRow.person_id).where(AccountRow.username == username.lower())).first()
    if row is None:
        raise NotFound
    return person(session, row.person_id)
