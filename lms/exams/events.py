"""What exams announce, inside the unit of work that stored the score."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blinker import signal

from lms.exams.domain.points import Points

attempt_graded = signal("attempt_graded")
"""Sent as attempt_graded.send(None, event=AttemptGraded(...)), once for an attempt."""


@dataclass(frozen=True)
class AttemptGraded:
    """An attempt has its score; points are whole or have two places."""

    attempt_id: UUID
    exam_id: UUID
    class_id: UUID
    person_id: UUID
    score: Points
    max_score: int
    passed: bool
    at: datetime
