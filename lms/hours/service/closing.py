"""Closes years: one official record a person, and a further version where a later correction changed what it sums."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.hours import queries
from lms.hours.domain.targets import Ledger, demands, in_force, required_in_year
from lms.hours.domain.yearly import QUIET, last_closed, sums
from lms.hours.models import YearRecordRow
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import N_, Conflict

LATELY = timedelta(days=8)


class YearStillOpen(Conflict):
    """A year is closed when it is over and its time to settle too."""

    code, title = "year_still_open", N_("这一年还没有到可以结账的日期")


def close_year(year: int, *, settle_days: int, now: datetime) -> int:
    """Writes the record of a year for everybody who has none yet. Returns how many. Raises YearStillOpen.

    Harmless to run again, and to be killed: each step of 200 people commits by itself.
    """
    if year > last_closed(now, settle_days):
        raise YearStillOpen
    made = 0
    created_before = datetime(year + 1, 1, 1, tzinfo=SHANGHAI).astimezone(UTC)
    while True:
        with unit_of_work() as session:
            people = queries.without_record(session, year, created_before)
            made += _record(session, people, year, now=now)
        if not people:
            break
    if made:
        with unit_of_work() as session:
            audit.record(
                session,
                action="hours.year_closed",
                object_type="hours_year",
                object_id=str(year),
                details={"records": made},
                now=now,
            )
    return made


def follow_corrections(*, settle_days: int, since: datetime | None = None, now: datetime) -> int:
    """Writes the next version of each record whose year got lines, or whose person another account, since a moment: in the last
    days unless told. Returns how many."""
    closed, since = last_closed(now, settle_days), since or now - LATELY
    with unit_of_work() as session:
        touched = queries.touched_since(session, ids.floor_of(since), closed)
        joined = frozenset(queries.joined_since(session, since, closed))
    made = 0
    for year in sorted({year for _, year in (*touched, *joined)}):
        people = sorted({person_id for person_id, other in (*touched, *joined) if other == year})
        for start in range(0, len(people), queries.AT_A_TIME):
            some = people[start : start + queries.AT_A_TIME]
            with unit_of_work() as session:
                known = queries.newest_records(session, some, year)
                due = [one for one in some if one in known or (one, year) in joined]
                made += _record(session, due, year, now=now)
    return made


def _record(session: Session, people: Sequence[UUID], year: int, *, now: datetime) -> int:
    """Writes what is new about some people's year."""
    if not people:
        return 0
    until = now - QUIET
    until = until.replace(microsecond=until.microsecond // 1000 * 1000)  # what both databases keep
    subjects = queries.subjects(session, people, date(year, 12, 31))
    lines = queries.lines_of(session, [one for subject in subjects for one in subject.people], [year])
    known = queries.newest_records(session, people, year)
    targets = in_force(queries.target_sets(session), year)
    cadres = queries.cadres(session, people)
    made = 0
    for subject in subjects:
        found = sums((one for one in lines if one.person_id in subject.people), year, until)
        kept = known.get(subject.person_id)
        if kept is not None and kept.digest == found.digest:
            continue
        asked = demands(targets, cadres[subject.person_id], year)
        session.add(
            YearRecordRow(
                id=ids.new_id(now),
                person_id=subject.person_id,
                year=year,
                version=kept.version + 1 if kept else 1,
                people=[str(one) for one in subject.people],
                category=cadres[subject.person_id].category,
                unit_id=subject.unit_id,
                unit_path=subject.unit_path,
                target_version=targets.version if targets else 0,
                self_study=found.self_study,
                self_study_required=required_in_year(asked, Ledger.SELF_STUDY),
                centralized=found.centralized,
                centralized_required=required_in_year(asked, Ledger.CENTRALIZED),
                entries=found.entries,
                digest=found.digest,
                made_at=until,
            )
        )
        made += 1
    session.flush()
    return made
