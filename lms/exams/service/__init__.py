"""Opens exams and attempts, saves answers, hands in and scores; the rules themselves are in domain/."""

from lms.exams.service.answer import Saved, SaveRefused, save_answer, save_form
from lms.exams.service.attempt import (
    AttemptsUsedUp,
    CoursesMissing,
    ExamNotOpen,
    Opened,
    TimeOver,
    open_again,
    require_eligible,
    start_or_resume,
)
from lms.exams.service.exam import create_exam
from lms.exams.service.grading import Graded, hand_in_if_over, settled_view, submit, submit_overdue

__all__ = [
    "AttemptsUsedUp",
    "CoursesMissing",
    "ExamNotOpen",
    "Graded",
    "Opened",
    "SaveRefused",
    "Saved",
    "TimeOver",
    "create_exam",
    "hand_in_if_over",
    "open_again",
    "require_eligible",
    "save_answer",
    "save_form",
    "settled_view",
    "start_or_resume",
    "submit",
    "submit_overdue",
]
