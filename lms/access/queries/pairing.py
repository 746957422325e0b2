"""Reads requests for help that two persons give, and who could give it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lms.access.domain.granting import GIVES
from lms.access.domain.pairing import WINDOW, Asked, Help, Seat
from lms.access.models import JointHelpRow, RoleGrantRow
from lms.accounts.models import AccountRow, PersonRow
from lms.infra.db import for_update, second
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.organisations.queries import path_today

HELPERS = 200
"""No more administrators of the nation are looked at."""
_asker, _decider = second(PersonRow), second(PersonRow)
_asked_path = path_today(func.coalesce(JointHelpRow.unit_id, PersonRow.unit_id))


@dataclass(frozen=True)
class JointHelp:
    """A request, as pages show it; `asked_path` is today's place of the unit at which the person worked when it was asked."""

    id: UUID
    person_id: UUID
    person_name: str
    unit_name: str
    unit_path: str
    asked_path: str
    help: Help
    reason: str
    asked_by: UUID
    asker_name: str
    asked_at: datetime
    state: str
    decider_name: str | None
    decided_at: datetime | None

    @property
    def expires_at(self) -> datetime:
        """From when on nobody can confirm it any more."""
        return self.asked_at + WINDOW

    @property
    def asked(self) -> Asked:
        """What the rules know of it."""
        return Asked(self.person_id, self.asked_by, self.asked_at, self.state == "open")

    def state_at(self, now: datetime) -> str:
        """Its state; "lapsed" also when nobody wrote that down yet."""
        return "lapsed" if self.state == "open" and now >= self.expires_at else self.state


def _requests() -> Select[*tuple[Any, ...]]:
    return (
        select(
            JointHelpRow.id,
            JointHelpRow.person_id,
            PersonRow.name,
            UnitRow.name.label("unit_name"),
            PersonRow.unit_path,
            _asked_path.label("asked_path"),
            JointHelpRow.help,
            JointHelpRow.reason,
            JointHelpRow.asked_by,
            _asker.name.label("asker_name"),
            JointHelpRow.asked_at,
            JointHelpRow.state,
            _decider.name.label("decider_name"),
            JointHelpRow.decided_at,
        )
        .join(PersonRow, PersonRow.id == JointHelpRow.person_id)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .join(_asker, _asker.id == JointHelpRow.asked_by)
        .outerjoin(_decider, _decider.id == JointHelpRow.decided_by)
    )


def _made(row: Any) -> JointHelp:
    values = dict(row._mapping)
    return JointHelp(**values | {"help": Help(values["help"]), "person_name": values.pop("name")})


def joint_help(session: Session, request_id: UUID, *, lock: bool = False) -> JointHelp:
    """One request, its row locked when it is about to be decided. Raises NotFound."""
    if lock:
        session.execute(for_update(select(JointHelpRow.id).where(JointHelpRow.id == request_id)))
    row = session.execute(_requests().where(JointHelpRow.id == request_id)).first()
    if row is None:
        raise NotFound
    return _made(row)


def joint_helps(
    session: Session,
    scopes: Iterable[str],
    *,
    waiting: bool = False,
    before: UUID | None = None,
    limit: int,
    now: datetime,
) -> tuple[JointHelp, ...]:
    """Requests for people of some subtrees, the newest first; those that wait, or all.

    What waits no more is for who reaches where the person worked then, too.
    """
    reach = tuple(scopes)
    waits = and_(JointHelpRow.state == "open", JointHelpRow.asked_at > now - WINDOW)
    statement = _requests().where(
        within(PersonRow.unit_path, reach), waits if waiting else or_(waits, within(_asked_path, reach))
    )
    if before is not None:
        statement = statement.where(JointHelpRow.id < before)
    return tuple(_made(row) for row in session.execute(statement.order_by(JointHelpRow.id.desc()).limit(limit)))


def seats_of(session: Session, person_id: UUID, *, now: datetime) -> tuple[Seat, ...]:
    """The roles that somebody with a usable account holds now, and since when."""
    return _seats(session, RoleGrantRow.person_id == person_id, now=now).get(person_id, ())


def chiefs(session: Session, *, now: datetime) -> dict[UUID, tuple[Seat, ...]]:
    """Everybody with a usable account who gives roles over the whole nation, with the roles that do."""
    return _seats(session, and_(UnitRow.parent_id.is_(None), RoleGrantRow.role.in_(sorted(GIVES))), now=now)


def _seats(session: Session, whose: Any, *, now: datetime) -> dict[UUID, tuple[Seat, ...]]:
    rows = session.execute(
        select(RoleGrantRow.person_id, RoleGrantRow.role, UnitRow.path, RoleGrantRow.from_at)
        .join(UnitRow, UnitRow.id == RoleGrantRow.unit_id)
        .join(AccountRow, AccountRow.person_id == RoleGrantRow.person_id)
        .where(
            whose,
            AccountRow.state == "active",
            RoleGrantRow.ended_at.is_(None),
            RoleGrantRow.from_at <= now,
            or_(RoleGrantRow.until_at.is_(None), RoleGrantRow.until_at > now),
        )
        .limit(HELPERS)
    )
    found: dict[UUID, tuple[Seat, ...]] = {}
    for row in rows:
        found[row.person_id] = (*found.get(row.person_id, ()), Seat(row.role, row.path, row.from_at))
    return found
