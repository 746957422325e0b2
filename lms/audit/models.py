"""The audit record, the marks of official rows and the seals over both; triggers refuse to change or delete their rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Json, SortKey, Uuid

_UNSEALED = text("seal_no IS NULL")
_NOT_OK = text("result <> 'ok'")


class AuditEntryRow(Model):
    """One act; `mac` is an HMAC over what it says, under a key outside the database. Only `seal_no` is set later, once."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_actor_id_id", "actor_id", "id"),
        Index("ix_audit_entry_action_id", "action", "id"),
        Index("ix_audit_entry_object_id_id", "object_id", "id"),
        Index("ix_audit_entry_address_id", "address", "id"),
        Index("ix_audit_entry_request_id_id", "request_id", "id"),
        Index("ix_audit_entry_seal_no_id", "seal_no", "id"),
        Index("ix_audit_entry_unsealed", "id", sqlite_where=_UNSEALED, postgresql_where=_UNSEALED),
        Index("ix_audit_entry_not_ok", "id", sqlite_where=_NOT_OK, postgresql_where=_NOT_OK),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)  # begins with the milliseconds of `at`: lists go by it
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    role: Mapped[str] = mapped_column(String(200), server_default=text("''"))  # the actor's roles then, by commas
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(64))
    result: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(45))
    request_id: Mapped[str] = mapped_column(String(40))
    details: Mapped[Any] = mapped_column(Json)
    mac: Mapped[str] = mapped_column(String(64))
    seal_no: Mapped[int | None] = mapped_column(Integer)


class IntegrityMarkRow(Model):
    """Vouches for one version of one official row elsewhere: `mac` is an HMAC over that row's official columns."""

    __tablename__ = "integrity_mark"
    __table_args__ = (
        CheckConstraint("version >= 1", name="version"),
        Index("uq_integrity_mark_source_row_id_version", "source", "row_id", "version", unique=True),
        Index("ix_integrity_mark_seal_no_id", "seal_no", "id"),
        Index("ix_integrity_mark_unsealed", "id", sqlite_where=_UNSEALED, postgresql_where=_UNSEALED),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    source: Mapped[str] = mapped_column(SortKey(40))  # the table
    row_id: Mapped[str] = mapped_column(SortKey(80))  # its key as text that sorts as the key does
    version: Mapped[int] = mapped_column(Integer)
    mac: Mapped[str] = mapped_column(String(64))
    seal_no: Mapped[int | None] = mapped_column(Integer)


class SealRow(Model):
    """One batch of entries and marks, chained to the batch before it."""

    __tablename__ = "seal"
    __table_args__ = (
        CheckConstraint("no >= 1", name="no"),
        CheckConstraint("entries >= 1", name="entries"),
        CheckConstraint("(no = 1) = (previous = '')", name="previous"),
        UniqueConstraint("previous"),
    )

    no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    entries: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    head: Mapped[str] = mapped_column(String(64))
