"""Reads accommodations: what holds for a person on a day, what waits, and every version of a person's."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accommodations.domain.measures import NOTHING, Measure
from lms.accommodations.models import AccommodationRow
from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.infra.subtrees import within
from lms.infra.types import Uuid
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow

MOST_SHOWN = 50


@dataclass(frozen=True)
class Accommodation:
    """One version with who stands for it. `person_*` is whose it is today, also when it was granted to a joined account."""

    id: UUID
    version: int
    exam_percent: int
    presence_percent: int
    basis: str
    reference: str
    from_on: date
    until_on: date | None
    state: str
    proposed_by: UUID
    proposer: str
    proposed_at: datetime
    decider: str | None
    decided_at: datetime | None
    comment: str
    revoker: str | None
    revoked_at: datetime | None
    revoked_reason: str
    person_id: UUID
    person_name: str
    unit_name: str

    def holds(self, day: date) -> bool:
        """Whether it is granted for that day in China."""
        return self.state == "confirmed" and self.from_on <= day and (self.until_on is None or day <= self.until_on)


def holding(people: Any, day: Any) -> Select[*tuple[Any, ...]]:
    """The newest version that holds on a day for one of some accounts of a person: a statement of at most one row.

    `people` is a list of ids or a statement that gives them, `day` a date or a bound parameter of that type.
    """
    return (
        select(AccommodationRow.exam_percent, AccommodationRow.presence_percent)
        .where(
            AccommodationRow.person_id.in_(people),
            AccommodationRow.state == "confirmed",
            AccommodationRow.from_on <= day,
            or_(AccommodationRow.until_on.is_(None), AccommodationRow.until_on >= day),
        )
        .order_by(AccommodationRow.decided_at.desc(), AccommodationRow.version.desc())
        .limit(1)
    )


# Built once, for every lecture page asks it.
_OF_PERSON = holding(aliases(bindparam("person_id", type_=Uuid)), bindparam("day", type_=Date))


def measure(session: Session, person_id: UUID, day: date) -> Measure:
    """What holds for a person, under whatever account, on a day in China. One statement."""
    row = session.execute(_OF_PERSON, {"person_id": person_id, "day": day}).first()
    return Measure(*row) if row else NOTHING


def accommodations_of(session: Session, person_id: UUID) -> tuple[Accommodation, ...]:
    """All versions of a person under whatever account, the newest first; the newest fifty."""
    mine = AccommodationRow.person_id.in_(aliases(person_id))
    return _read(session, mine, newest_first=True, limit=MOST_SHOWN)


def waiting(
    session: Session, scopes: tuple[str, ...], *, after: UUID | None = None, limit: int
) -> tuple[Accommodation, ...]:
    """Proposals that wait for their second person, within some subtrees, the oldest first. One statement."""
    conditions = [AccommodationRow.state == "proposed"]
    if after is not None:
        conditions.append(AccommodationRow.id > after)
    return _read(session, *conditions, scopes=scopes, limit=limit)


def accommodation(session: Session, accommodation_id: UUID, scopes: tuple[str, ...]) -> Accommodation:
    """One version within some subtrees. Raises NotFound, alike for those elsewhere and for none."""
    found = _read(session, AccommodationRow.id == accommodation_id, scopes=scopes, limit=1)
    if not found:
        raise NotFound
    return found[0]


def newest_version(session: Session, person_id: UUID) -> int:
    """The highest version of an account, 0 for none."""
    highest = select(func.max(AccommodationRow.version)).where(AccommodationRow.person_id == person_id)
    return session.execute(highest).scalar() or 0


def _read(
    session: Session,
    *conditions: ColumnElement[bool],
    scopes: tuple[str, ...] | None = None,
    newest_first: bool = False,
    limit: int,
) -> tuple[Accommodation, ...]:
    granted, owner, proposer, decider, revoker = (aliased(PersonRow) for _ in range(5))
    newest = (AccommodationRow.proposed_at.desc(), AccommodationRow.version.desc())
    order = newest if newest_first else (AccommodationRow.id,)
    reach = () if scopes is None else (within(owner.unit_path, scopes),)
    rows = session.execute(
        select(
            AccommodationRow.id,
            AccommodationRow.version,
            AccommodationRow.exam_percent,
            AccommodationRow.presence_percent,
            AccommodationRow.basis,
            AccommodationRow.reference,
            AccommodationRow.from_on,
            AccommodationRow.until_on,
            AccommodationRow.state,
            AccommodationRow.proposed_by,
            proposer.name,
            AccommodationRow.proposed_at,
            decider.name,
            AccommodationRow.decided_at,
            AccommodationRow.comment,
            revoker.name,
            AccommodationRow.revoked_at,
            AccommodationRow.revoked_reason,
            owner.id,
            owner.name,
            UnitRow.name,
        )
        .join(granted, granted.id == AccommodationRow.person_id)
        .join(owner, owner.id == func.coalesce(granted.merged_into, granted.id))
        .join(UnitRow, UnitRow.id == owner.unit_id)
        .join(proposer, proposer.id == AccommodationRow.proposed_by)
        .outerjoin(decider, decider.id == AccommodationRow.decided_by)
        .outerjoin(revoker, revoker.id == AccommodationRow.revoked_by)
        .where(*reach, *conditions)
        .order_by(*order)
        .limit(limit)
    )
    return tuple(Accommodation(*tuple(row)) for row in rows)
