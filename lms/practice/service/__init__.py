"""Opens and closes rounds of practice and mock exams; keeps the book of wrong answers."""

from lms.practice.service.keeping import follow_joining, purge
from lms.practice.service.mocks import plan, save_mock, settle, settled_view, start_mock
from lms.practice.service.refusals import AnswerNeeded, NothingToPractise, Withdrawn
from lms.practice.service.rounds import BOOK, COURSE, Answered, answer, leave_book, start_round

__all__ = [
    "BOOK",
    "COURSE",
    "AnswerNeeded",
    "Answered",
    "NothingToPractise",
    "Withdrawn",
    "answer",
    "follow_joining",
    "leave_book",
    "plan",
    "purge",
    "save_mock",
    "settle",
    "settled_view",
    "start_mock",
    "start_round",
]
