"""Reads what is kept of a session as proof: the frozen sheet, its signature, its corrections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lms.accounts.models import PersonRow
from lms.infra.db import second
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.learning.domain import classroomsheet
from lms.learning.domain.classroom import Play
from lms.learning.domain.classroomsheet import Line
from lms.learning.models import (
    ClassroomCorrectionRow,
    ClassroomSessionRow,
    ClassroomSheetRow,
    ClassroomSignatureRow,
)
from lms.organisations.models import UnitRow


@dataclass(frozen=True)
class Sheet:
    """What a session was, as frozen."""

    session_id: UUID
    frozen_at: datetime
    people: tuple[Line, ...]
    plays: tuple[Play, ...]
    photos: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class Signature:
    """Who signed a sheet, and with which words."""

    name: str
    signed_by: UUID
    headcount: int
    statement: str
    sheet_sha256: str
    signed_at: datetime


@dataclass(frozen=True)
class Correction:
    """Somebody who is to be added to a sheet or struck from it."""

    id: UUID
    session_id: UUID
    person_id: UUID
    name: str
    kind: str
    from_at: datetime | None
    until_at: datetime | None
    reason: str
    proposed_by: UUID
    proposer: str
    proposed_at: datetime
    state: str
    decider: str | None
    decided_at: datetime | None
    comment: str


def sheet(session: Session, session_id: UUID) -> Sheet | None:
    """The frozen sheet; None while the session is open."""
    row = session.execute(select(ClassroomSheetRow).where(ClassroomSheetRow.session_id == session_id)).scalar()
    if row is None:
        return None
    return Sheet(
        session_id,
        row.frozen_at,
        tuple(classroomsheet.line(one) for one in row.people),
        classroomsheet.plays(row.plays),
        tuple(row.photos),
        row.sha256,
    )


def signature(session: Session, session_id: UUID) -> Signature | None:
    """The signature under a sheet; None before there is one."""
    row = session.execute(
        select(
            PersonRow.name,
            ClassroomSignatureRow.signed_by,
            ClassroomSignatureRow.headcount,
            ClassroomSignatureRow.statement,
            ClassroomSignatureRow.sheet_sha256,
            ClassroomSignatureRow.signed_at,
        )
        .join(PersonRow, PersonRow.id == ClassroomSignatureRow.signed_by)
        .where(ClassroomSignatureRow.session_id == session_id)
    ).first()
    return Signature(*row) if row else None


_proposer, _decider = second(PersonRow), second(PersonRow)


def _corrections() -> Select[*tuple[Any, ...]]:
    one = ClassroomCorrectionRow
    return (
        select(
            one.id,
            one.session_id,
            one.person_id,
            PersonRow.name,
            one.kind,
            one.from_at,
            one.until_at,
            one.reason,
            one.proposed_by,
            _proposer.name,
            one.proposed_at,
            one.state,
            _decider.name,
            one.decided_at,
            one.comment,
        )
        .join(PersonRow, PersonRow.id == one.person_id)
        .join(_proposer, _proposer.id == one.proposed_by)
        .outerjoin(_decider, _decider.id == one.decided_by)
    )


def corrections(session: Session, session_id: UUID) -> tuple[Correction, ...]:
    """The corrections of a session, the oldest first."""
    statement = _corrections().where(ClassroomCorrectionRow.session_id == session_id)
    rows = session.execute(statement.order_by(ClassroomCorrectionRow.proposed_at, ClassroomCorrectionRow.id).limit(500))
    return tuple(Correction(*row) for row in rows)


def correction(session: Session, correction_id: UUID, scopes: Sequence[str]) -> Correction:
    """One correction of a session that units in `scopes` held. Raises NotFound."""
    statement = (
        _corrections()
        .join(ClassroomSessionRow, ClassroomSessionRow.id == ClassroomCorrectionRow.session_id)
        .join(UnitRow, UnitRow.id == ClassroomSessionRow.unit_id)
        .where(ClassroomCorrectionRow.id == correction_id, within(UnitRow.path, scopes))
    )
    row = session.execute(statement).first()
    if row is None:
        raise NotFound
    return Correction(*row)
