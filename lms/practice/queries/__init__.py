"""Reads what learners practise and have practised."""

from lms.practice.queries.items import PoolItem, bank_of, candidates, held, offered, pool, refs
from lms.practice.queries.mocks import Mock, MockView, mock_picture, mock_view, mocks, own_mock, paper, sheet
from lms.practice.queries.owndata import personal_copy
from lms.practice.queries.rounds import (
    Explained,
    Round,
    Step,
    explained,
    open_round,
    own_round,
    question,
    round_picture,
)
from lms.practice.queries.standing import CoursePractice, Mistake, PointPractice, book, book_picture, courses, points

__all__ = [
    "CoursePractice",
    "Explained",
    "Mistake",
    "Mock",
    "MockView",
    "PointPractice",
    "PoolItem",
    "Round",
    "Step",
    "bank_of",
    "book",
    "book_picture",
    "candidates",
    "courses",
    "explained",
    "held",
    "mock_picture",
    "mock_view",
    "mocks",
    "offered",
    "open_round",
    "own_mock",
    "own_round",
    "paper",
    "personal_copy",
    "points",
    "pool",
    "question",
    "refs",
    "round_picture",
    "sheet",
]
