"""Follows the tree of unions: who belongs to a unit that moves, merges or is found at last goes with it. A code ends with
its account."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from lms.accounts import queries
from lms.accounts.domain.reach import Staff
from lms.accounts.events import account_disabled, person_moved
from lms.accounts.service import codes, joining, memberships
from lms.accounts.service.holding import day_of
from lms.audit import service as audit
from lms.audit.domain.findings import Finding, Kind
from lms.infra.db import unit_of_work
from lms.notices.events import joined_accounts
from lms.organisations.events import people_counted, place_held, unit_merged, unit_request_settled, units_moved
from lms.web import ports


@units_moved.connect
def _on_units_moved(_sender: object, moves: list[tuple[str, str]], at: datetime) -> None:
    # By the old paths: at the new one of a merger stand those who were there before, too.
    with unit_of_work() as session:
        joining.end_of_moved(session, paths=[old for old, _new in moves], now=at)
    memberships.follow_moves(moves)


@place_held.connect
def _on_place_held(_sender: object, session: Session, path: str) -> None:
    queries.lock_people_at(session, path)


@person_moved.connect
def _on_person_moved(_sender: object, session: Session, person_id: UUID, at: datetime) -> None:
    joining.end_of_moved(session, person_id=person_id, now=at)


@unit_merged.connect
def _on_unit_merged(_sender: object, gone_id: UUID, into_id: UUID, at: datetime, actor_id: UUID | None) -> None:
    memberships.follow_merger(gone_id, into_id, actor_id=actor_id, now=at)


@unit_request_settled.connect
def _on_unit_request_settled(
    _sender: object, person_id: UUID, unit_id: UUID, parent_path: str, at: datetime, actor_id: UUID
) -> None:
    by = Staff(actor_id, (parent_path,), lambda one, other: ports.outranks(one, other, at))
    memberships.follow_request(person_id, unit_id, by=by, now=at)


@joined_accounts.connect
def _on_joined_accounts(_sender: object, session: Session, person_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    return queries.joined_to(session, person_ids)


@people_counted.connect
def _on_people_counted(_sender: object, session: Session, path: str, limit: int, at: datetime) -> int:
    return queries.count_at(session, path, day_of(at), limit=limit)


@account_disabled.connect
def _on_account_disabled(_sender: object, person_id: UUID, at: datetime) -> None:
    with unit_of_work() as session:
        codes.end_all(session, queries.credentials_of_person(session, person_id).account_id, now=at)


@audit.register_check("places")
def _people_are_listed_at_the_path_of_their_unit(session: Session) -> Iterator[Finding | None]:
    for person_id in queries.misplaced(session):
        yield Finding(Kind.ALTERED, "person", person_id.hex, "the path is not the one of the unit")
