"""Practice follows people who turn out to be one, and ends after two years."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from lms.accounts.domain import fieldregister
from lms.infra.db import unit_of_work
from lms.practice.models import (
    MockExamRow,
    MockQuestionRow,
    PracticeRoundRow,
    PracticeStepRow,
    PractisedItemRow,
)

BATCH = 500


def follow_joining(kept_id: UUID, gone_id: UUID) -> None:
    """One human, one book: what was practised under the other account moves; of an item in both the kept account's stands.

    What is open under the gone account is dropped with its answers: nobody will finish it.
    """
    with unit_of_work() as session:
        mine = aliased(PractisedItemRow)
        both = select(mine.bank_code, mine.ref).where(mine.person_id == kept_id)
        session.execute(
            delete(PractisedItemRow).where(
                PractisedItemRow.person_id == gone_id,
                tuple_(PractisedItemRow.bank_code, PractisedItemRow.ref).in_(both),
            )
        )
        open_rounds = select(PracticeRoundRow.id).where(
            PracticeRoundRow.person_id == gone_id, PracticeRoundRow.finished_at.is_(None)
        )
        open_mocks = select(MockExamRow.id).where(MockExamRow.person_id == gone_id, MockExamRow.submitted_at.is_(None))
        _drop_rounds(session, session.execute(open_rounds).scalars().all())
        _drop_mocks(session, session.execute(open_mocks).scalars().all())
        for row in (PractisedItemRow, PracticeRoundRow, MockExamRow):
            session.execute(update(row).where(row.person_id == gone_id).values(person_id=kept_id))


def purge(*, now: datetime, batch: int = BATCH) -> int:
    """Removes what is older than the register of personal fields allows. Returns how many rounds, standings and mock exams went."""
    before = now - timedelta(days=fieldregister.field("practice").retention.days)
    total = 0
    while True:
        with unit_of_work() as session:
            rounds = _due(session, PracticeRoundRow.id, PracticeRoundRow.started_at < before, batch)
            mocks = _due(session, MockExamRow.id, MockExamRow.started_at < before, batch)
            _drop_rounds(session, rounds)
            _drop_mocks(session, mocks)
            key = (PractisedItemRow.person_id, PractisedItemRow.bank_code, PractisedItemRow.ref)
            old = session.execute(select(*key).where(PractisedItemRow.last_at < before).limit(batch)).all()
            if old:
                session.execute(delete(PractisedItemRow).where(tuple_(*key).in_([tuple(row) for row in old])))
        total += len(rounds) + len(mocks) + len(old)
        if max(len(rounds), len(mocks), len(old)) < batch:
            return total


def _due(session: Session, key: Any, due: Any, batch: int) -> Sequence[UUID]:
    return session.execute(select(key).where(due).limit(batch)).scalars().all()


def _drop_rounds(session: Session, round_ids: Sequence[UUID]) -> None:
    session.execute(delete(PracticeStepRow).where(PracticeStepRow.round_id.in_(round_ids)))
    session.execute(delete(PracticeRoundRow).where(PracticeRoundRow.id.in_(round_ids)))


def _drop_mocks(session: Session, mock_ids: Sequence[UUID]) -> None:
    session.execute(delete(MockQuestionRow).where(MockQuestionRow.mock_exam_id.in_(mock_ids)))
    session.execute(delete(MockExamRow).where(MockExamRow.id.in_(mock_ids)))
