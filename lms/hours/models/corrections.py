"""Corrections of the ledger, each by two persons."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Uuid


class CorrectionRow(Model):
    """A correction of the ledger that one person proposes and another one confirms or declines.

    A trigger of `credit_entry` refuses a reversal without a confirmed proposal, but for what joined accounts earned twice.
    """

    __tablename__ = "hours_correction"
    __table_args__ = (
        CheckConstraint("kind IN ('reversal', 'recredit')", name="kind"),
        CheckConstraint("state IN ('proposed', 'confirmed', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("state NOT IN ('confirmed', 'declined') OR decided_by <> proposed_by", name="two_persons"),
        CheckConstraint("proposed_by <> person_id AND (decided_by IS NULL OR decided_by <> person_id)", name="not_own"),
        Index("ix_hours_correction_entry_id", "entry_id"),
        Index("ix_hours_correction_person_id", "person_id"),
        Index(
            "uq_hours_correction_proposed",
            "entry_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
        Index(
            "ix_hours_correction_waiting",
            "id",
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("credit_entry.id"))
    kind: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))  # whose entry it is
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    reason: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    comment: Mapped[str] = mapped_column(String(200), default="")
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)  # where the person worked then; None: from before 0044


register_source(CorrectionRow, part="hours", later=["unit_id"])
