"""Reads where the chain of seals stands and what the last verification found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.audit.models import AuditEntryRow, SealRow

VERIFIED = "audit.verified"


@dataclass(frozen=True)
class ChainState:
    """The newest seal, the oldest row that waits for one, and the last verification; None for what there is not."""

    seal_no: int | None
    sealed_at: datetime | None
    waiting_since: datetime | None
    verified_at: datetime | None
    sound: bool | None
    found: dict[str, Any]


def chain_state(session: Session) -> ChainState:
    """Three rows, each at one end of an index."""
    seal = session.execute(select(SealRow.no, SealRow.at).order_by(SealRow.no.desc()).limit(1)).first()
    waiting = session.execute(
        select(AuditEntryRow.at).where(AuditEntryRow.seal_no.is_(None)).order_by(AuditEntryRow.id).limit(1)
    ).scalar()
    checked = session.execute(
        select(AuditEntryRow.at, AuditEntryRow.result, AuditEntryRow.details)
        .where(AuditEntryRow.action == VERIFIED)
        .order_by(AuditEntryRow.id.desc())
        .limit(1)
    ).first()
    return ChainState(
        seal_no=seal.no if seal else None,
        sealed_at=seal.at if seal else None,
        waiting_since=waiting,
        verified_at=checked.at if checked else None,
        sound=checked.result == "ok" if checked else None,
        found=checked.details if checked else {},
    )
