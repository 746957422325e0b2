"""What exams announce, inside the unit of work that stored the score."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from blinker import signal

from lms.exams.domain.points import Points

attempt_graded = signal("attempt_graded")
"""Sent as attempt_graded.send(None, event=AttemptGraded(...)), once for an attempt."""
result_changed = signal("result_changed")
"""Sent as result_changed.send(None, event=ResultChanged(...)), each time that a graded attempt gets a later result."""
certificates_of = signal("certificates_of")
"""Sent as certificates_of.send(None, session=..., class_id=..., person_id=...); a receiver returns the number of the certificate
that rests on the person's result, or None."""


@dataclass(frozen=True)
class AttemptGraded:
    """An attempt has its score; points are whole or have two places.

    `stands` says whether the person has passed the exam by what counts now: where the last attempt counts, one that is marked
    after a later one was failed does not.
    """

    attempt_id: UUID
    exam_id: UUID
    class_id: UUID
    person_id: UUID
    score: Points
    max_score: int
    passed: bool
    stands: bool
    at: datetime


@dataclass(frozen=True)
class ResultChanged:
    """A graded attempt has a later result; `stands` says whether the person has passed the exam by what counts now."""

    attempt_id: UUID
    exam_id: UUID
    class_id: UUID
    person_id: UUID
    before: Points
    after: Points
    stands: bool
    at: datetime
