"""Reads proposals to correct the ledger."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import PersonRow
from lms.accounts.queries import aliases
from lms.hours.models import CorrectionRow, CreditEntryRow
from lms.infra.subtrees import within
from lms.kernel.clock import SHANGHAI
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.organisations.queries import path_today


@dataclass(frozen=True)
class Correction:
    """A proposal with the entry it concerns; hours in hundredths. `person_*` is who holds the hours today."""

    id: UUID
    entry_id: UUID
    kind: str
    state: str
    reason: str
    comment: str
    proposed_by: UUID
    proposer: str
    proposed_at: datetime
    decider: str | None
    decided_at: datetime | None
    title: str
    hours: int
    ledger: str
    earned_at: datetime
    count_year: int
    person_id: UUID
    person_name: str
    unit_name: str


def waiting_correction(session: Session, entry_id: UUID) -> bool:
    """Whether a proposal for an entry waits."""
    waiting = select(CorrectionRow.id).where(CorrectionRow.entry_id == entry_id, CorrectionRow.state == "proposed")
    return session.execute(waiting).first() is not None


def standing_of_day(session: Session, person_id: UUID, day: date) -> tuple[UUID, ...]:
    """What courses brought a person, under whatever account, on a day in China and nobody took back or proposes to."""
    since = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    taken_back = aliased(CreditEntryRow)
    found = (
        select(CreditEntryRow.id)
        .outerjoin(taken_back, taken_back.reversal_of == CreditEntryRow.id)
        .outerjoin(CorrectionRow, (CorrectionRow.entry_id == CreditEntryRow.id) & (CorrectionRow.state == "proposed"))
        .where(
            CreditEntryRow.person_id.in_(aliases(person_id)),
            CreditEntryRow.source == "course",
            CreditEntryRow.reversal_of.is_(None),
            CreditEntryRow.earned_at >= since,
            CreditEntryRow.earned_at < since + timedelta(days=1),
            taken_back.id.is_(None),
            CorrectionRow.id.is_(None),
        )
        .order_by(CreditEntryRow.id)
    )
    return tuple(session.execute(found).scalars())


def waiting_corrections(
    session: Session, scopes: tuple[str, ...], *, after: UUID | None = None, limit: int
) -> tuple[Correction, ...]:
    """Proposals that wait for their second person, within some subtrees, the oldest first. One statement."""
    conditions = [CorrectionRow.state == "proposed"]
    if after is not None:
        conditions.append(CorrectionRow.id > after)
    return _corrections(session, scopes, *conditions, limit=limit)


def correction(session: Session, correction_id: UUID, scopes: tuple[str, ...]) -> Correction:
    """One proposal within some subtrees. Raises NotFound, alike for those elsewhere and for none."""
    found = _corrections(session, scopes, CorrectionRow.id == correction_id, limit=1)
    if not found:
        raise NotFound
    return found[0]


def corrections_of_entry(session: Session, entry_id: UUID, scopes: tuple[str, ...]) -> tuple[Correction, ...]:
    """What was proposed for an entry, the oldest first."""
    return _corrections(session, scopes, CorrectionRow.entry_id == entry_id, limit=50)


def _corrections(
    session: Session, scopes: tuple[str, ...], *conditions: ColumnElement[bool], limit: int
) -> tuple[Correction, ...]:
    """Those of people in the scopes; what is settled is for who reaches where they worked then, too."""
    earner, owner, proposer, decider = (aliased(PersonRow) for _ in range(4))
    then = path_today(func.coalesce(CorrectionRow.unit_id, owner.unit_id))
    rows = session.execute(
        select(
            CorrectionRow.id,
            CorrectionRow.entry_id,
            CorrectionRow.kind,
            CorrectionRow.state,
            CorrectionRow.reason,
            CorrectionRow.comment,
            CorrectionRow.proposed_by,
            proposer.name,
            CorrectionRow.proposed_at,
            decider.name,
            CorrectionRow.decided_at,
            CreditEntryRow.title,
            CreditEntryRow.hours,
            CreditEntryRow.ledger,
            CreditEntryRow.earned_at,
            CreditEntryRow.count_year,
            owner.id,
            owner.name,
            UnitRow.name,
        )
        .join(CreditEntryRow, CreditEntryRow.id == CorrectionRow.entry_id)
        .join(earner, earner.id == CorrectionRow.person_id)
        .join(owner, owner.id == func.coalesce(earner.merged_into, earner.id))
        .join(UnitRow, UnitRow.id == owner.unit_id)
        .join(proposer, proposer.id == CorrectionRow.proposed_by)
        .outerjoin(decider, decider.id == CorrectionRow.decided_by)
        .where(
            within(owner.unit_path, scopes),
            or_(CorrectionRow.state == "proposed", within(then, scopes)),
            *conditions,
        )
        .order_by(CorrectionRow.id)
        .limit(limit)
    )
    return tuple(Correction(*tuple(row)) for row in rows)
