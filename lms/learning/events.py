"""What learning announces, inside the unit of work that credited the last second."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from blinker import signal

course_completed = signal("course_completed")
"""Sent with event=CourseCompleted(...), once for a person and course."""


@dataclass(frozen=True)
class CourseCompleted:
    """All lectures of a course are watched, since `at`; `now` is when that was found: a classroom's sheet is signed later.

    `class_kind` is the class's kind of training, centralized of what was learned in classrooms, None without a class.
    """

    person_id: UUID
    course_id: UUID
    enrolment_id: UUID | None
    class_kind: str | None
    at: datetime
    now: datetime


reversal_proposed = signal("reversal_proposed")
"""Sent with event=ReversalProposed(...): a human who looked at a flag thinks that hours should be taken back; nothing is yet."""


@dataclass(frozen=True)
class ReversalProposed:
    """Whose hours of which day, why, and who says so; the ledger's own two-person act decides."""

    flag_id: UUID
    person_id: UUID
    day: date
    reason: str
    proposed_by: UUID
    at: datetime
