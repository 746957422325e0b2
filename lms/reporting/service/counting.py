"""Counts what is due: one bounded batch to a transaction, which takes the due rows away with the figures it stores.

Nobody who writes hours waits for it: writers add rows of their own, and only this job touches the figures, one at a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, literal, select, union_all
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.hours.domain.rules import count_year
from lms.hours.domain.targets import Ledger, TargetSet
from lms.hours.models import CreditEntryRow
from lms.hours.queries import target_sets
from lms.infra import jobs
from lms.infra.db import dialect, insert_into, reading, take_turn, unit_of_work
from lms.reporting.domain.standings import Change, Standing, Tally, differences, sums
from lms.reporting.models import HoursStandingRow, StandingDueRow, UnitHoursRow, UnitStandingRow
from lms.reporting.queries import sources
from lms.reporting.queries.sources import Somebody, Stored

TURN = 25  # of PostgreSQL's advisory locks: figures are counted by one at a time
BATCH = 1000
YEAR_JOB = "reporting.open-year"


def count_all(*, now: datetime, batch: int = BATCH) -> int:
    """Counts until nothing is due. Returns how many due rows that took."""
    total = 0
    while done := count_due(now=now, batch=batch):
        total += done
    return total


def count_due(*, now: datetime, batch: int = BATCH) -> int:
    """Counts the oldest due rows. Returns how many there were: 0 when nothing is due, or when somebody else is counting."""
    with reading() as session:
        if not sources.due(session, limit=1):
            return 0
    with unit_of_work() as session:
        if not _alone(session):
            return 0
        rows = sources.due(session, limit=batch)
        person_ids = sorted(sources.with_kept(session, {person_id for _, person_id, _ in rows}))
        _store(session, standing_changes(session, person_ids, this_year=count_year(now)))
        entry_ids = [entry_id for _, _, entry_id in rows if entry_id is not None]
        _add_hours(session, sums(sources.lines(session, entry_ids)))
        session.execute(delete(StandingDueRow).where(StandingDueRow.id.in_([one for one, _, _ in rows])))
    return len(rows)


def queue_year(*, now: datetime) -> None:
    """Asks, once a year, for everybody to be counted: who earns nothing has a standing too."""
    year = count_year(now)
    with unit_of_work() as session:
        jobs.enqueue(session, YEAR_JOB, {"year": year}, now=now, dedup_key=str(year))


def open_year() -> None:
    """Makes everybody due."""
    with unit_of_work() as session:
        session.execute(insert(StandingDueRow).from_select(["person_id", "entry_id"], _everybody()))


def recount() -> None:
    """Throws the figures of units away and makes everybody, and every line of the ledger, due.

    Standings stay until they are counted anew: nothing else knows who was counted where in past years.
    """
    with unit_of_work() as session:
        take_turn(session, TURN)
        for model in (UnitHoursRow, UnitStandingRow):
            session.execute(delete(model))
        _add_tallies(session, sources.tallies(session))
        _all_due(session)


def _all_due(session: Session) -> None:
    """In one statement on PostgreSQL, which sees a line of the ledger with the due row that its trigger wrote, or neither.

    Else a line that somebody stores in between would be due, and counted, twice.
    """
    lines = select(CreditEntryRow.person_id, CreditEntryRow.id)
    due = insert(StandingDueRow).from_select(["person_id", "entry_id"], union_all(_everybody(), lines))
    if dialect() == "postgresql":
        due = due.add_cte(delete(StandingDueRow).cte("gone"))
    else:
        session.execute(delete(StandingDueRow))
    session.execute(due)


def standing_changes(session: Session, person_ids: Sequence[UUID], *, this_year: int) -> dict[tuple[UUID, int], Any]:
    """(stored before, or None; counted now) of people, by person and year: this year, and each in which they hold hours."""
    found: dict[tuple[UUID, int], tuple[Stored | None, Stored]] = {}
    before, sets = sources.standings(session, person_ids), target_sets(session)
    hours = sources.hours_by_year(session, person_ids)
    for one in sources.people(session, person_ids):
        years = {this_year, *hours.get(one.id, ()), *(year for person_id, year in before if person_id == one.id)}
        for year in years:
            held = before.get((one.id, year))
            earned = hours.get(one.id, {}).get(year, {})
            if held is None and not one.counted:
                continue
            found[one.id, year] = held, _counted(one, year, earned, held, this_year, sets)
    return found


def _counted(
    one: Somebody,
    year: int,
    earned: Mapping[str, int],
    held: Stored | None,
    this_year: int,
    sets: Sequence[TargetSet],
) -> Stored:
    """A person's year as it is now. In past years they stay where they were counted last, also when they have left since."""
    path, category = (one.path if one.counted else ""), one.category
    if held is not None and year < this_year:
        path, category = held.standing.path, held.standing.category
    asked = sources.required(one, category, year, sets)
    standing = Standing(
        "" if one.joined else path,
        category,
        earned.get(Ledger.SELF_STUDY, 0),
        earned.get(Ledger.CENTRALIZED, 0),
        asked[Ledger.SELF_STUDY],
        asked[Ledger.CENTRALIZED],
    )
    return Stored(standing, one.name_key)


def _alone(session: Session) -> bool:
    """Whether nobody else is counting; on SQLite the writer is alone anyway."""
    if dialect() != "postgresql":
        return True
    return bool(session.execute(select(func.pg_try_advisory_xact_lock(TURN))).scalar())


def _everybody() -> Select[*tuple[Any, ...]]:
    return select(PersonRow.id, literal(None, CreditEntryRow.id.type))


def _store(session: Session, changes: Mapping[tuple[UUID, int], tuple[Stored | None, Stored]]) -> None:
    changed = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    rows = [
        {
            "person_id": person_id,
            "year": year,
            "path": after.standing.path,
            "category": after.standing.category,
            "name_key": after.name_key,
            "self_study": after.standing.self_study,
            "centralized": after.standing.centralized,
            "self_required": after.standing.self_required,
            "central_required": after.standing.central_required,
            "missing": after.standing.missing,
        }
        for (person_id, year), (_, after) in changed.items()
    ]
    _upsert(session, HoursStandingRow, rows, ("person_id", "year"), add=False)
    moved = differences(
        Change(year, before.standing if before else None, after.standing)
        for (_, year), (before, after) in changed.items()
    )
    _add_tallies(session, moved)


def _add_tallies(session: Session, found: Mapping[tuple[str, int, str], Tally]) -> None:
    rows = [
        {
            "path": path,
            "year": year,
            "category": category,
            "persons": tally.persons,
            "self_reached": tally.self_reached,
            "central_reached": tally.central_reached,
            "reached": tally.reached,
        }
        for (path, year, category), tally in sorted(found.items())
    ]
    _upsert(session, UnitStandingRow, rows, ("path", "year", "category"), add=True)


def _add_hours(session: Session, found: Mapping[tuple[str, int, str], tuple[int, int]]) -> None:
    rows = [
        {"path": path, "year": year, "ledger": ledger, "lines": lines, "hours": hours}
        for (path, year, ledger), (lines, hours) in sorted(found.items())
    ]
    _upsert(session, UnitHoursRow, rows, ("path", "year", "ledger"), add=True)


def _upsert(
    session: Session, model: type[Any], rows: Sequence[dict[str, Any]], key: Iterable[str], *, add: bool
) -> None:
    """Stores rows; where the key is known, the new figures replace the old ones or are added to them."""
    if not rows:
        return
    statement = insert_into(model)
    columns = [name for name in rows[0] if name not in set(key)]
    values = {
        name: getattr(model, name) + statement.excluded[name] if add else statement.excluded[name] for name in columns
    }
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values), rows)
