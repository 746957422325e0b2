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
from lms.exams.queries.board import Candidate, Counts, Told, candidate, candidates, counts, exam_id_of, place_of, told
from lms.exams.queries.exam import Exam, exam, exam_of_class, exams_to_begin
from lms.exams.queries.kept import items, paper, rules
from lms.exams.queries.moretime import MoreTime, confirmed_requests, request, requests
from lms.exams.queries.pool import published
from lms.exams.queries.pulse import Message, Pulse, messages, messages_of_exam, pulse
from lms.exams.queries.starting import start_facts
from lms.exams.queries.view import AttemptView, Question, Reviewed, attempt_view, questions

__all__ = [
    "Attempt",
    "AttemptView",
    "Candidate",
    "Counts",
    "Exam",
    "Message",
    "MoreTime",
    "Pulse",
    "Question",
    "Result",
    "Reviewed",
    "SaveTarget",
    "SavedAnswer",
    "Told",
    "answers",
    "attempt",
    "attempt_view",
    "attempts_of",
    "attempts_of_person",
    "best_passes",
    "candidate",
    "candidates",
    "confirmed_requests",
    "counting",
    "counts",
    "exam",
    "exam_id_of",
    "exam_of_class",
    "exams_to_begin",
    "has_open_attempt",
    "items",
    "messages",
    "messages_of_exam",
    "overdue",
    "own_attempt",
    "paper",
    "place_of",
    "published",
    "pulse",
    "questions",
    "request",
    "requests",
    "rules",
    "sat_since",
    "save_target",
    "saves_before",
    "standing",
    "standing_in_class",
    "start_facts",
    "told",
]
