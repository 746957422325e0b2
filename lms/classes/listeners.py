"""Adds the enrolments to the copy of their data that people take, and takes classes where their unit goes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts.events import personal_data
from lms.classes import queries, service
from lms.organisations.events import unit_merged


@unit_merged.connect
def _on_unit_merged(_sender: object, gone_id: UUID, into_id: UUID, at: datetime, actor_id: UUID | None) -> None:
    service.follow_merger(gone_id, into_id)


@personal_data.connect
def _on_personal_data(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    return "enrolments", [
        {"class": one.class_name, "state": one.state, "enrolled_at": one.enrolled_at}
        for one in queries.enrolments_of(session, person_id)
    ]
