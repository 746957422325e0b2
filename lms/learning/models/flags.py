"""What looks odd about watching, for a human to look at: where leases came from, flags, objections."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid


class WatchOriginRow(Model):
    """From which network and which browser a lease was opened, as keyed hashes: alike or not alike is all they tell."""

    __tablename__ = "watch_origin"
    __table_args__ = (
        Index("ix_watch_origin_person_id_at", "person_id", "at"),
        Index("ix_watch_origin_device_mark_at", "device_mark", "at"),
        Index("ix_watch_origin_at", "at"),
    )

    lease_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("watch_lease.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    network_mark: Mapped[str] = mapped_column(String(32))
    device_mark: Mapped[str] = mapped_column(String(32))


class WatchFlagRow(Model):
    """Something odd about a person's watching on a day, once a kind and day; a human decides, once, and says why."""

    __tablename__ = "watch_flag"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "day"),
        CheckConstraint("decision IS NULL OR decision IN ('no_concern', 'talk', 'propose_reversal')", name="decision"),
        CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL) "
            "AND (decision IS NULL) = (reason = '')",
            name="decided",
        ),
        CheckConstraint("decided_by <> person_id", name="not_oneself"),
        Index(
            "ix_watch_flag_waiting",
            "id",
            sqlite_where=text("decision IS NULL"),
            postgresql_where=text("decision IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(20))  # domain.suspicion.Ground
    day: Mapped[date] = mapped_column(Date)  # in China
    evidence: Mapped[Any] = mapped_column(Json)  # numbers and moments that the detector went by
    raised_at: Mapped[datetime] = mapped_column(Instant)
    decision: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(500), default="")
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)  # where the person worked then; None: from before 0044


class WatchObjectionRow(Model):
    """What the person says against a flag or its decision, and what they were answered; one waits at a time."""

    __tablename__ = "watch_objection"
    __table_args__ = (
        CheckConstraint("text <> ''", name="text"),
        CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer = '')", name="answered"
        ),
        Index(
            "uq_watch_objection_waiting",
            "flag_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_watch_objection_flag_id", "flag_id", "filed_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    flag_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("watch_flag.id"))
    text: Mapped[str] = mapped_column(String(500))
    filed_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(String(500), default="")
    answered_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)  # where the person worked then; None: from before 0044


class WatchCursorRow(Model):
    """Up to which moment a detector has looked."""

    __tablename__ = "watch_cursor"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
