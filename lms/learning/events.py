"""What learning announces, inside the unit of work that credited the last second."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blinker import signal

course_completed = signal("course_completed")
"""Sent with event=CourseCompleted(...), once for a person and course."""


@dataclass(frozen=True)
class CourseCompleted:
    """All lectures of a course are watched; `class_kind` is the class's kind of training, None without a class."""

    person_id: UUID
    course_id: UUID
    enrolment_id: UUID | None
    class_kind: str | None
    at: datetime
