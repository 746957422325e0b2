"""What the catalogue announces, inside the unit of work that changed it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blinker import signal

from lms.kernel.hourrules import Rule

lecture_published = signal("lecture_published")
"""Sent with event=LecturePublished(...)."""
lecture_withdrawn = signal("lecture_withdrawn")
"""Sent with event=LectureWithdrawn(...): suspended, retired or superseded."""


@dataclass(frozen=True)
class LecturePublished:
    """Learners may see a lecture; `course_hours` is what the whole course is worth now, in hundredths.

    `length_rule` is the rule by length (of whatever version) under which all its lectures were approved, if it is one and the same.
    """

    lecture_id: UUID
    course_id: UUID
    asset_id: UUID
    revision_id: UUID
    course_hours: int
    decided_by: UUID
    at: datetime
    length_rule: Rule | None = None


@dataclass(frozen=True)
class LectureWithdrawn:
    """Learners may see that version no longer."""

    lecture_id: UUID
    course_id: UUID
    asset_id: UUID
    at: datetime
