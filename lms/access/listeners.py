"""Keeps the last national administrators: their accounts can't end before another holds the same role."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.access import queries, service
from lms.accounts.events import account_ending, personal_data
from lms.organisations import queries as organisations


@account_ending.connect
def _on_account_ending(_sender: object, person_id: UUID, at: datetime) -> None:
    service.refuse_to_lose(person_id, now=at)


@personal_data.connect
def _on_personal_data(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    root = organisations.national(session)
    found = queries.grants_of_person(session, person_id, (root.path,)) if root else ()
    return "roles", [
        {"role": one.role, "unit": one.unit_name, "from": one.from_at, "until": one.until_at, "ended": one.ended_at}
        for one in found
    ]
