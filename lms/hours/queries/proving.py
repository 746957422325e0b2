"""Reads, person by person, what proves the ledger: completions, rules, lines, watched time and closed years."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.catalogue.models import LectureRow, LectureVersionRow
from lms.classes.models import EnrolmentRow, TrainingClassRow
from lms.hours.domain.recompute import (
    Booked,
    Completed,
    Difference,
    Version,
    Watched,
    differences,
    unwatched,
)
from lms.hours.models import CreditEntryRow, DeferredHoursRow
from lms.hours.queries.daycap import deferred_courses
from lms.hours.queries.rules import versions_of
from lms.kernel.ids import moment_of
from lms.learning.domain.classroom import Paid, mostly_in_rooms_at
from lms.learning.domain.intervals import length
from lms.learning.models import ClassroomAttendanceRow, CourseCompletionRow, LeaseRow, WatchProgressRow
from lms.moderation.models import ReviewRow, SubmissionRow
from lms.video.models import MediaAssetRow

PEOPLE_AT_A_TIME = 200


def recomputed(session: Session) -> Iterator[tuple[int, list[Difference]]]:
    """(how many people, what differs between their lines and what these rest on), for everybody.

    A fixed number of statements for every 200 people, whatever there is; joined accounts are looked at with the one that stays.
    """
    last: UUID | None = None
    while True:
        people = (
            select(PersonRow.id).where(PersonRow.merged_into.is_(None)).order_by(PersonRow.id).limit(PEOPLE_AT_A_TIME)
        )
        found = list(session.execute(people if last is None else people.where(PersonRow.id > last)).scalars())
        if not found:
            return
        last = found[-1]
        joined = _joined_into(session, found)
        yield len(found) + len(joined), _of_people(session, [*found, *joined], joined)


def _joined_into(session: Session, people: Sequence[UUID]) -> dict[UUID, UUID]:
    """Whose account each one is that was joined into one of some people."""
    rows = session.execute(select(PersonRow.id, PersonRow.merged_into).where(PersonRow.merged_into.in_(people)))
    return {row.id: row.merged_into for row in rows if row.merged_into is not None}


def _of_people(session: Session, people: Sequence[UUID], joined: Mapping[UUID, UUID]) -> list[Difference]:
    completions = _completions(session, people, joined)
    entries = _entries(session, people)
    courses = {one.course_id for one in completions} | {one.source_id for one in entries}
    versions = [
        Version(one.id, one.course_id, one.rule, one.decided_at) for one in versions_of(session, sorted(courses))
    ]
    waiting = deferred_courses(session, people)
    found = list(differences(completions, versions, entries, deferred=waiting, joined=joined))
    asked = _asked(session, sorted(courses))
    watched = _watched(session, people, joined)
    for one in completions:
        lectures = [asset for asset, since in asked[one.course_id] if since <= one.at]
        found += unwatched(one, lectures, watched[joined.get(one.person_id, one.person_id)])
    return found


def _completions(session: Session, people: Sequence[UUID], joined: Mapping[UUID, UUID]) -> list[Completed]:
    paid = _paid(session, people)
    rows = session.execute(
        select(
            CourseCompletionRow.id,
            CourseCompletionRow.person_id,
            CourseCompletionRow.course_id,
            CourseCompletionRow.completed_at,
            TrainingClassRow.kind,
        )
        .outerjoin(EnrolmentRow, EnrolmentRow.id == CourseCompletionRow.enrolment_id)
        .outerjoin(TrainingClassRow, TrainingClassRow.id == EnrolmentRow.class_id)
        .where(CourseCompletionRow.person_id.in_(people))
    )
    found = []
    together: dict[tuple[UUID, UUID], list[Paid]] = defaultdict(list)
    for (person_id, course_id), own in paid.items():
        together[joined.get(person_id, person_id), course_id] += own
    for row in rows:
        at = moment_of(row.id)
        # The share was that of this account, or of all of them where they were joined by then.
        alone = mostly_in_rooms_at(paid.get((row.person_id, row.course_id), []), at)
        joint = mostly_in_rooms_at(together[joined.get(row.person_id, row.person_id), row.course_id], at)
        found.append(Completed(*row, in_rooms=alone | joint))
    return found


def _paid(session: Session, people: Sequence[UUID]) -> dict[tuple[UUID, UUID], list[Paid]]:
    """What leases were paid, by person and course, of who was in a classroom for it under whatever of these accounts."""
    of_rooms = (
        select(LeaseRow.course_id)
        .join(ClassroomAttendanceRow, ClassroomAttendanceRow.lease_id == LeaseRow.id)
        .where(ClassroomAttendanceRow.person_id.in_(people))
    )
    rows = session.execute(
        select(
            LeaseRow.person_id,
            LeaseRow.course_id,
            LeaseRow.credited_ms,
            LeaseRow.opened_at,
            LeaseRow.last_beat_at,
            ClassroomAttendanceRow.id,
            ClassroomAttendanceRow.credited_at,
        )
        .outerjoin(ClassroomAttendanceRow, ClassroomAttendanceRow.lease_id == LeaseRow.id)
        .where(LeaseRow.person_id.in_(people), LeaseRow.credited_ms > 0, LeaseRow.course_id.in_(of_rooms))
    )
    found: dict[tuple[UUID, UUID], list[Paid]] = defaultdict(list)
    for row in rows:
        if row.id is None or row.credited_at is not None:  # what no sheet has credited yet counts for nothing
            paid = Paid(row.credited_ms, row.opened_at, row.last_beat_at, row.credited_at)
            found[row.person_id, row.course_id].append(paid)
    return found


def _entries(session: Session, people: Sequence[UUID]) -> list[Booked]:
    columns = (
        CreditEntryRow.id,
        CreditEntryRow.person_id,
        CreditEntryRow.ledger,
        CreditEntryRow.source,
        CreditEntryRow.source_id,
        CreditEntryRow.hours,
        CreditEntryRow.rule_id,
        CreditEntryRow.earned_at,
        CreditEntryRow.count_year,
        CreditEntryRow.reversal_of,
        DeferredHoursRow.id.label("put_off"),  # a line that waited follows the rule of when it was put off
    )
    rows = session.execute(
        select(*columns)
        .outerjoin(DeferredHoursRow, DeferredHoursRow.entry_id == CreditEntryRow.id)
        .where(CreditEntryRow.person_id.in_(people))
    )
    return [
        Booked(
            id=row.id,
            person_id=row.person_id,
            ledger=row.ledger,
            source=row.source,
            source_id=row.source_id,
            hours=row.hours,
            rule_id=row.rule_id,
            earned_at=row.earned_at,
            written_at=moment_of(row.put_off or row.id),
            count_year=row.count_year,
            reversal_of=row.reversal_of,
        )
        for row in rows
    ]


def _asked(session: Session, courses: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, datetime]]]:
    """(asset, since when it is published) of the lectures that learners see, by course."""
    rows = session.execute(
        select(LectureRow.course_id, LectureVersionRow.asset_id, func.max(ReviewRow.decided_at))
        .join(LectureVersionRow, LectureVersionRow.revision_id == LectureRow.live_revision_id)
        .join(SubmissionRow, SubmissionRow.revision_id == LectureVersionRow.revision_id)
        .join(ReviewRow, ReviewRow.submission_id == SubmissionRow.id)
        .where(LectureRow.course_id.in_(courses), ReviewRow.level == "national", ReviewRow.decision == "approve")
        .group_by(LectureRow.course_id, LectureVersionRow.asset_id)
    )
    found: dict[UUID, list[tuple[UUID, datetime]]] = defaultdict(list)
    for course_id, asset_id, since in rows:
        found[course_id].append((asset_id, since))
    return found


def _watched(
    session: Session, people: Sequence[UUID], joined: Mapping[UUID, UUID]
) -> dict[UUID, dict[UUID, list[Watched]]]:
    paid = {
        (row[0], row[1]): int(row[2])
        for row in session.execute(
            select(LeaseRow.person_id, LeaseRow.asset_id, func.sum(LeaseRow.credited_ms))
            .where(LeaseRow.person_id.in_(people))
            .group_by(LeaseRow.person_id, LeaseRow.asset_id)
        )
    }
    rows = session.execute(
        select(
            WatchProgressRow.person_id,
            WatchProgressRow.asset_id,
            WatchProgressRow.watched,
            WatchProgressRow.covered_ms,
            WatchProgressRow.completed_at,
            MediaAssetRow.duration_ms,
        )
        .join(MediaAssetRow, MediaAssetRow.id == WatchProgressRow.asset_id)
        .where(WatchProgressRow.person_id.in_(people))
    )
    found: dict[UUID, dict[UUID, list[Watched]]] = defaultdict(lambda: defaultdict(list))
    for person_id, asset_id, spans, covered_ms, completed_at, duration_ms in rows:
        one = Watched(
            length((a, b) for a, b in spans), covered_ms, duration_ms, paid.get((person_id, asset_id)), completed_at
        )
        found[joined.get(person_id, person_id)][asset_id].append(one)
    return found
