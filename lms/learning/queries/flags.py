"""Reads flags for those who decide on them and those whom they are about, and the facts that detectors go by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.audit.models import AuditEntryRow
from lms.infra.db import second
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.kernel.scope import covers
from lms.learning.domain.suspicion import Ground
from lms.learning.models import LeaseRow, PresenceCheckRow, WatchFlagRow, WatchObjectionRow, WatchOriginRow
from lms.organisations.models import UnitRow
from lms.organisations.queries import path_today


@dataclass(frozen=True)
class Flag:
    """Something odd about a person's watching on a day, and what a human made of it."""

    id: UUID
    person_id: UUID
    person_name: str
    unit_name: str
    ground: Ground
    day: date
    evidence: dict[str, Any]
    raised_at: datetime
    decision: str | None
    reason: str
    decided_at: datetime | None
    decided_by: UUID | None
    objected: bool  # an objection waits for its answer
    unit_id: UUID  # where the person works today
    told: bool = True  # whether the reader is told what staff wrote

    def may_answer(self, staff_id: UUID, filed_at: datetime) -> bool:
        """Whether somebody may answer what was said then: against a decision, anybody but who took it."""
        return staff_id != self.decided_by or self.decided_at is None or filed_at <= self.decided_at


@dataclass(frozen=True)
class Objection:
    """What the person said, and what they were answered; "" while it waits."""

    id: UUID
    text: str
    filed_at: datetime
    answer: str
    answered_at: datetime | None
    told: bool = True  # whether the reader is told the answer


@dataclass(frozen=True)
class Ended:
    """A lease that is over."""

    lease_id: UUID
    person_id: UUID
    ended_at: datetime


_watched = second(PersonRow)
_waits = exists().where(WatchObjectionRow.flag_id == WatchFlagRow.id, WatchObjectionRow.answered_at.is_(None))


def _flags() -> Select[*tuple[Any, ...]]:
    """Flags with the person that they belong to today: of joined accounts the one that stays, in its unit."""
    return (
        select(
            WatchFlagRow.id,
            WatchFlagRow.person_id,
            PersonRow.name,
            UnitRow.name,
            WatchFlagRow.kind,
            WatchFlagRow.day,
            WatchFlagRow.evidence,
            WatchFlagRow.raised_at,
            WatchFlagRow.decision,
            WatchFlagRow.reason,
            WatchFlagRow.decided_at,
            WatchFlagRow.decided_by,
            _waits,
            UnitRow.id,
        )
        .join(_watched, _watched.id == WatchFlagRow.person_id)
        .join(PersonRow, PersonRow.id == func.coalesce(_watched.merged_into, _watched.id))
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
    )


def _flag(row: Any) -> Flag:
    values = list(row)
    values[4] = Ground(values[4])
    return Flag(*values)


def waiting(session: Session, scopes: Sequence[str], *, after: UUID | None = None, limit: int = 50) -> tuple[Flag, ...]:
    """Flags of people of some subtrees that wait for a decision or an answer, the oldest first, those after the flag `after`."""
    statement = _flags().where(within(PersonRow.unit_path, scopes), or_(WatchFlagRow.decision.is_(None), _waits))
    if after is not None:
        statement = statement.where(WatchFlagRow.id > after)
    return tuple(_flag(row) for row in session.execute(statement.order_by(WatchFlagRow.id).limit(limit)))


def flag(session: Session, flag_id: UUID, scopes: Sequence[str], *, held: bool = False) -> Flag:
    """One flag of a person of some subtrees. Raises NotFound.

    Why staff decided so is told to who reaches where the person worked then, and to who has to answer what was said against it.
    `held`: for an act; the person stays where they are until the unit of work ends.
    """
    statement = _flags().where(WatchFlagRow.id == flag_id, within(PersonRow.unit_path, scopes))
    row = session.execute(statement.with_for_update(key_share=True, of=PersonRow) if held else statement).first()
    if row is None:
        raise NotFound
    found = _flag(row)
    there = select(path_today(WatchFlagRow.unit_id)).where(WatchFlagRow.id == flag_id)
    if found.objected or _reaches(session.execute(there).scalar(), scopes):
        return found
    return replace(found, reason="", told=False)


def _reaches(path: str | None, scopes: Sequence[str]) -> bool:
    return path is None or any(covers(scope, path) for scope in scopes)


def own_flags(session: Session, person_id: UUID, *, limit: int = 20) -> tuple[Flag, ...]:
    """The newest flags on one's own watching."""
    statement = _flags().where(WatchFlagRow.person_id.in_(aliases(person_id))).order_by(WatchFlagRow.id.desc())
    return tuple(_flag(row) for row in session.execute(statement.limit(limit)))


def own_flag(session: Session, flag_id: UUID, person_id: UUID) -> Flag:
    """One flag on one's own watching. Raises NotFound, also for somebody else's."""
    mine = WatchFlagRow.person_id.in_(aliases(person_id))
    row = session.execute(_flags().where(WatchFlagRow.id == flag_id, mine)).first()
    if row is None:
        raise NotFound
    return _flag(row)


def objections(session: Session, flag_id: UUID, scopes: Sequence[str] | None = None) -> tuple[Objection, ...]:
    """What was said against a flag, the oldest first; answers only for who reaches where the person worked then (None: all)."""
    rows = session.execute(
        select(
            WatchObjectionRow.id,
            WatchObjectionRow.text,
            WatchObjectionRow.filed_at,
            WatchObjectionRow.answer,
            WatchObjectionRow.answered_at,
            path_today(WatchObjectionRow.unit_id),
        )
        .where(WatchObjectionRow.flag_id == flag_id)
        .order_by(WatchObjectionRow.filed_at, WatchObjectionRow.id)
        .limit(100)
    )
    found = [(Objection(*row[:5]), row[5]) for row in rows]
    return tuple(
        one if scopes is None or _reaches(path, scopes) else replace(one, answer="", told=False) for one, path in found
    )


def ended_between(
    session: Session, since: datetime, until: datetime, *, after: UUID | None = None, limit: int
) -> tuple[Ended, ...]:
    """Leases that ended in [since, until), in that order and of one moment by id; of the moment `since` those after `after`."""
    wanted = [LeaseRow.ended_at >= since, LeaseRow.ended_at < until]
    if after is not None:
        wanted.append(or_(LeaseRow.ended_at > since, LeaseRow.id > after))
    rows = session.execute(
        select(LeaseRow.id, LeaseRow.person_id, LeaseRow.ended_at)
        .where(*wanted)
        .order_by(LeaseRow.ended_at, LeaseRow.id)
        .limit(limit)
    )
    return tuple(Ended(row[0], row[1], row[2]) for row in rows if row[2] is not None)


def longest_silent(session: Session) -> datetime | None:
    """The oldest last beat of the live leases; None when there are none. Looks through them all, one a person at most."""
    return session.execute(select(func.min(LeaseRow.last_beat_at)).where(LeaseRow.ended_at.is_(None))).scalar()


def stays(session: Session, person_id: UUID, since: datetime, until: datetime) -> tuple[Any, ...]:
    """A person's leases that began in [since, until): opened_at, ended_at (or the last beat), beats, gap_low_ms, gap_high_ms."""
    rows = session.execute(
        select(
            LeaseRow.opened_at,
            func.coalesce(LeaseRow.ended_at, LeaseRow.last_beat_at, type_=LeaseRow.last_beat_at.type).label("left_at"),
            LeaseRow.beats,
            LeaseRow.gap_low_ms,
            LeaseRow.gap_high_ms,
        ).where(LeaseRow.person_id == person_id, LeaseRow.opened_at >= since, LeaseRow.opened_at < until)
    )
    return tuple(rows)


def openings(
    session: Session, person_id: UUID, since: datetime, until: datetime
) -> tuple[tuple[datetime, str, str], ...]:
    """When a person opened leases, and the marks of network and device, in order of time."""
    rows = session.execute(
        select(WatchOriginRow.at, WatchOriginRow.network_mark, WatchOriginRow.device_mark)
        .where(WatchOriginRow.person_id == person_id, WatchOriginRow.at >= since, WatchOriginRow.at < until)
        .order_by(WatchOriginRow.at)
    )
    return tuple((row[0], row[1], row[2]) for row in rows)


def people_of_device(session: Session, mark: str, since: datetime, until: datetime) -> tuple[UUID, ...]:
    """Who opened leases in one browser."""
    rows = session.execute(
        select(WatchOriginRow.person_id)
        .distinct()
        .where(WatchOriginRow.device_mark == mark, WatchOriginRow.at >= since, WatchOriginRow.at < until)
    )
    return tuple(sorted(rows.scalars()))


def latencies(session: Session, person_id: UUID, since: datetime, until: datetime) -> tuple[int, ...]:
    """How many milliseconds a person took for each presence check that they answered."""
    rows = session.execute(
        select(PresenceCheckRow.asked_at, PresenceCheckRow.answered_at).where(
            PresenceCheckRow.person_id == person_id,
            PresenceCheckRow.answered_at >= since,
            PresenceCheckRow.answered_at < until,
        )
    )
    return tuple(round((answered - asked).total_seconds() * 1000) for asked, answered in rows)


def overclaims(session: Session, person_id: UUID, since: datetime, until: datetime) -> int:
    """How many leases of a person left a trace of claiming much more than real time allows."""
    statement = select(func.count()).where(
        AuditEntryRow.action == "watch.overclaimed",
        AuditEntryRow.actor_id == person_id,
        AuditEntryRow.at >= since,
        AuditEntryRow.at < until,
    )
    return session.execute(statement).scalar_one()
