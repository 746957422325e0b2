"""Reads what the official records of closed years sum, and the records themselves."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import JoinProposalRow, MembershipRow, PersonRow
from lms.hours.domain.yearly import Line, Sums, sums
from lms.hours.models import CreditEntryRow, YearRecordRow
from lms.organisations.models import UnitRow

AT_A_TIME = 200


@dataclass(frozen=True)
class Subject:
    """A person whose year is recorded, with the unit of its last day; `people` are all accounts of theirs, themselves first."""

    person_id: UUID
    unit_id: UUID
    unit_path: str
    people: tuple[UUID, ...]


@dataclass(frozen=True)
class Kept:
    """The newest record of a person's year."""

    version: int
    digest: str


def without_record(session: Session, year: int, created_before: datetime) -> tuple[UUID, ...]:
    """People who were there before a moment, under whichever account, and have no record of a year yet, at most 200, in the
    order of their ids."""
    record = select(YearRecordRow.id).where(YearRecordRow.person_id == PersonRow.id, YearRecordRow.year == year)
    former = aliased(PersonRow)
    earlier = select(former.id).where(former.merged_into == PersonRow.id, former.created_at < created_before)
    rows = session.execute(
        select(PersonRow.id)
        .where(
            PersonRow.merged_into.is_(None),
            or_(PersonRow.created_at < created_before, earlier.exists()),
            ~record.exists(),
        )
        .order_by(PersonRow.id)
        .limit(AT_A_TIME)
    )
    return tuple(rows.scalars())


def touched_since(session: Session, floor: UUID, last_year: int) -> tuple[tuple[UUID, int], ...]:
    """(person, year) of lines of closed years that were written since an id."""
    owner = func.coalesce(PersonRow.merged_into, PersonRow.id)
    rows = session.execute(
        select(owner, CreditEntryRow.count_year)
        .join(PersonRow, PersonRow.id == CreditEntryRow.person_id)
        .where(CreditEntryRow.id >= floor, CreditEntryRow.count_year <= last_year)
        .distinct()
    )
    return tuple((row[0], row[1]) for row in rows)


def joined_since(session: Session, since: datetime, last_year: int) -> tuple[tuple[UUID, int], ...]:
    """(person, closed year) of who turned out since a moment to be the same as another; either account has a record of the year."""
    joined = JoinProposalRow
    rows = session.execute(
        select(joined.kept_id, YearRecordRow.year)
        .join(YearRecordRow, YearRecordRow.person_id.in_((joined.kept_id, joined.gone_id)))
        .join(PersonRow, PersonRow.id == joined.kept_id)
        .where(
            joined.state == "confirmed",
            joined.decided_at >= since,
            YearRecordRow.year <= last_year,
            PersonRow.merged_into.is_(None),
        )
        .distinct()
    )
    return tuple((row[0], row[1]) for row in rows)


def subjects(session: Session, person_ids: Sequence[UUID], last_day: date) -> tuple[Subject, ...]:
    """People with their unit of a day, under whichever account, else that of today, and their other accounts. Three statements."""
    others: dict[UUID, list[UUID]] = defaultdict(list)
    for row in session.execute(
        select(PersonRow.merged_into, PersonRow.id).where(PersonRow.merged_into.in_(person_ids)).order_by(PersonRow.id)
    ):
        others[UUID(str(row[0]))].append(row[1])
    accounts = {person_id: (person_id, *others[person_id]) for person_id in person_ids}
    then = session.execute(
        select(MembershipRow.person_id, UnitRow.id, UnitRow.path)
        .join(UnitRow, UnitRow.id == MembershipRow.unit_id)
        .where(
            MembershipRow.person_id.in_([one for own in accounts.values() for one in own]),
            MembershipRow.is_primary,
            MembershipRow.from_on <= last_day,
            or_(MembershipRow.until_on.is_(None), MembershipRow.until_on > last_day),
        )
    )
    at = {row[0]: (row[1], row[2]) for row in then}
    today = select(PersonRow.id, PersonRow.unit_id, PersonRow.unit_path).where(PersonRow.id.in_(person_ids))
    return tuple(
        Subject(row[0], *next((at[one] for one in accounts[row[0]] if one in at), (row[1], row[2])), accounts[row[0]])
        for row in session.execute(today.order_by(PersonRow.id))
    )


def lines_of(session: Session, people: Sequence[UUID], years: Sequence[int]) -> tuple[Line, ...]:
    """Every line of some people and years."""
    rows = session.execute(
        select(
            CreditEntryRow.id,
            CreditEntryRow.person_id,
            CreditEntryRow.ledger,
            CreditEntryRow.hours,
            CreditEntryRow.count_year,
            CreditEntryRow.reversal_of,
        ).where(CreditEntryRow.person_id.in_(people), CreditEntryRow.count_year.in_(years))
    )
    return tuple(Line(*row) for row in rows)


def newest_records(session: Session, person_ids: Sequence[UUID], year: int) -> dict[UUID, Kept]:
    """The newest record of a year, by person."""
    rows = session.execute(
        select(YearRecordRow.person_id, YearRecordRow.version, YearRecordRow.digest)
        .where(YearRecordRow.person_id.in_(person_ids), YearRecordRow.year == year)
        .order_by(YearRecordRow.version)
    )
    return {row[0]: Kept(row[1], row[2]) for row in rows}


def broken_records(session: Session) -> Iterator[tuple[UUID, bool]]:
    """(record, whether its lines are still those that it sums) of every record, 200 at a time."""
    last: UUID | None = None
    while True:
        statement = select(YearRecordRow).order_by(YearRecordRow.id).limit(AT_A_TIME)
        rows = list(session.execute(statement.where(YearRecordRow.id > last) if last else statement).scalars())
        if not rows:
            return
        last = rows[-1].id
        whose = {row.id: _people(row.people) for row in rows}
        people = {one for own in whose.values() for one in own}
        lines = lines_of(session, sorted(people), sorted({row.year for row in rows}))
        for row in rows:
            own = whose[row.id]
            found = sums((one for one in lines if one.person_id in own), row.year, row.made_at)
            yield row.id, found == Sums(row.self_study, row.centralized, row.entries, row.digest)
        session.expunge_all()


def _people(kept: Any) -> frozenset[UUID]:
    """The accounts that a record names; none where somebody has spoiled them."""
    try:
        return frozenset(UUID(one) for one in kept)
    except (ValueError, TypeError, AttributeError):
        return frozenset()
