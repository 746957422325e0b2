"""Reads exams and attempts."""
# INTERFACE that lms/portal/views.py uses; the writer of the exams slice fills it in and removes this comment.

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Standing:
    """A learner's standing in the exam of a class, for the class page."""

    exam_id: UUID
    questions: int
    minutes: int
    pass_mark: int
    max_score: int
    attempts_used: int
    max_attempts: int
    best_score: int | None
    passed: bool
    open_attempt_id: UUID | None

    def state(self, all_done: bool) -> str:
        """locked, open, in_progress, passed, failed (may try again) or exhausted."""
        if self.passed:
            return "passed"
        if self.open_attempt_id is not None:
            return "in_progress"
        if not all_done:
            return "locked"
        if self.attempts_used >= self.max_attempts:
            return "exhausted"
        return "failed" if self.attempts_used else "open"


def standing_in_class(session: Session, class_id: UUID, person_id: UUID) -> Standing | None:
    """The standing of a person in the exam of a class, None when the class has no exam."""
    return None
