"""Reads media assets."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.infra import jobs
from lms.infra.db import for_update
from lms.kernel.errors import NotFound
from lms.video.models import CaptionRow, MediaAssetRow

PROCESS = "video.process"


@dataclass(frozen=True)
class Asset:
    """A media asset; duration in milliseconds, None before the check at the gate."""

    id: UUID
    owner_id: UUID
    state: str
    reason: str | None
    source_name: str
    source_bytes: int
    source_sha256: str
    duration_ms: int | None
    width: int | None
    height: int | None
    package_sha256: str | None


@dataclass(frozen=True)
class Caption:
    """A caption track; `text` is WebVTT."""

    id: UUID
    asset_id: UUID
    language: str
    text: str
    sha256: str


@dataclass(frozen=True)
class Progress:
    """How far the way from upload to ready is: the state, per cent of the encoding, and how many wait before it."""

    state: str
    reason: str | None
    percent: int
    ahead: int


_COLUMNS = (
    MediaAssetRow.id,
    MediaAssetRow.owner_id,
    MediaAssetRow.state,
    MediaAssetRow.reason,
    MediaAssetRow.source_name,
    MediaAssetRow.source_bytes,
    MediaAssetRow.source_sha256,
    MediaAssetRow.duration_ms,
    MediaAssetRow.width,
    MediaAssetRow.height,
    MediaAssetRow.package_sha256,
)


def asset(session: Session, asset_id: UUID, *, lock: bool = False) -> Asset:
    """One asset, locked for writing when asked. Raises NotFound."""
    statement = select(*_COLUMNS).where(MediaAssetRow.id == asset_id)
    row = session.execute(for_update(statement) if lock else statement).first()
    if row is None:
        raise NotFound
    return Asset(*row)


def unsettled(session: Session) -> tuple[UUID, ...]:
    """Assets that are being checked or encoded, or wait for it."""
    rows = session.execute(select(MediaAssetRow.id).where(MediaAssetRow.state.in_(["checking", "queued", "encoding"])))
    return tuple(row[0] for row in rows)


def made_before(session: Session, moment: datetime) -> tuple[UUID, ...]:
    """Assets that were uploaded before a moment."""
    rows = session.execute(select(MediaAssetRow.id).where(MediaAssetRow.created_at < moment))
    return tuple(row[0] for row in rows)


def progress(session: Session, asset_id: UUID) -> Progress:
    """How far an asset is. Raises NotFound."""
    found = asset(session, asset_id)
    job = jobs.state_of(session, PROCESS, str(asset_id))
    percent = 100 if found.state == "ready" else job.progress if job and found.state == "encoding" else 0
    return Progress(found.state, found.reason, percent, job.ahead if job else 0)


def caption(session: Session, caption_id: UUID) -> Caption:
    """One caption track. Raises NotFound."""
    row = session.execute(
        select(CaptionRow.id, CaptionRow.asset_id, CaptionRow.language, CaptionRow.text, CaptionRow.sha256).where(
            CaptionRow.id == caption_id
        )
    ).first()
    if row is None:
        raise NotFound
    return Caption(*row)
