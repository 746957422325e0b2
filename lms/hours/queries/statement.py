"""Reads what a person takes away of their hours. A fixed number of statements, however much was earned."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.hours.domain.statement import MOST_LINES, Line, Statement
from lms.hours.models import CreditEntryRow
from lms.hours.queries.ledger import lines


def statement(session: Session, person_id: UUID, *, now: datetime) -> Statement:
    """A person's hours under all their accounts: totals of everything, and the newest lines. Three statements. Raises NotFound."""
    person = accounts.person(session, person_id)
    mine = CreditEntryRow.person_id.in_(accounts.aliases(person_id))
    sums = session.execute(
        select(CreditEntryRow.count_year, CreditEntryRow.ledger, func.sum(CreditEntryRow.hours))
        .where(mine)
        .group_by(CreditEntryRow.count_year, CreditEntryRow.ledger)
    )
    found = lines(session, mine, limit=MOST_LINES + 1)
    return Statement(
        name=person.name,
        unit=person.unit_name,
        made_at=now,
        totals={(row[0], row[1]): int(row[2]) for row in sums},
        lines=[
            Line(
                number=one.id.hex[-8:],
                title=one.title,
                ledger=one.ledger,
                hours=one.hours,
                rule_kind=one.rule_kind,
                rule_version=one.rule_version,
                earned_at=one.earned_at,
                count_year=one.count_year,
                reversal=one.reversal_of is not None,
                reason=one.reason,
            )
            for one in found[:MOST_LINES]
        ],
        cut=len(found) > MOST_LINES,
    )
