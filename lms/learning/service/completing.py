"""Completes courses, in the step that credits their last second."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.catalogue import queries as catalogue
from lms.classes import queries as classes
from lms.infra import db
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.learning import queries
from lms.learning.domain.classroom import mostly_in_rooms
from lms.learning.domain.intervals import union
from lms.learning.events import CourseCompleted, course_completed
from lms.learning.models import CourseCompletionRow, WatchProgressRow
from lms.learning.queries.classrooms import credited_in_rooms


def import_progress(person_id: UUID, lecture_id: UUID, *, enrolment_id: UUID | None, now: datetime) -> None:
    """Takes a lecture over as watched whole, without a lease: for records that come from elsewhere (demo learners)."""
    with unit_of_work() as session:
        accounts.lock_person(session, person_id)
        lecture = catalogue.playable_lecture(session, lecture_id)
        ensure_progress(session, person_id, lecture.asset_id, now)
        session.execute(
            update(WatchProgressRow)
            .where(WatchProgressRow.person_id == person_id, WatchProgressRow.asset_id == lecture.asset_id)
            .values(
                watched=union([(0, lecture.duration_ms)]),
                covered_ms=lecture.duration_ms,
                version=WatchProgressRow.version + 1,
                completed_at=now,
                changed_at=now,
            )
        )
        complete_course(session, person_id, lecture.course_id, enrolment_id, at=now, now=now)


def complete_course(
    session: Session, person_id: UUID, course_id: UUID, enrolment_id: UUID | None, *, at: datetime, now: datetime
) -> bool:
    """Completes the course when all its lectures are, once; whoever listens credits the hours in the same step.

    `at` is when the lecture at hand was seen. The course is complete since the last of its lectures was, which may be later:
    a classroom's sheet is signed after its people went on by themselves.
    A suspended lecture is asked for too: the hours were fixed for all of them. What the person whom a joined account turned out
    to be has completed is complete. Returns whether the course is complete.

    The caller has locked the person, before their leases: of two lectures that are completed in the same moment the later one
    must see the other, or the course would stay open.
    """
    if course_complete(session, person_id, course_id):
        return True
    assets = [asset_id for _, asset_id, _ in catalogue.lecture_ids(session, course_id)]
    since = queries.completed_assets(session, person_id, assets)
    if not assets or since.keys() != set(assets):
        return False
    completed_at = max(at, *since.values())
    insert = db.insert_into(CourseCompletionRow)
    done = session.execute(
        insert.values(
            id=ids.new_id(now),
            person_id=person_id,
            course_id=course_id,
            enrolment_id=enrolment_id,
            completed_at=completed_at,
        )
        .on_conflict_do_nothing(index_elements=["person_id", "course_id"])
        .returning(CourseCompletionRow.id)
    ).first()
    if done is None:
        return True
    kind = _kind(session, person_id, course_id, enrolment_id)
    course_completed.send(None, event=CourseCompleted(person_id, course_id, enrolment_id, kind, completed_at, now))
    return True


def course_complete(session: Session, person_id: UUID, course_id: UUID) -> bool:
    """Whether the person, under whatever account, has completed the course. Two statements."""
    return bool(queries.completions(session, accounts.kept_id(session, person_id), [course_id]))


def _kind(session: Session, person_id: UUID, course_id: UUID, enrolment_id: UUID | None) -> str | None:
    """The kind of training: concentrated when most of it was learned in classrooms, else the class's, None without one."""
    if mostly_in_rooms(*credited_in_rooms(session, person_id, course_id)):
        return "centralized"
    if enrolment_id is None:
        return None
    return classes.class_facts(session, classes.enrolment_by_id(session, enrolment_id).class_id).kind


def ensure_progress(session: Session, person_id: UUID, asset_id: UUID, now: datetime) -> None:
    """Makes the row of a person's progress in an asset unless it is there."""
    insert = db.insert_into(WatchProgressRow)
    session.execute(
        insert.values(
            person_id=person_id, asset_id=asset_id, watched=[], covered_ms=0, position_ms=0, version=0, changed_at=now
        ).on_conflict_do_nothing(index_elements=["person_id", "asset_id"])
    )
