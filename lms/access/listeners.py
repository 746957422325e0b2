"""Keeps the last national administrators, and looks after roles whose holder leaves or whose unit moves, merges or closes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.access import queries, service
from lms.accounts.events import account_ending, could_give_all, givers_of_roles, in_office, personal_data
from lms.organisations import queries as organisations
from lms.organisations.events import roles_counted, unit_closing, unit_merged, units_moving


@account_ending.connect
def _on_account_ending(_sender: object, person_id: UUID, at: datetime) -> None:
    service.refuse_to_lose(person_id, now=at)


@in_office.connect
def _on_in_office(_sender: object, session: Session, person_id: UUID, just_taken: bool, at: datetime) -> bool:
    return bool(queries.held_or_coming(session, person_id, just_taken=just_taken, now=at))


@could_give_all.connect
def _on_could_give_all(_sender: object, session: Session, giver_id: UUID, person_id: UUID, at: datetime) -> bool:
    return service.could_give_all(session, giver_id, person_id, now=at)


@givers_of_roles.connect
def _on_givers_of_roles(
    _sender: object, session: Session, person_ids: frozenset[UUID], since: datetime
) -> frozenset[UUID]:
    return queries.givers(session, person_ids, since=since)


@units_moving.connect
def _on_units_moving(_sender: object, path: str, to: str, actor_id: UUID | None, at: datetime) -> None:
    service.follow_move(path, to, actor_id=actor_id, now=at)


@unit_merged.connect
def _on_unit_merged(_sender: object, gone_id: UUID, into_id: UUID, at: datetime, actor_id: UUID | None) -> None:
    service.follow_merger(gone_id, actor_id=actor_id, now=at)


@unit_closing.connect
def _on_unit_closing(_sender: object, path: str, actor_id: UUID | None, at: datetime) -> None:
    service.follow_closing(path, actor_id=actor_id, now=at)


@roles_counted.connect
def _on_roles_counted(_sender: object, session: Session, path: str, limit: int, at: datetime) -> int:
    return queries.count_in_state(session, (path,), "open", now=at, limit=limit)


@personal_data.connect
def _on_personal_data(_sender: object, session: Session, person_id: UUID) -> tuple[str, list[dict[str, Any]]]:
    root = organisations.national(session)
    found = queries.grants_of_person(session, person_id, (root.path,)) if root else ()
    return "roles", [
        {"role": one.role, "unit": one.unit_name, "from": one.from_at, "until": one.until_at, "ended": one.ended_at}
        for one in found
    ]
