"""Proves the ledger and keeps in the record what was found."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from lms.audit import service as audit
from lms.hours import queries
from lms.hours.domain.recompute import Difference
from lms.infra.db import reading, unit_of_work

log = structlog.get_logger()
MOST_KEPT = 50


@dataclass(frozen=True)
class Proof:
    """How many people were looked at, how much differs, and the first differences."""

    people: int
    differences: int
    first: tuple[Difference, ...]


def prove(*, now: datetime) -> Proof:
    """Works the ledger out anew for everybody. What differs is audited (an alarm), logged, and returned."""
    people, count = 0, 0
    first: list[Difference] = []
    with reading() as session:
        for looked_at, found in queries.recomputed(session):
            people += looked_at
            count += len(found)
            first += found[: MOST_KEPT - len(first)]
    with unit_of_work() as session:
        audit.record(
            session,
            action="hours.differs" if count else "hours.proved",
            object_type="hours_ledger",
            object_id="ledger",
            result="broken" if count else "ok",
            details={"people": people, "differences": count, "first": [f"{one.row} {one.detail}" for one in first[:5]]},
            now=now,
        )
    if count:
        log.error("the ledger differs from what it rests on", differences=count, first=str(first[0].row))
    return Proof(people, count, tuple(first))
