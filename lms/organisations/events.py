"""What the tree of unions announces and asks, inside the unit of work that changed it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from blinker import signal
from sqlalchemy.orm import Session

units_moved = signal("units_moved")
"""Sent with moves=[(old_path, new_path)] and at=…: every path that began with an old one now begins with the new one."""
place_held = signal("place_held")
"""Sent with session=… and path=… before a change of the tree looks at anything: who keeps people there lets nobody else act on
them until the unit of work ends."""
units_moving = signal("units_moving")
"""Sent with path=…, to=…, actor_id=… and at=… before a subtree gets another place: a receiver that can't have it raises."""
unit_merged = signal("unit_merged")
"""Sent with gone_id=…, into_id=…, at=… and actor_id=…: who belonged to the gone unit now belongs to the other one."""
unit_closing = signal("unit_closing")
"""Sent with path=…, actor_id=… and at=… before a unit is closed: what rests on it ends, and a receiver that can't have it raises."""
unit_request_settled = signal("unit_request_settled")
"""Sent with person_id=…, unit_id=…, parent_path=…, at=… and actor_id=…: the unit that the person could not find below the
union at the path is this one."""
people_counted = signal("people_counted")
"""A question, sent with session=…, path=…, limit=… and at=…: how many people belong to units at the path or below, or will, up to
the limit."""

roles_counted = signal("roles_counted")
"""A question, sent with session=…, path=…, limit=… and at=…: how many roles over units at the path or below hold or will, up to
the limit."""


def hold(session: Session, path: str) -> None:
    """Has those who know people hold those at `path` and below."""
    place_held.send(session=session, path=path)


def moving(path: str, to: str, *, at: datetime, actor_id: UUID | None) -> None:
    """Asks whether the subtree at `path` may go below the unit at `to`; receivers raise when not."""
    units_moving.send(path=path, to=to, actor_id=actor_id, at=at)


def moved(moves: Sequence[tuple[str, str]], *, at: datetime) -> None:
    """Announces that subtrees have new paths."""
    units_moved.send(moves=list(moves), at=at)


def merged(gone_id: UUID, into_id: UUID, *, at: datetime, actor_id: UUID | None) -> None:
    """Announces that one unit is now part of another."""
    unit_merged.send(gone_id=gone_id, into_id=into_id, at=at, actor_id=actor_id)


def closing(path: str, *, at: datetime, actor_id: UUID | None) -> None:
    """Announces that the unit at `path` is about to close; receivers raise when it may not."""
    unit_closing.send(path=path, actor_id=actor_id, at=at)


def settled(person_id: UUID, unit_id: UUID, *, parent_path: str, at: datetime, actor_id: UUID) -> None:
    """Announces which unit below the union that they named a person meant."""
    unit_request_settled.send(person_id=person_id, unit_id=unit_id, parent_path=parent_path, at=at, actor_id=actor_id)


def people_at(session: Session, path: str, *, limit: int, at: datetime) -> int:
    """How many people belong to the subtree at `path`, or will, counted up to `limit`; asks those who know people."""
    answers = people_counted.send(session=session, path=path, limit=limit, at=at)
    return min(limit, sum(int(count) for _receiver, count in answers))


def roles_at(session: Session, path: str, *, limit: int, at: datetime) -> int:
    """How many roles over the subtree at `path` hold or will hold, counted up to `limit`; asks those who know roles."""
    answers = roles_counted.send(session=session, path=path, limit=limit, at=at)
    return min(limit, sum(int(count) for _receiver, count in answers))
