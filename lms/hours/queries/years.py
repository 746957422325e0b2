"""Reads a person's years: totals are always sums over entries, never a stored figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from lms.accounts.queries import aliases
from lms.hours.domain.months import by_month
from lms.hours.domain.targets import (
    Cadre,
    Demand,
    Ledger,
    Summary,
    TargetSet,
    demands,
    earned_in,
    in_force,
    required_in_year,
    standing,
    summarised,
)
from lms.hours.models import CreditEntryRow
from lms.hours.queries.ledger import Entry, lines
from lms.hours.queries.targets import cadre, target_sets


@dataclass(frozen=True)
class Year:
    """A person's year: both ledgers against what the year asks for, and the lines."""

    year: int
    self_study: Summary
    centralized: Summary
    entries: tuple[Entry, ...]

    @property
    def months(self) -> tuple[int, ...]:
        """What stands from each of the twelve months, in hundredths; together the hours of the year."""
        return by_month(self.entries)


@dataclass(frozen=True)
class Line:
    """What totals need of a line of the ledger."""

    id: UUID
    ledger: str
    hours: int
    earned_at: datetime
    count_year: int
    reversal_of: UUID | None


@dataclass(frozen=True)
class Overview:
    """A person's year without its lines: each demand with where they stand, and the months of both ledgers in hundredths."""

    year: int
    cadre: Cadre
    targets: TargetSet | None
    demands: tuple[tuple[Demand, Summary], ...]
    self_study: Summary
    centralized: Summary
    months: dict[Ledger, tuple[int, ...]]
    years: tuple[int, ...]


def year_of(session: Session, person_id: UUID, year: int) -> Year:
    """A person's ledger of one calendar year, the newest line first. Three statements."""
    entries = lines(session, *_mine(person_id, year))
    asked = demands(in_force(target_sets(session), year), cadre(session, person_id), year)
    return Year(
        year,
        _in_year(entries, asked, Ledger.SELF_STUDY, year),
        _in_year(entries, asked, Ledger.CENTRALIZED, year),
        entries,
    )


def overview(session: Session, person_id: UUID, year: int) -> Overview:
    """Where a person stands in a calendar year, and in which years they earned anything. Three statements at any size."""
    found = _lines(session, person_id)
    who = cadre(session, person_id)
    targets = in_force(target_sets(session), year)
    asked = demands(targets, who, year)
    of_year = [one for one in found if one.count_year == year]
    return Overview(
        year,
        who,
        targets,
        tuple((one, standing(one, found)) for one in asked),
        _in_year(of_year, asked, Ledger.SELF_STUDY, year),
        _in_year(of_year, asked, Ledger.CENTRALIZED, year),
        {ledger: by_month(one for one in of_year if one.ledger == ledger) for ledger in Ledger},
        tuple(sorted({one.count_year for one in found}, reverse=True)),
    )


def entries_of_year(
    session: Session, person_id: UUID, year: int, *, before: UUID | None = None, limit: int
) -> tuple[Entry, ...]:
    """A piece of a person's lines of one calendar year, the newest first; `before` is the last line of the piece before."""
    conditions = [*_mine(person_id, year)]
    if before is not None:
        last = select(CreditEntryRow.earned_at).where(CreditEntryRow.id == before, *_mine(person_id, year))
        at = last.scalar_subquery()
        conditions.append(
            or_(CreditEntryRow.earned_at < at, and_(CreditEntryRow.earned_at == at, CreditEntryRow.id < before))
        )
    return lines(session, *conditions, limit=limit)


def _in_year(entries: Iterable[Entry | Line], asked: Iterable[Demand], ledger: Ledger, year: int) -> Summary:
    return summarised(earned_in(entries, ledger, year), required_in_year(asked, ledger))


def _mine(person_id: UUID, year: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return CreditEntryRow.person_id.in_(aliases(person_id)), CreditEntryRow.count_year == year


def _lines(session: Session, person_id: UUID) -> tuple[Line, ...]:
    rows = session.execute(
        select(
            CreditEntryRow.id,
            CreditEntryRow.ledger,
            CreditEntryRow.hours,
            CreditEntryRow.earned_at,
            CreditEntryRow.count_year,
            CreditEntryRow.reversal_of,
        ).where(CreditEntryRow.person_id.in_(aliases(person_id)))
    )
    return tuple(Line(*row) for row in rows)
