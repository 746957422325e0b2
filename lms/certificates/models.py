"""Certificates, their sealed documents, their history and the counters of their numbers; the database repeats the rules."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Uuid

_STATUSES = "'issuing', 'valid', 'suspended', 'revoked', 'superseded', 'expired'"
_CURRENT = text("status IN ('issuing', 'valid', 'suspended')")


class CertificateCounterRow(Model):
    """The last serial given in one province, year and kind; changes only in the transaction that stores the certificate."""

    __tablename__ = "certificate_counter"
    __table_args__ = (CheckConstraint("last >= 1", name="last"),)

    province: Mapped[str] = mapped_column(String(2), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(2), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class CertificateRow(Model):
    """One version of a certificate; all but its status stands as it was stored."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("number", "version"),
        UniqueConstraint("verify_token"),
        CheckConstraint(f"status IN ({_STATUSES})", name="status"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("length(facts_sha256) = 64", name="facts_sha256"),
        Index(
            "uq_certificate_current",
            "person_id",
            "class_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
        Index("ix_certificate_class_id", "class_id"),
        Index("ix_certificate_person_id_issued_at", "person_id", "issued_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str] = mapped_column(String(24))
    version: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    class_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("training_class.id"))
    unit_path: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    facts: Mapped[str] = mapped_column(Text)  # canonical JSON, hashed as it stands here
    facts_sha256: Mapped[str] = mapped_column(String(64))
    verify_token: Mapped[UUID] = mapped_column(Uuid)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class CertificateDocumentRow(Model):
    """The sealed file of a certificate's version; append-only, found again by its SHA-256."""

    __tablename__ = "certificate_document"
    __table_args__ = (
        UniqueConstraint("sha256"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint("size > 0", name="size"),
    )

    certificate_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("certificate.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    storage_key: Mapped[str] = mapped_column(String(120))
    key_id: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(Instant)


class CertificateEventRow(Model):
    """Every change of a certificate's status: from, to, why, who."""

    __tablename__ = "certificate_event"
    __table_args__ = (
        Index("ix_certificate_event_certificate_id", "certificate_id"),
        CheckConstraint("action <> 'revoke' OR reason <> ''", name="reason"),
        CheckConstraint(
            "action <> 'revoke' OR (actor_id IS NOT NULL AND second_actor_id IS NOT NULL AND actor_id <> second_actor_id)",
            name="two_persons",
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    certificate_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("certificate.id"))
    old: Mapped[str | None] = mapped_column(String(10))
    new: Mapped[str] = mapped_column(String(10))
    action: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(500), default="")
    actor_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    second_actor_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)


register_source(CertificateRow, part="certificates")
register_source(CertificateDocumentRow, part="certificates")
register_source(CertificateEventRow, part="certificates")
