"""Reads who received and who saw personal data, and whom an account touched in a span of time (requirements 78, 79)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import AccountRow, DisclosureRow, PersonRow, RevealRow
from lms.audit.models import AuditEntryRow
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.organisations.queries import path_today

PERSONS_TO_WARN_AT = 9_000_000
"""条例 28 sets further duties from ten million people on."""
MOST_PERSONS = 10_000
"""How many people of each sort an incident's list looks at."""


@dataclass(frozen=True)
class Disclosure:
    """Personal data that left the platform; `fields` are names of the field register."""

    id: UUID
    at: datetime
    actor_name: str
    receiver: str
    purpose: str
    fields: tuple[str, ...]
    persons: int
    unit_name: str


@dataclass(frozen=True)
class Reveal:
    """An ID number that was seen in full; `unit_path` is today's of the unit where the person worked that day."""

    at: datetime
    actor_name: str
    purpose: str
    reason: str
    unit_path: str


@dataclass(frozen=True)
class Act:
    """How often an account did something to something of one kind."""

    action: str
    object_type: str
    result: str
    count: int


@dataclass(frozen=True)
class Touched:
    """Somebody whose data an account reached."""

    person_id: UUID
    name: str
    unit_name: str


@dataclass(frozen=True)
class Incident:
    """What an account did in a span of time; `persons` holds at most the limit that was asked for, `count` says of how many.

    People in exports are in `disclosures` by number only: the record of an export names no one.
    """

    actor_id: UUID
    acts: tuple[Act, ...]
    disclosures: tuple[Disclosure, ...]
    reveals: int
    count: int
    persons: tuple[Touched, ...]


_DISCLOSURES: Select[*tuple[Any, ...]] = (
    select(
        DisclosureRow.id,
        DisclosureRow.at,
        PersonRow.name.label("actor_name"),
        DisclosureRow.receiver,
        DisclosureRow.purpose,
        DisclosureRow.fields,
        DisclosureRow.persons,
        UnitRow.name.label("unit_name"),
    )
    .join(PersonRow, PersonRow.id == DisclosureRow.actor_id)
    .outerjoin(
        UnitRow,
        or_(
            UnitRow.id == DisclosureRow.unit_id,
            and_(DisclosureRow.unit_id.is_(None), UnitRow.path == DisclosureRow.unit_path),
        ),
    )
)


def disclosures(
    session: Session, scopes: Sequence[str], *, after: UUID | None = None, limit: int
) -> tuple[Disclosure, ...]:
    """Disclosures of data of units that stand in some subtrees today, the newest first; `after` is the last one of the page
    before. What was noted at a path that its unit had just left stays with the unions of that path."""
    there = func.coalesce(path_today(DisclosureRow.unit_id), UnitRow.path, DisclosureRow.unit_path)
    statement = _DISCLOSURES.where(within(there, scopes))
    if after is not None:
        statement = statement.where(DisclosureRow.id < after)
    return _disclosed(session.execute(statement.order_by(DisclosureRow.id.desc()).limit(limit)).all())


def reveals_of(session: Session, person_id: UUID, *, limit: int = 50) -> tuple[Reveal, ...]:
    """Who saw a person's number in full, the newest first."""
    rows = session.execute(
        select(
            RevealRow.at,
            PersonRow.name,
            RevealRow.purpose,
            RevealRow.reason,
            func.coalesce(path_today(RevealRow.unit_id), RevealRow.unit_path),
        )
        .join(PersonRow, PersonRow.id == RevealRow.actor_id)
        .where(RevealRow.person_id == person_id)
        .order_by(RevealRow.at.desc())
        .limit(limit)
    )
    return tuple(Reveal(*row) for row in rows)


def count_persons(session: Session) -> int:
    """How many people's data the platform holds, aliases left out."""
    return session.execute(
        select(func.count()).select_from(PersonRow).where(PersonRow.merged_into.is_(None))
    ).scalar_one()


def incident(
    session: Session, username: str, *, since: datetime, until: datetime, limit: int, scopes: Sequence[str] | None
) -> Incident:
    """Whom and what an account in the scopes (None: anywhere) reached from `since` to before `until`. Raises NotFound."""
    owner = (
        select(AccountRow.person_id)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(AccountRow.username == username.strip().lower())
    )
    actor_id = session.execute(owner if scopes is None else owner.where(within(PersonRow.unit_path, scopes))).scalar()
    if actor_id is None:
        raise NotFound
    done = (AuditEntryRow.actor_id == actor_id, AuditEntryRow.at >= since, AuditEntryRow.at < until)
    seen = (RevealRow.actor_id == actor_id, RevealRow.at >= since, RevealRow.at < until)
    acts = session.execute(
        select(AuditEntryRow.action, AuditEntryRow.object_type, AuditEntryRow.result, func.count())
        .where(*done)
        .group_by(AuditEntryRow.action, AuditEntryRow.object_type, AuditEntryRow.result)
        .order_by(func.count().desc(), AuditEntryRow.action)
    )
    gone = session.execute(
        _DISCLOSURES.where(
            DisclosureRow.actor_id == actor_id, DisclosureRow.at >= since, DisclosureRow.at < until
        ).order_by(DisclosureRow.id)
    ).all()
    reached = _reached(session, actor_id, done, seen)
    persons = session.execute(
        select(PersonRow.id, PersonRow.name, UnitRow.name)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .where(PersonRow.id.in_(reached))
        .order_by(PersonRow.name_key, PersonRow.id)
        .limit(limit)
    )
    reveals = session.execute(select(func.count()).select_from(RevealRow).where(*seen)).scalar_one()
    return Incident(
        actor_id,
        tuple(Act(*row) for row in acts),
        _disclosed(gone),
        reveals,
        len(reached),
        tuple(Touched(*row) for row in persons),
    )


def _reached(
    session: Session, actor_id: UUID, done: Sequence[ColumnElement[bool]], seen: Sequence[ColumnElement[bool]]
) -> set[UUID]:
    """People other than the actor in the audit record and among the reveals, at most MOST_PERSONS of each sort."""

    def objects(kind: str) -> list[UUID]:
        rows = session.execute(
            select(AuditEntryRow.object_id)
            .where(*done, AuditEntryRow.object_type == kind)
            .distinct()
            .limit(MOST_PERSONS)
        )
        return [UUID(row.object_id) for row in rows if row.object_id]

    of_accounts = session.execute(select(AccountRow.person_id).where(AccountRow.id.in_(objects("account"))))
    of_reveals = session.execute(select(RevealRow.person_id).where(*seen).distinct().limit(MOST_PERSONS))
    return {*objects("person"), *of_accounts.scalars(), *of_reveals.scalars()} - {actor_id}


def _disclosed(rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[Disclosure, ...]:
    return tuple(
        Disclosure(
            row.id,
            row.at,
            row.actor_name,
            row.receiver,
            row.purpose,
            tuple(row.fields),
            row.persons,
            row.unit_name or "",
        )
        for row in rows
    )
