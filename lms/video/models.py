"""Media assets and caption tracks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Uuid


class MediaAssetRow(Model):
    """An uploaded video and what became of it; `ready` only with everything recorded that delivery rests on."""

    __tablename__ = "media_asset"
    __table_args__ = (
        CheckConstraint("state IN ('checking', 'queued', 'encoding', 'ready', 'refused', 'failed')", name="state"),
        CheckConstraint(
            "state <> 'ready' OR (duration_ms > 0 AND segment_count > 0 AND package_bytes > 0 "
            "AND package_sha256 IS NOT NULL)",
            name="ready",
        ),
        CheckConstraint("state NOT IN ('refused', 'failed') OR reason IS NOT NULL", name="reason"),
        Index("ix_media_asset_owner_id", "owner_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    owner_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(10), default="checking")
    reason: Mapped[str | None] = mapped_column(String(300))
    source_name: Mapped[str] = mapped_column(String(200))
    source_bytes: Mapped[int] = mapped_column(BigInteger)
    source_sha256: Mapped[str] = mapped_column(String(64))
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    segment_count: Mapped[int | None] = mapped_column(Integer)
    package_bytes: Mapped[int | None] = mapped_column(BigInteger)
    package_sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    ready_at: Mapped[datetime | None] = mapped_column(Instant)


class CaptionRow(Model):
    """A WebVTT track of an asset; a new version is a new row, so that nobody's progress is touched."""

    __tablename__ = "caption"
    __table_args__ = (Index("ix_caption_asset_id", "asset_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    asset_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("media_asset.id"))
    language: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
