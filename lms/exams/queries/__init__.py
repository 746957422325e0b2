"""Reads exams, attempts, papers, answers and results."""

from lms.exams.queries.answer import SavedAnswer, SaveTarget, answers, save_target, saves_before
from lms.exams.queries.attempt import (
    Attempt,
    Result,
    attempt,
    attempts_of,
    attempts_of_person,
    best_passes,
    counting,
    has_open_attempt,
    overdue,
    own_attempt,
    sat_since,
    standing,
    standing_in_class,
)
from lms.exams.queries.exam import Exam, exam, exam_of_class, exams_to_begin
from lms.exams.queries.kept import items, paper, rules
from lms.exams.queries.pool import published
from lms.exams.queries.starting import start_facts
from lms.exams.queries.view import AttemptView, Question, Reviewed, attempt_view, questions

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
    "counting",
    "exam",
    "exam_of_class",
    "exams_to_begin",
    "has_open_attempt",
    "items",
    "overdue",
    "own_attempt",
    "paper",
    "published",
    "questions",
    "rules",
    "sat_since",
    "save_target",
    "saves_before",
    "standing",
    "standing_in_class",
    "start_facts",
]
