"""Training that took place elsewhere, and who attended it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.sealing import register_sealed
from lms.infra.types import HundredthHours, Instant, SortKey, Uuid


class OutsideTrainingRow(Model):
    """A training as a unit entered it, with its proof. Triggers refuse a decision by who entered it, or by who holds no role
    above the unit, and any change once it is decided for good."""

    __tablename__ = "outside_training"
    __table_args__ = (
        CheckConstraint("source IN ('offline', 'elsewhere')", name="source"),
        CheckConstraint("ledger IN ('self_study', 'centralized')", name="ledger"),
        CheckConstraint("source <> 'offline' OR ledger = 'centralized'", name="kind"),
        CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'returned', 'declined', 'retracted')", name="state"
        ),
        CheckConstraint("until_on >= from_on", name="span"),
        CheckConstraint("hours > 0", name="hours"),
        CheckConstraint("(submitted_by IS NULL) = (submitted_at IS NULL)", name="submitted"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint(
            "state NOT IN ('submitted', 'approved', 'declined') OR (submitted_by IS NOT NULL AND proof_sha256 <> '')",
            name="proved",
        ),
        CheckConstraint("state NOT IN ('approved', 'returned', 'declined') OR decided_by IS NOT NULL", name="decision"),
        CheckConstraint("state NOT IN ('returned', 'declined') OR comment <> ''", name="comment"),
        CheckConstraint(
            "decided_by IS NULL OR (decided_by <> entered_by AND decided_by <> submitted_by)", name="two_people"
        ),
        Index("ix_outside_training_unit_path_id", "unit_path", "id"),
        Index("ix_outside_training_state_submitted_at", "state", "submitted_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    unit_path: Mapped[str] = mapped_column(SortKey(200))  # today's: access follows the tree
    source: Mapped[str] = mapped_column(String(10))
    ledger: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(120))
    organiser: Mapped[str] = mapped_column(String(120))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    hours: Mapped[int] = mapped_column(HundredthHours)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    proof_name: Mapped[str] = mapped_column(String(120), default="")
    proof_kind: Mapped[str] = mapped_column(String(4), default="")
    proof_sha256: Mapped[str] = mapped_column(String(64), default="")
    proof_bytes: Mapped[int] = mapped_column(Integer, default=0)
    # Its name in the store, and the key that opens it; without a key it lies as it was uploaded, until the next rotation.
    proof_file: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    proof_key_sealed: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    entered_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    entered_at: Mapped[datetime] = mapped_column(Instant)
    submitted_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    comment: Mapped[str] = mapped_column(String(200), default="")


class OutsideTraineeRow(Model):
    """Somebody who attended; triggers let people come and go only while the training is a draft or was returned."""

    __tablename__ = "outside_trainee"
    __table_args__ = (
        CheckConstraint("hours > 0", name="hours"),
        Index("ix_outside_trainee_person_id", "person_id"),
    )

    training_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("outside_training.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    hours: Mapped[int] = mapped_column(HundredthHours)


class OutsideHandRow(Model):
    """Somebody who entered or changed a training, its people or its proof, or handed it in. Triggers keep the rows, and
    refuse a decision by any of them."""

    __tablename__ = "outside_hand"
    __table_args__ = (Index("ix_outside_hand_person_id", "person_id"),)

    training_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("outside_training.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)


register_sealed(OutsideTrainingRow.proof_key_sealed)

# What the proof says is official; where it lies and under which key is not, and changes with the keys.
register_source(OutsideTrainingRow, part="hours", but=("unit_path", "proof_file", "proof_key_sealed"))
