"""Where a person stands in an exam, and whether another attempt is offered."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from lms.exams.domain.points import Points


class StandingState(StrEnum):
    """What the exam is to a person now."""

    CLOSED = "closed"
    LOCKED = "locked"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    PASSED = "passed"
    FAILED = "failed"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True)
class Standing:
    """A person's attempts at an exam in sum; `running`: attempts may begin now, and the person has a place in the class."""

    exam_id: UUID
    questions: int
    minutes: int
    pass_mark: int
    max_score: int
    max_attempts: int
    attempts_used: int
    best_score: Points | None  # of the attempt that counts
    passed: bool
    open_attempt_id: UUID | None
    running: bool

    @property
    def attempts_left(self) -> int:
        """How many attempts have not been begun."""
        return max(self.max_attempts - self.attempts_used, 0)

    def may_begin(self, all_done: bool) -> bool:
        """Whether a further attempt may begin; `all_done`: every course is completed. Who has passed may still try for more."""
        return self.running and all_done and self.attempts_left > 0 and self.open_attempt_id is None

    def state(self, all_done: bool) -> StandingState:
        """The state for pages; only open and failed (may try again) invite to begin."""
        if self.open_attempt_id is not None:
            return StandingState.IN_PROGRESS
        if self.passed:
            return StandingState.PASSED
        if not self.attempts_left:
            return StandingState.EXHAUSTED
        if not self.running:
            return StandingState.CLOSED
        if not all_done:
            return StandingState.LOCKED
        return StandingState.FAILED if self.attempts_used else StandingState.OPEN
