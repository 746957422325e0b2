"""Proves that all figures are what counting everything again would give, in one snapshot of the database."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.audit import service as audit
from lms.hours.domain.rules import count_year
from lms.hours.models import CreditEntryRow
from lms.infra.db import dialect, reading, unit_of_work
from lms.reporting.domain.standings import Line, Tally, sums
from lms.reporting.models import StandingDueRow, UnitHoursRow, UnitStandingRow
from lms.reporting.queries import sources
from lms.reporting.service.counting import count_all, standing_changes

BATCH = 2000
MOST = 100
"""So many differences are named; more of them say no more."""


@dataclass(frozen=True)
class Difference:
    """A figure that is not what counting again gives; `what` names the table, `where` its key."""

    what: str
    where: str
    stored: str
    counted: str


def reconcile_and_record(*, now: datetime) -> tuple[Difference, ...]:
    """Counts what is due, reconciles, and keeps the result in the audit record; what differs raises an alarm there."""
    found = reconcile(now=now)
    with unit_of_work() as session:
        audit.record(
            session,
            action="hours.unreconciled" if found else "hours.reconciled",
            object_type="unit_hours",
            object_id="figures",
            result="broken" if found else "ok",
            details={"differences": len(found), "first": found[0].where if found else ""},
            now=now,
        )
    return found


def reconcile(*, now: datetime) -> tuple[Difference, ...]:
    """What differs, at most MOST of it. Lines and people that became due meanwhile are left for the next count."""
    count_all(now=now)
    with reading() as session:
        if dialect() == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        late = session.execute(select(StandingDueRow.person_id, StandingDueRow.entry_id)).all()
        entries = {row.entry_id for row in late if row.entry_id is not None}
        late_people = sources.with_kept(session, {row.person_id for row in late})
        found = [
            *_hours(session, entries),
            *_tallies(session),
            *_standings(session, late_people, count_year(now)),
        ]
    return tuple(found[:MOST])


def _hours(session: Session, late: Set[UUID]) -> Iterator[Difference]:
    rows = session.execute(
        select(
            CreditEntryRow.id,
            CreditEntryRow.unit_path,
            CreditEntryRow.count_year,
            CreditEntryRow.ledger,
            CreditEntryRow.hours,
        ).execution_options(yield_per=BATCH)
    )
    counted = sums(Line(*row[1:]) for row in rows if row.id not in late)
    stored = {
        (row.path, row.year, row.ledger): (row.lines, int(row.hours))
        for row in session.execute(select(UnitHoursRow)).scalars()
    }
    yield from _unlike("unit_hours", stored, counted, (0, 0))


def _tallies(session: Session) -> Iterator[Difference]:
    stored = {
        (row.path, row.year, row.category): Tally(row.persons, row.self_reached, row.central_reached, row.reached)
        for row in session.execute(select(UnitStandingRow)).scalars()
    }
    yield from _unlike("unit_standing", stored, sources.tallies(session), Tally())


def _standings(session: Session, late: Set[UUID], this_year: int) -> Iterator[Difference]:
    for some in _everybody(session):
        for (person_id, year), (before, after) in standing_changes(session, some, this_year=this_year).items():
            if before != after and person_id not in late:
                yield Difference("hours_standing", f"{person_id} {year}", repr(before), repr(after))


def _everybody(session: Session) -> Iterator[Sequence[UUID]]:
    last: UUID | None = None
    while True:
        statement = select(PersonRow.id).order_by(PersonRow.id).limit(BATCH)
        some = session.execute(statement if last is None else statement.where(PersonRow.id > last)).scalars().all()
        if not some:
            return
        yield some
        last = some[-1]


def _unlike(
    what: str,
    stored: Mapping[tuple[str, int, str], object],
    counted: Mapping[tuple[str, int, str], object],
    none: object,
) -> Iterator[Difference]:
    for key in sorted(stored.keys() | counted.keys()):
        one, other = stored.get(key, none), counted.get(key, none)
        if one != other:
            yield Difference(what, " ".join(map(str, key)), repr(one), repr(other))
