"""Follows people who turn out to be one, and adds practice to the copy of their data that people take."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts.events import people_joined, personal_data
from lms.practice import queries, service


@people_joined.connect
def _on_people_joined(_sender: object, *, kept_id: UUID, gone_id: UUID, **_: Any) -> None:
    service.follow_joining(kept_id, gone_id)


@personal_data.connect
def _on_personal_data(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    return "practice", queries.personal_copy(session, person_id)
