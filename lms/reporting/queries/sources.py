"""Reads what standings are counted from: people, what is asked of them, and their hours in the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.hours.domain.targets import Cadre, Ledger, TargetSet, demands, in_force, required_in_year
from lms.hours.models import CreditEntryRow
from lms.hours.queries import cadres as cadres_of
from lms.reporting.domain.standings import Line, Standing, Tally, up
from lms.reporting.models import HoursStandingRow, StandingDueRow

_BATCH = 2000


@dataclass(frozen=True)
class Somebody:
    """A person as they are counted: who left (`counted` is false) is so in past years only, who was joined with another nowhere."""

    id: UUID
    path: str
    category: str
    name_key: str
    counted: bool
    joined: bool
    cadre: Cadre


@dataclass(frozen=True)
class Stored:
    """A standing as it is stored, with the name by which lists sort it."""

    standing: Standing
    name_key: str


def due(session: Session, *, limit: int) -> tuple[tuple[int, UUID, UUID | None], ...]:
    """(id, person, line of the ledger) of what is due, the oldest first."""
    rows = session.execute(
        select(StandingDueRow.id, StandingDueRow.person_id, StandingDueRow.entry_id)
        .order_by(StandingDueRow.id)
        .limit(limit)
    )
    return tuple((row.id, row.person_id, row.entry_id) for row in rows)


def with_kept(session: Session, person_ids: Iterable[UUID]) -> frozenset[UUID]:
    """These people and those whom they turned out to be."""
    wanted = set(person_ids)
    kept = session.execute(
        select(PersonRow.merged_into).where(PersonRow.id.in_(wanted), PersonRow.merged_into.is_not(None))
    )
    return frozenset(wanted | {one for one in kept.scalars() if one is not None})


def people(session: Session, person_ids: Sequence[UUID]) -> tuple[Somebody, ...]:
    """Some people as they are counted today. Two statements."""
    cadres = cadres_of(session, person_ids)
    rows = session.execute(
        select(
            PersonRow.id,
            PersonRow.unit_path,
            PersonRow.category,
            PersonRow.name_key,
            PersonRow.merged_into.is_(None) & PersonRow.closed_at.is_(None),
            PersonRow.merged_into.is_not(None),
        ).where(PersonRow.id.in_(person_ids))
    )
    return tuple(Somebody(row[0], row[1], row[2], row[3], bool(row[4]), bool(row[5]), cadres[row[0]]) for row in rows)


def hours_by_year(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, dict[int, dict[str, int]]]:
    """What people hold by year and ledger, under all their accounts; who was joined with another person holds nothing."""
    kept = func.coalesce(PersonRow.merged_into, PersonRow.id)
    rows = session.execute(
        select(kept, CreditEntryRow.count_year, CreditEntryRow.ledger, func.sum(CreditEntryRow.hours))
        .join(PersonRow, PersonRow.id == CreditEntryRow.person_id)
        .where(or_(PersonRow.id.in_(person_ids), PersonRow.merged_into.in_(person_ids)), kept.in_(person_ids))
        .group_by(kept, CreditEntryRow.count_year, CreditEntryRow.ledger)
    )
    found: dict[UUID, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for person_id, year, ledger, hours in rows:
        found[UUID(str(person_id))][year][ledger] = int(hours)
    return found


def required(somebody: Somebody, category: str, year: int, sets: Sequence[TargetSet]) -> dict[str, int]:
    """What a calendar year asks of a person who is counted under a category, by ledger, in hundredths."""
    asked = demands(in_force(sets, year), replace(somebody.cadre, category=category), year)
    return {ledger: required_in_year(asked, ledger) for ledger in Ledger}


def standings(session: Session, person_ids: Sequence[UUID]) -> dict[tuple[UUID, int], Stored]:
    """What is stored of people, by person and year."""
    rows = session.execute(select(HoursStandingRow).where(HoursStandingRow.person_id.in_(person_ids))).scalars()
    return {(row.person_id, row.year): Stored(_standing(row), row.name_key) for row in rows}


def tallies(session: Session) -> dict[tuple[str, int, str], Tally]:
    """What the stored standings give units, by path, year and category. Reads them all."""
    found: dict[tuple[str, int, str], Tally] = {}
    for row in session.execute(select(HoursStandingRow).execution_options(yield_per=_BATCH)).scalars():
        tally = _standing(row).tally
        for path in up(row.path):
            key = (path, row.year, row.category)
            found[key] = found.get(key, Tally()) + tally
    return found


def _standing(row: HoursStandingRow) -> Standing:
    return Standing(row.path, row.category, row.self_study, row.centralized, row.self_required, row.central_required)


def lines(session: Session, entry_ids: Sequence[UUID]) -> tuple[Line, ...]:
    """Lines of the ledger as the hours of units are added up from them."""
    rows = session.execute(
        select(CreditEntryRow.unit_path, CreditEntryRow.count_year, CreditEntryRow.ledger, CreditEntryRow.hours).where(
            CreditEntryRow.id.in_(entry_ids)
        )
    )
    return tuple(Line(*row) for row in rows)
