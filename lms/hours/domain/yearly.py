"""The official record of a year: sums of the lines that were there, and a hash that proves which ones."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from lms.hours.domain.targets import Ledger, earned_in
from lms.kernel.clock import SHANGHAI
from lms.kernel.ids import moment_of

QUIET = timedelta(minutes=10)
"""A record sums what was written until so long before it is made, so that nothing still on its way is missed."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a record says of a line of the ledger."""

    id: UUID
    person_id: UUID
    ledger: str
    hours: int
    count_year: int
    reversal_of: UUID | None


@dataclass(frozen=True, slots=True)
class Sums:
    """Both ledgers of a year in hundredths, how many lines they sum, and the SHA-256 over those lines."""

    self_study: int
    centralized: int
    entries: int
    digest: str


def sums(lines: Iterable[Line], year: int, until: datetime) -> Sums:
    """What the lines of a year that were written until a moment come to."""
    counted = sorted(
        (one for one in lines if one.count_year == year and moment_of(one.id) <= until), key=lambda one: one.id
    )
    told = "".join(
        f"{one.id.hex}|{one.person_id.hex}|{one.ledger}|{one.hours}|{one.reversal_of.hex if one.reversal_of else ''}\n"
        for one in counted
    )
    return Sums(
        earned_in(counted, Ledger.SELF_STUDY, year),
        earned_in(counted, Ledger.CENTRALIZED, year),
        len(counted),
        hashlib.sha256(f"{year}\n{told}".encode()).hexdigest(),
    )


def last_closed(now: datetime, settle_days: int) -> int:
    """The newest year whose time to settle is over, by the calendar of China."""
    today = now.astimezone(SHANGHAI).date()
    return today.year - 1 if today >= date(today.year, 1, 1) + timedelta(days=settle_days) else today.year - 2
