"""Puts a person's accommodations into the copy of their data."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accommodations import queries
from lms.accounts.events import personal_data


@personal_data.connect
def _on_personal_data(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    return "accommodations", [
        {
            "version": one.version,
            "exam_time_percent": one.exam_percent,
            "presence_time_percent": one.presence_percent,
            "basis": one.basis,
            "reference": one.reference,
            "from": one.from_on,
            "until": one.until_on,
            "state": one.state,
            "decided_at": one.decided_at,
            "revoked_at": one.revoked_at,
            "revoked_reason": one.revoked_reason,
        }
        for one in queries.accommodations_of(session, person_id)
    ]
