"""Reads proposals to join two accounts of one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from lms.accounts.models import JoinProposalRow, PersonRow
from lms.infra.db import for_update, second
from lms.infra.subtrees import within
from lms.kernel.errors import NotFound
from lms.organisations.models import UnitRow
from lms.organisations.queries import path_today

_gone, _proposer, _decider = second(PersonRow), second(PersonRow), second(PersonRow)


@dataclass(frozen=True)
class JoinProposal:
    """A proposal, as pages show it; `unit_name` is where the person who stays belongs."""

    id: UUID
    kept_id: UUID
    kept_name: str
    unit_name: str
    gone_id: UUID
    reason: str
    proposed_by: UUID
    proposer_name: str
    proposed_at: datetime
    state: str
    decider_name: str | None
    decided_at: datetime | None


def _proposals(scopes: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Those of which both people lie in the scopes; what is settled is for who reaches where both worked then, too."""
    kept_then = path_today(func.coalesce(JoinProposalRow.kept_unit_id, PersonRow.unit_id))
    gone_then = path_today(func.coalesce(JoinProposalRow.gone_unit_id, _gone.unit_id))
    then = within(kept_then, scopes) & within(gone_then, scopes)
    return (
        select(
            JoinProposalRow.id,
            JoinProposalRow.kept_id,
            PersonRow.name,
            UnitRow.name,
            JoinProposalRow.gone_id,
            JoinProposalRow.reason,
            JoinProposalRow.proposed_by,
            _proposer.name,
            JoinProposalRow.proposed_at,
            JoinProposalRow.state,
            _decider.name,
            JoinProposalRow.decided_at,
        )
        .join(PersonRow, PersonRow.id == JoinProposalRow.kept_id)
        .join(UnitRow, UnitRow.id == PersonRow.unit_id)
        .join(_gone, _gone.id == JoinProposalRow.gone_id)
        .join(_proposer, _proposer.id == JoinProposalRow.proposed_by)
        .outerjoin(_decider, _decider.id == JoinProposalRow.decided_by)
        .where(
            within(PersonRow.unit_path, scopes),
            within(_gone.unit_path, scopes),
            or_(JoinProposalRow.state == "open", then),
        )
    )


def proposal(session: Session, proposal_id: UUID, scopes: Sequence[str], *, lock: bool = False) -> JoinProposal:
    """One proposal in the scopes, its row locked when it is about to be decided. Raises NotFound, alike elsewhere and for none."""
    if lock:
        session.execute(for_update(select(JoinProposalRow.id).where(JoinProposalRow.id == proposal_id), referable=True))
    row = session.execute(_proposals(scopes).where(JoinProposalRow.id == proposal_id)).first()
    if row is None:
        raise NotFound
    return JoinProposal(*row)


def proposals(
    session: Session, scopes: Sequence[str], *, waiting: bool = False, before: UUID | None = None, limit: int
) -> tuple[JoinProposal, ...]:
    """Proposals in some subtrees, the newest first; those that wait, or all."""
    statement = _proposals(scopes)
    if waiting:
        statement = statement.where(JoinProposalRow.state == "open")
    if before is not None:
        statement = statement.where(JoinProposalRow.id < before)
    rows = session.execute(statement.order_by(JoinProposalRow.id.desc()).limit(limit))
    return tuple(JoinProposal(*row) for row in rows)
