"""Brings the answers of an attempt that only people can mark into their queue."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lms.exams import queries
from lms.exams.domain.keys import ByHand
from lms.exams.domain.marking import rank
from lms.exams.models import MarkingPieceRow
from lms.kernel import ids


def queue_pieces(session: Session, attempt_id: UUID, exam_id: UUID, *, now: datetime) -> None:
    """Adds one piece for each answer that is not blank; a blank one earns nothing and needs nobody."""
    saved = queries.answers(session, attempt_id)
    entries = queries.paper(session, attempt_id).entries
    items = queries.items(session, [entry.version_id for entry in entries])
    wanted = queries.marking_plan(session, exam_id).markers
    rows = [
        {
            "id": ids.new_secret_id(),  # says nothing of the attempt, nor of when it was handed in
            "attempt_id": attempt_id,
            "position": entry.position,
            "exam_id": exam_id,
            "item_version_id": entry.version_id,
            "points": entry.points,
            "rank": rank(attempt_id, entry.position),
            "wanted": wanted,
            "state": "waiting",
            "created_at": now,
        }
        for entry in entries
        if isinstance(items[entry.version_id].key, ByHand)
        and entry.position in saved
        and any(saved[entry.position].value)
    ]
    if rows:
        session.execute(insert(MarkingPieceRow), rows)
