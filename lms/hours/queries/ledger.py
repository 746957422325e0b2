"""Reads lines of the ledger, and counts what joined accounts earned too."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.hours.models import CreditEntryRow, HoursRuleRow
from lms.infra.subtrees import within
from lms.infra.types import Uuid
from lms.kernel.errors import NotFound


@dataclass(frozen=True)
class Entry:
    """A line of the ledger; hours in hundredths, negative for a reversal. What was approved one level up has the rule "approved"."""

    id: UUID
    ledger: str
    source: str
    source_id: UUID
    title: str
    hours: int
    rule_kind: str
    rule_version: int
    earned_at: datetime
    count_year: int
    reversal_of: UUID | None
    reason: str
    round: int


_OF_COURSES = select(func.sum(CreditEntryRow.hours)).where(
    CreditEntryRow.person_id.in_(aliases(bindparam("person_id", type_=Uuid))),
    CreditEntryRow.source == "course",
    CreditEntryRow.source_id.in_(bindparam("course_ids", expanding=True)),
)


def hours_of_courses(session: Session, person_id: UUID, course_ids: Iterable[UUID]) -> int:
    """What a person holds for some courses, in hundredths, whenever it was earned."""
    total = session.execute(_OF_COURSES, {"person_id": person_id, "course_ids": list(course_ids)}).scalar()
    return int(total or 0)


def entries_of(session: Session, person_id: UUID) -> tuple[Entry, ...]:
    """All lines of a person's ledger, the newest first."""
    return lines(session, CreditEntryRow.person_id.in_(aliases(person_id)))


def lines(session: Session, *conditions: ColumnElement[bool], limit: int | None = None) -> tuple[Entry, ...]:
    """Lines of the ledger that meet conditions, the newest first."""
    rows = session.execute(
        select(
            CreditEntryRow.id,
            CreditEntryRow.ledger,
            CreditEntryRow.source,
            CreditEntryRow.source_id,
            CreditEntryRow.title,
            CreditEntryRow.hours,
            func.coalesce(HoursRuleRow.kind, "approved"),
            func.coalesce(HoursRuleRow.version, 1),
            CreditEntryRow.earned_at,
            CreditEntryRow.count_year,
            CreditEntryRow.reversal_of,
            CreditEntryRow.reason,
            CreditEntryRow.round,
        )
        .outerjoin(HoursRuleRow, HoursRuleRow.id == CreditEntryRow.rule_id)
        .where(*conditions)
        .order_by(CreditEntryRow.earned_at.desc(), CreditEntryRow.id.desc())
        .limit(limit)
    )
    return tuple(Entry(*tuple(row)) for row in rows)


def own_entry(session: Session, person_id: UUID, entry_id: UUID) -> Entry:
    """One of a person's lines. Raises NotFound, alike for another's and for none."""
    found = lines(session, CreditEntryRow.id == entry_id, CreditEntryRow.person_id.in_(aliases(person_id)))
    if not found:
        raise NotFound
    return found[0]


def owner_within(session: Session, entry_id: UUID, scopes: tuple[str, ...]) -> UUID:
    """Who holds an entry today: the person, or whom they turned out to be. Raises NotFound, alike outside the subtrees."""
    earner, owner = aliased(PersonRow), aliased(PersonRow)
    found = session.execute(
        select(owner.id)
        .join(earner, owner.id == func.coalesce(earner.merged_into, earner.id))
        .join(CreditEntryRow, CreditEntryRow.person_id == earner.id)
        .where(CreditEntryRow.id == entry_id, within(owner.unit_path, scopes))
    ).scalar()
    if found is None:
        raise NotFound
    return found


def doubles(session: Session, person_id: UUID) -> tuple[UUID, ...]:
    """Standing entries that repeat an earlier one of the same source and year, by another of a person's joined accounts."""
    taken_back = aliased(CreditEntryRow)
    place = func.row_number().over(
        partition_by=(CreditEntryRow.source, CreditEntryRow.source_id, CreditEntryRow.count_year),
        order_by=(CreditEntryRow.earned_at, CreditEntryRow.id),
    )
    standing = (
        select(CreditEntryRow.id, place.label("place"))
        .outerjoin(taken_back, taken_back.reversal_of == CreditEntryRow.id)
        .where(
            CreditEntryRow.person_id.in_(aliases(person_id)),
            CreditEntryRow.reversal_of.is_(None),
            taken_back.id.is_(None),
        )
        .subquery()
    )
    return tuple(session.execute(select(standing.c.id).where(standing.c.place > 1)).scalars())


def reversed_rounds(session: Session, person_id: UUID, source: str, source_id: UUID, year: int) -> tuple[int, int]:
    """(entries, reversals) of one source in one year: equal when nothing stands any more."""
    mine = (
        CreditEntryRow.person_id.in_(aliases(person_id)),
        CreditEntryRow.source == source,
        CreditEntryRow.source_id == source_id,
        CreditEntryRow.count_year == year,
    )
    counts = session.execute(select(func.count(), func.count(CreditEntryRow.reversal_of)).where(*mine)).one()
    return counts[0] - counts[1], counts[1]
