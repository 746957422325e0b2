"""Follows the tree of unions, and gives people their copy of what units entered of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts.events import personal_data
from lms.offline import queries, service
from lms.organisations.events import units_moved

MOST = 1000


@units_moved.connect
def _on_units_moved(_sender: object, moves: list[tuple[str, str]], at: datetime) -> None:
    service.follow_moves(moves)


@personal_data.connect
def _on_personal_data(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    return "training_elsewhere", [
        {
            "title": one.title,
            "organiser": one.organiser,
            "from": one.from_on,
            "until": one.until_on,
            "hours": one.hours / 100,
            "ledger": one.ledger,
            "state": one.state,
        }
        for one in queries.of_person(session, person_id, limit=MOST)
    ]
