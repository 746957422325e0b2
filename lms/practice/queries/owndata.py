"""Reads what a learner's copy of their own data says of practice."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.classes.models import TrainingClassRow
from lms.practice.models import MockExamRow, PractisedItemRow

MOST = 5_000


def personal_copy(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    """How the person stands with each item, and their mock exams, as plain data; the newest MOST of each. Two statements."""
    items = session.execute(
        select(PractisedItemRow)
        .where(PractisedItemRow.person_id == person_id)
        .order_by(PractisedItemRow.last_at.desc())
        .limit(MOST)
    ).scalars()
    mocks = session.execute(
        select(MockExamRow, TrainingClassRow.name)
        .join(TrainingClassRow, TrainingClassRow.id == MockExamRow.class_id)
        .where(MockExamRow.person_id == person_id)
        .order_by(MockExamRow.started_at.desc())
        .limit(MOST)
    )
    return [
        {
            "kind": "item",
            "item": f"{one.bank_code}/{one.ref}",
            "right": one.times_right,
            "wrong": one.times_wrong,
            "in_wrong_answer_book": one.in_book,
            "last_at": one.last_at,
        }
        for one in items
    ] + [
        {
            "kind": "mock_exam",
            "class": name,
            "started_at": one.started_at,
            "submitted_at": one.submitted_at,
            "score": None if one.earned is None else one.earned / 100,
            "maximum": one.maximum,
        }
        for one, name in mocks
    ]
