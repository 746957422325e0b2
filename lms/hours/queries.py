"""Reads the ledger: totals are always sums over entries, never a stored figure, and count what joined accounts earned too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.queries import aliases
from lms.hours.domain.months import by_month
from lms.hours.domain.rules import Rule, RuleKind, Step
from lms.hours.domain.targets import SELF_STUDY_YEAR, Ledger, Summary, Target, summary
from lms.hours.models import CreditEntryRow, HoursRuleRow


@dataclass(frozen=True)
class Entry:
    """A line of the ledger; hours in hundredths, negative for a reversal."""

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


@dataclass(frozen=True)
class Year:
    """A person's year: both ledgers against their targets, and the lines."""

    year: int
    self_study: Summary
    centralized: Summary
    entries: tuple[Entry, ...]

    @property
    def months(self) -> tuple[int, ...]:
        """What stands from each of the twelve months, in hundredths; together the hours of the year."""
        return by_month(self.entries)


CENTRALIZED_YEAR = Target(
    Ledger.CENTRALIZED, 0
)  # targets by category of cadre need the category, which accounts do not hold


@dataclass(frozen=True)
class RuleVersion:
    """A stored rule."""

    id: UUID
    rule: Rule


def year_of(session: Session, person_id: UUID, year: int) -> Year:
    """A person's ledger of one calendar year, the newest line first."""
    entries = _entries(session, CreditEntryRow.person_id.in_(aliases(person_id)), CreditEntryRow.count_year == year)
    return Year(year, summary(entries, year, SELF_STUDY_YEAR), summary(entries, year, CENTRALIZED_YEAR), entries)


def years_with_entries(session: Session, person_id: UUID) -> tuple[int, ...]:
    """The years in which a person earned anything, the newest first."""
    rows = session.execute(
        select(CreditEntryRow.count_year)
        .where(CreditEntryRow.person_id.in_(aliases(person_id)))
        .distinct()
        .order_by(CreditEntryRow.count_year.desc())
    )
    return tuple(row[0] for row in rows)


def hours_of_courses(session: Session, person_id: UUID, course_ids: Iterable[UUID]) -> int:
    """What a person holds for some courses, in hundredths, whenever it was earned."""
    total = session.execute(
        select(func.sum(CreditEntryRow.hours)).where(
            CreditEntryRow.person_id.in_(aliases(person_id)),
            CreditEntryRow.source == "course",
            CreditEntryRow.source_id.in_(list(course_ids)),
        )
    ).scalar()
    return int(total or 0)


def newest_rule(session: Session, course_id: UUID) -> RuleVersion | None:
    """The rule that holds for a course now, None before its first publication."""
    row = session.execute(
        select(HoursRuleRow.id, HoursRuleRow.version, HoursRuleRow.kind, HoursRuleRow.parameters)
        .where(HoursRuleRow.course_id == course_id)
        .order_by(HoursRuleRow.version.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return RuleVersion(row.id, _rule(row.kind, row.version, row.parameters))


def _rule(kind: str, version: int, parameters: Mapping[str, Any]) -> Rule:
    steps = tuple(Step(step["from_ms"], step["hours"]) for step in parameters.get("steps", ()))
    return Rule(RuleKind(kind), version, **{**parameters, "steps": steps})


def entries_of(session: Session, person_id: UUID) -> tuple[Entry, ...]:
    """All lines of a person's ledger, the newest first."""
    return _entries(session, CreditEntryRow.person_id.in_(aliases(person_id)))


def _entries(session: Session, *conditions: ColumnElement[bool]) -> tuple[Entry, ...]:
    rows = session.execute(
        select(
            CreditEntryRow.id,
            CreditEntryRow.ledger,
            CreditEntryRow.source,
            CreditEntryRow.source_id,
            CreditEntryRow.title,
            CreditEntryRow.hours,
            HoursRuleRow.kind,
            HoursRuleRow.version,
            CreditEntryRow.earned_at,
            CreditEntryRow.count_year,
            CreditEntryRow.reversal_of,
            CreditEntryRow.reason,
        )
        .join(HoursRuleRow, HoursRuleRow.id == CreditEntryRow.rule_id)
        .where(*conditions)
        .order_by(CreditEntryRow.earned_at.desc(), CreditEntryRow.id.desc())
    )
    return tuple(Entry(*tuple(row)) for row in rows)


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
