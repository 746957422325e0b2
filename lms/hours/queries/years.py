"""Reads a person's years: totals are always sums over entries, never a stored figure."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.queries import aliases
from lms.hours.domain.months import by_month
from lms.hours.domain.targets import SELF_STUDY_YEAR, Ledger, Summary, Target, summary
from lms.hours.models import CreditEntryRow
from lms.hours.queries.ledger import Entry, lines

CENTRALIZED_YEAR = Target(
    Ledger.CENTRALIZED, 0
)  # targets by category of cadre need the category, which accounts do not hold


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


def year_of(session: Session, person_id: UUID, year: int) -> Year:
    """A person's ledger of one calendar year, the newest line first."""
    entries = lines(session, CreditEntryRow.person_id.in_(aliases(person_id)), CreditEntryRow.count_year == year)
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
