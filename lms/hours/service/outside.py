"""Writes what approved training elsewhere earns into the ledger: no rule worked it out, a person one level up approved it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lms.hours.domain.rules import count_year
from lms.hours.models import CreditEntryRow
from lms.kernel import ids


@dataclass(frozen=True)
class Claim:
    """Hours of one person from one approved training, in hundredths; `earned_at` fixes the year, the unit is that of that day."""

    person_id: UUID
    ledger: str
    source: str
    source_id: UUID
    title: str
    hours: int
    earned_at: datetime
    unit_id: UUID
    unit_path: str


def credit_claims(session: Session, claims: Sequence[Claim], *, now: datetime) -> None:
    """Adds an entry for each claim to the running unit of work. The database refuses a claim whose training is not approved.

    The ids tell when the lines were written, not when they were earned: the records of closed years go by that.
    """
    for claim in claims:
        session.add(
            CreditEntryRow(
                id=ids.new_id(now),
                person_id=claim.person_id,
                ledger=claim.ledger,
                source=claim.source,
                source_id=claim.source_id,
                title=claim.title,
                hours=claim.hours,
                rule_id=None,
                earned_at=claim.earned_at,
                count_year=count_year(claim.earned_at),
                round=0,
                enrolment_id=None,
                unit_id=claim.unit_id,
                unit_path=claim.unit_path,
                reason="",
            )
        )
    session.flush()
