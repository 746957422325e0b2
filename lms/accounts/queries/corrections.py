"""Reads requests to correct identity fields, as their owners and staff see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from lms.accounts.domain import fieldregister
from lms.accounts.domain.corrections import Identity
from lms.accounts.models import CorrectionRow, PersonRow
from lms.infra.sealing import unseal
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.organisations.queries import path_today


@dataclass(frozen=True)
class Correction:
    """A request; `old` and `new` as pages show them: units by name, ID numbers masked, and "" once they are erased."""

    id: UUID
    person_id: UUID
    person_name: str
    unit_name: str
    field: Identity
    old: str
    new: str
    reason: str
    state: str
    asked_at: datetime
    decided_at: datetime | None
    comment: str


_CORRECTIONS: Select[*tuple[Any, ...]] = (
    select(CorrectionRow, PersonRow.name.label("person_name"), UnitRow.name.label("unit_name"))
    .join(PersonRow, PersonRow.id == CorrectionRow.person_id)
    .join(UnitRow, UnitRow.id == PersonRow.unit_id)
)


def corrections_of(session: Session, person_id: UUID, *, limit: int = 50) -> tuple[Correction, ...]:
    """A person's own requests, the newest first."""
    newest = CorrectionRow.asked_at.desc(), CorrectionRow.id.desc()
    statement = _CORRECTIONS.where(CorrectionRow.person_id == person_id).order_by(*newest).limit(limit)
    return _corrections(session, session.execute(statement).all())


def open_corrections(
    session: Session, scopes: Sequence[str], *, after: UUID | None = None, limit: int
) -> tuple[Correction, ...]:
    """Requests that wait in some subtrees, the oldest first."""
    statement = _CORRECTIONS.where(CorrectionRow.state == "open", within(PersonRow.unit_path, scopes))
    if after is not None:
        statement = statement.where(CorrectionRow.id > after)
    return _corrections(session, session.execute(statement.order_by(CorrectionRow.id).limit(limit)).all())


def correction(session: Session, correction_id: UUID, scopes: Sequence[str]) -> Correction:
    """One request in the scopes; one that staff decided is for who reaches where the person worked then, too.

    Raises NotFound, alike elsewhere and for none.
    """
    statement = _CORRECTIONS.where(
        CorrectionRow.id == correction_id,
        within(PersonRow.unit_path, scopes),
        or_(CorrectionRow.unit_id.is_(None), within(path_today(CorrectionRow.unit_id), scopes)),
    )
    rows = session.execute(statement).all()
    if not rows:
        raise NotFound
    return _corrections(session, rows)[0]


def _corrections(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[Correction, ...]:
    values = {
        row.id: (
            unseal(CorrectionRow.old_sealed, row.id, row.old_sealed),
            unseal(CorrectionRow.new_sealed, row.id, row.new_sealed),
        )
        for row, *_ in rows
    }
    wanted = {UUID(text) for row in rows if row[0].field == Identity.UNIT for text in values[row[0].id]}
    units: dict[UUID, str] = {}
    if wanted:
        found = session.execute(select(UnitRow.id, UnitRow.name).where(UnitRow.id.in_(wanted)))
        units = {row.id: row.name for row in found}

    def shown(field: str, text: str) -> str:
        if field == Identity.UNIT:
            return units.get(UUID(text), "")
        return fieldregister.mask(field, text) if field == Identity.ID_NUMBER else text

    return tuple(
        Correction(
            id=row.id,
            person_id=row.person_id,
            person_name=name,
            unit_name=unit_name,
            field=Identity(row.field),
            old=shown(row.field, values[row.id][0]),
            new=shown(row.field, values[row.id][1]),
            reason=row.reason,
            state=row.state,
            asked_at=row.asked_at,
            decided_at=row.decided_at,
            comment=row.comment,
        )
        for row, name, unit_name in rows
    )
