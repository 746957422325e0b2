"""Reads disputes about hours, with every word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.hours.domain.disputes import WAITING, Act
from lms.hours.models import DisputeRow, DisputeWordRow
from lms.infra.db import second
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow


@dataclass(frozen=True)
class Dispute:
    """A dispute in a list; `level_name` is the unit that answers it, or any above."""

    id: UUID
    person_id: UUID
    person_name: str
    unit_name: str
    entry_id: UUID | None
    about: str
    state: str
    level_name: str
    filed_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Word:
    """What somebody said in a dispute; `outcome` is "" but for answers."""

    act: str
    actor_id: UUID
    actor: str
    outcome: str
    text: str
    at: datetime


def waiting_disputes(session: Session, person_id: UUID) -> int:
    """How many disputes of a person wait for an answer."""
    counted = select(func.count()).where(
        DisputeRow.person_id.in_(aliases(person_id)), DisputeRow.state.in_(list(WAITING))
    )
    return session.execute(counted).scalar_one()


def entry_disputed(session: Session, entry_id: UUID) -> bool:
    """Whether a dispute about an entry waits for an answer."""
    waiting = select(DisputeRow.id).where(DisputeRow.entry_id == entry_id, DisputeRow.state.in_(list(WAITING)))
    return session.execute(waiting).first() is not None


def who_answered(session: Session, dispute_id: UUID) -> UUID | None:
    """Who gave the first answer, None before there is one."""
    said = select(DisputeWordRow.actor_id).where(
        DisputeWordRow.dispute_id == dispute_id, DisputeWordRow.act == Act.ANSWERED
    )
    return session.execute(said).scalar()


def own_disputes(session: Session, person_id: UUID, *, before: UUID | None = None, limit: int) -> tuple[Dispute, ...]:
    """A person's disputes, the newest first."""
    conditions: list[ColumnElement[bool]] = [DisputeRow.person_id.in_(aliases(person_id))]
    if before is not None:
        conditions.append(DisputeRow.id < before)
    statement = _disputes(*conditions).order_by(DisputeRow.id.desc()).limit(limit)
    return tuple(Dispute(*row) for row in session.execute(statement))


def disputes_to_answer(
    session: Session, scopes: tuple[str, ...], *, after: tuple[datetime, UUID] | None = None, limit: int
) -> tuple[Dispute, ...]:
    """Disputes that staff over some subtrees may answer now, those that wait longest first."""
    conditions: list[ColumnElement[bool]] = [DisputeRow.state.in_(list(WAITING)), _reached(scopes)]
    if after is not None:
        at, last = after
        conditions.append(or_(DisputeRow.changed_at > at, and_(DisputeRow.changed_at == at, DisputeRow.id > last)))
    statement = _disputes(*conditions).order_by(DisputeRow.changed_at, DisputeRow.id).limit(limit)
    return tuple(Dispute(*row) for row in session.execute(statement))


def own_dispute(session: Session, person_id: UUID, dispute_id: UUID) -> tuple[Dispute, tuple[Word, ...]]:
    """One of a person's disputes with its words. Raises NotFound."""
    return _one(session, dispute_id, DisputeRow.person_id.in_(aliases(person_id)))


def dispute(session: Session, dispute_id: UUID, scopes: tuple[str, ...]) -> tuple[Dispute, tuple[Word, ...]]:
    """One dispute that staff over some subtrees reach, with its words. Raises NotFound."""
    return _one(session, dispute_id, _reached(scopes))


def _one(session: Session, dispute_id: UUID, condition: ColumnElement[bool]) -> tuple[Dispute, tuple[Word, ...]]:
    row = session.execute(_disputes(DisputeRow.id == dispute_id, condition)).first()
    if row is None:
        raise NotFound
    return Dispute(*row), _words(session, dispute_id)


def words_about(session: Session, person_id: UUID) -> tuple[tuple[str, Word], ...]:
    """Every word in a person's disputes, with what the dispute is about."""
    rows = session.execute(
        select(DisputeRow.about, *_WORD)
        .join(DisputeWordRow, DisputeWordRow.dispute_id == DisputeRow.id)
        .join(PersonRow, PersonRow.id == DisputeWordRow.actor_id)
        .where(DisputeRow.person_id.in_(aliases(person_id)))
        .order_by(DisputeWordRow.at, DisputeWordRow.id)
    )
    return tuple((row.about, Word(row.act, row.actor_id, row.name, row.outcome, row.text, row.at)) for row in rows)


_WORD = (
    DisputeWordRow.act,
    DisputeWordRow.actor_id,
    PersonRow.name,
    DisputeWordRow.outcome,
    DisputeWordRow.text,
    DisputeWordRow.at,
)


def _words(session: Session, dispute_id: UUID) -> tuple[Word, ...]:
    rows = session.execute(
        select(*_WORD)
        .join(PersonRow, PersonRow.id == DisputeWordRow.actor_id)
        .where(DisputeWordRow.dispute_id == dispute_id)
    )
    order = list(Act)
    return tuple(sorted((Word(*row) for row in rows), key=lambda one: order.index(Act(one.act))))


_LEVEL = second(UnitRow)


def _reached(scopes: Sequence[str]) -> ColumnElement[bool]:
    return within(_LEVEL.path, scopes)


def _disputes(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    unit = aliased(UnitRow)
    return (
        select(
            DisputeRow.id,
            DisputeRow.person_id,
            PersonRow.name,
            unit.name,
            DisputeRow.entry_id,
            DisputeRow.about,
            DisputeRow.state,
            _LEVEL.name,
            DisputeRow.filed_at,
            DisputeRow.changed_at,
        )
        .join(PersonRow, PersonRow.id == DisputeRow.person_id)
        .join(unit, unit.id == DisputeRow.unit_id)
        .join(_LEVEL, _LEVEL.id == DisputeRow.level_unit_id)
        .where(*conditions)
    )
