"""Disputes about hours and every word in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Uuid


class DisputeRow(Model):
    """A learner's question about an entry, or about hours that are missing; `level_unit_id` is the unit that answers it, or any above."""

    __tablename__ = "hours_dispute"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'answered', 'escalated', 'decided', 'withdrawn')", name="state"),
        CheckConstraint("about <> ''", name="about"),
        Index("ix_hours_dispute_person_id_id", "person_id", "id"),
        Index(
            "ix_hours_dispute_waiting",
            "changed_at",
            "id",
            sqlite_where=text("state IN ('open', 'escalated')"),
            postgresql_where=text("state IN ('open', 'escalated')"),
        ),
        Index(
            "uq_hours_dispute_entry_waiting",
            "entry_id",
            unique=True,
            sqlite_where=text("state IN ('open', 'escalated')"),
            postgresql_where=text("state IN ('open', 'escalated')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    entry_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("credit_entry.id"))
    about: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    level_unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    state: Mapped[str] = mapped_column(String(10), default="open")
    filed_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class DisputeWordRow(Model):
    """What was said in a dispute, each act once; triggers see to it that two people beside the learner answer."""

    __tablename__ = "hours_dispute_word"
    __table_args__ = (
        UniqueConstraint("dispute_id", "act"),
        CheckConstraint("act IN ('filed', 'answered', 'escalated', 'decided', 'withdrawn')", name="act"),
        CheckConstraint(
            "(act IN ('answered', 'decided')) = (outcome IN ('upheld', 'declined')) "
            "AND outcome IN ('', 'upheld', 'declined')",
            name="outcome",
        ),
        CheckConstraint("act = 'withdrawn' OR text <> ''", name="text"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    dispute_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("hours_dispute.id"))
    act: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(String(10), default="")
    text: Mapped[str] = mapped_column(String(1000), default="")
    at: Mapped[datetime] = mapped_column(Instant)


register_source(DisputeRow, part="hours")
register_source(DisputeWordRow, part="hours")
