"""Follows what ends playing at once: a withdrawn lecture, a disabled account."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts.events import account_disabled, personal_data
from lms.catalogue.events import LectureWithdrawn, lecture_withdrawn
from lms.learning import queries, service


@lecture_withdrawn.connect
def _on_lecture_withdrawn(_sender: object, event: LectureWithdrawn) -> None:
    service.revoke_leases(asset_id=event.asset_id, now=event.at)


@account_disabled.connect
def _on_account_disabled(_sender: object, person_id: UUID, at: datetime) -> None:
    service.revoke_leases(person_id=person_id, now=at)


@personal_data.connect
def _on_personal_data(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    return "learning", [
        {"course": one.title, "watched_ms": one.credited_ms, "completed_at": one.completed_at}
        for one in queries.studied(session, person_id)
    ]
