"""What is looked at after each step: invariants 7 to 9 and that the ledger is what the leases make it, from rows alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms.hours import queries as hours
from lms.hours.models import CreditEntryRow, YearRecordRow
from lms.infra.db import reading
from lms.learning.models import CourseCompletionRow, LeaseRow, PresenceCheckRow, WatchPolicyRow, WatchProgressRow
from tests.factories.lease_machine.world import Stage
from tests.factories.watch_record import GAP, Spans, assert_sound, merged, progress_of, total, within

__all__ = ["within"]

TABLES: tuple[Any, ...] = (
    LeaseRow,
    WatchProgressRow,
    PresenceCheckRow,
    WatchPolicyRow,
    CourseCompletionRow,
    CreditEntryRow,
    YearRecordRow,
)
TAIL_MS, LEAST_THRESHOLD = 3_000, 0.6


def stored() -> dict[str, list[str]]:
    """All rows that acts of the machine write, in some fixed order."""
    with reading() as session:
        return {one.__tablename__: sorted(map(repr, session.execute(select(one.__table__)))) for one in TABLES}


def open_check(lease_id: UUID) -> UUID | None:
    with reading() as session:
        return session.execute(select(LeaseRow.presence_id).where(LeaseRow.id == lease_id)).scalar()


def an_entry(drawn: int) -> UUID | None:
    with reading() as session:
        found = session.execute(select(CreditEntryRow.id).order_by(CreditEntryRow.id)).scalars().all()
    return found[drawn % len(found)] if found else None


def assert_nobody_plays(lecture_ids: set[UUID]) -> None:
    with reading() as session:
        live = select(LeaseRow.id).where(LeaseRow.lecture_id.in_(lecture_ids), LeaseRow.ended_at.is_(None))
        assert not session.execute(live).all(), "a withdrawn lecture is played on"


def assert_watching(
    person: UUID,
    claimed: Mapping[UUID, Spans],
    acknowledged: Mapping[tuple[UUID, UUID], Spans],
    stage: Stage,
    *,
    now: datetime,
) -> None:
    """Invariants 7 and 8, and nothing acknowledged is lost; a lecture that is complete was watched."""
    assert_sound(person, claimed, now=now)
    lasts = {one.asset_id: one.duration_ms for one in stage.lectures}
    for row in progress_of(person):
        watched = [(start, end) for start, end in row.watched]
        assert within(acknowledged.get((person, row.asset_id), ()), watched), "acknowledged time is not stored"
        if row.completed_at is not None:
            seen = total(merged(watched, GAP)) + TAIL_MS
            assert seen >= LEAST_THRESHOLD * lasts[row.asset_id], "complete, and not watched"


def assert_hours(person: UUID, stage: Stage) -> None:
    """Invariant 9: a course is complete when its lectures are, once; the year's total is the sum of its lines."""
    with reading() as session:
        completed = session.execute(
            select(CourseCompletionRow.course_id, CourseCompletionRow.completed_at).where(
                CourseCompletionRow.person_id == person
            )
        ).all()
        entries = session.execute(select(CreditEntryRow.__table__).where(CreditEntryRow.person_id == person)).all()
        years = {year: hours.year_of(session, person, year) for year in (2026, 2027)}
    whole = {row.asset_id for row in progress_of(person) if row.completed_at is not None}
    complete = {course for course, parts in stage.courses.items() if {one.asset_id for one in parts} <= whole}
    assert sorted(row.course_id for row in completed) == sorted(complete), "complete once, and only then"
    for course_id, at in completed:
        mine = [row for row in entries if row.source_id == course_id]
        assert {row.count_year for row in mine} == {(at + timedelta(hours=8)).year}, "counted in another year"
        assert sum(row.hours for row in mine) in {0, max(row.hours for row in mine)}, "counts more than once"
    for year, found in years.items():
        for ledger, stands in (("self_study", found.self_study), ("centralized", found.centralized)):
            assert stands.earned == _sum(entries, year, ledger), "the total is not the sum of its lines"


def _sum(entries: Sequence[Any], year: int, ledger: str) -> int:
    return sum(row.hours for row in entries if (row.count_year, row.ledger) == (year, ledger))


def assert_ledger() -> None:
    """Worked out anew from leases, completions and rules the ledger is the same, and so is every closed year."""
    with reading() as session:
        differs = [one for _, found in hours.recomputed(session) for one in found]
        broken = [record for record, fits in hours.broken_records(session) if not fits]
    assert not differs and not broken, (differs, broken)
