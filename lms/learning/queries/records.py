"""Reads a person's own watching, sitting by sitting, with where it came from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.queries import aliases
from lms.catalogue.models import CourseRow
from lms.learning.models import ClassroomAttendanceRow, LeaseRow


@dataclass(frozen=True)
class Sitting:
    """A stretch of watching: alone, or in a classroom (`attendance_id`)."""

    opened_at: datetime
    ended_at: datetime | None
    course_title: str
    credited_ms: int
    attendance_id: UUID | None


def sittings(
    session: Session, person_id: UUID, *, before: datetime | None = None, limit: int = 50
) -> tuple[Sitting, ...]:
    """One's own sittings, the newest first, those that began before a moment. One statement."""
    statement = (
        select(LeaseRow.opened_at, LeaseRow.ended_at, CourseRow.title, LeaseRow.credited_ms, ClassroomAttendanceRow.id)
        .join(CourseRow, CourseRow.id == LeaseRow.course_id)
        .outerjoin(ClassroomAttendanceRow, ClassroomAttendanceRow.lease_id == LeaseRow.id)
        .where(LeaseRow.person_id.in_(aliases(person_id)))
        .order_by(LeaseRow.opened_at.desc(), LeaseRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(LeaseRow.opened_at < before)
    return tuple(Sitting(*row) for row in session.execute(statement))
