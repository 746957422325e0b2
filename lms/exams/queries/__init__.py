"""Reads exams, attempts, papers, answers and results."""

from lms.exams.queries.answer import SavedAnswer, SaveTarget, answers, save_target, saves_before
from lms.exams.queries.attempt import (
    Attempt,
    Result,
    attempt,
    attempts_of,
    attempts_of_person,
    best_passes,
    has_open_attempt,
    overdue,
    own_attempt,
    sat_since,
    standing,
    standing_in_class,
)
from lms.exams.queries.exam import Exam, exam, exam_of_class
from lms.exams.queries.paper import AttemptView, Question, Reviewed, attempt_view, paper

__all__ = [
    "Attempt",
    "AttemptView",
    "Exam",
    "Question",
    "Result",
    "Reviewed",
    "SaveTarget",
    "SavedAnswer",
    "answers",
    "attempt",
    "attempt_view",
    "attempts_of",
    "attempts_of_person",
    "best_passes",
    "exam",
    "exam_of_class",
    "has_open_attempt",
    "overdue",
    "own_attempt",
    "paper",
    "sat_since",
    "save_target",
    "saves_before",
    "standing",
    "standing_in_class",
]
