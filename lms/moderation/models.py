"""Revisions, their submissions and the decisions on them; the database repeats the rules of review."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import HundredthHours, Instant, Json, SortKey, Uuid

_STATES = (
    "'draft', 'submitted', 'province_review', 'national_review', 'approved', 'published', 'returned', "
    "'declined', 'retracted', 'superseded', 'suspended', 'retired'"
)


class RevisionRow(Model):
    """One version of a piece of content on its way through review; the content itself belongs to another subject."""

    __tablename__ = "revision"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        Index("ix_revision_state_unit_path", "state", "unit_path"),
        Index("ix_revision_author_id_changed_at", "author_id", "changed_at"),
        Index("ix_revision_subject_id", "subject_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(String(120))
    author_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    unit_path: Mapped[str] = mapped_column(SortKey(200))
    state: Mapped[str] = mapped_column(String(20), default="draft")
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class SubmissionRow(Model):
    """A revision handed in with exactly this content: reviewers decide on the hash, not on the name."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("revision_id", "round"),
        CheckConstraint("length(content_hash) = 64", name="hash"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("revision.id"))
    round: Mapped[int] = mapped_column(Integer)
    author_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    submitted_at: Mapped[datetime] = mapped_column(Instant)


class ReviewRow(Model):
    """One decision at one level; never changed, never two at a level."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("submission_id", "reviewer_id"),
        Index("ix_review_reviewer_id", "reviewer_id"),
        CheckConstraint("level IN ('province', 'national')", name="level"),
        CheckConstraint("decision IN ('approve', 'return', 'decline')", name="decision"),
        CheckConstraint("reviewer_id <> author_id", name="not_the_author"),
        CheckConstraint("decision = 'approve' OR comment <> ''", name="reason"),
        CheckConstraint("(level = 'national' AND decision = 'approve') = (credit_hours IS NOT NULL)", name="hours"),
        CheckConstraint("credit_hours IS NULL OR credit_hours > 0", name="positive_hours"),
    )

    submission_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("submission.id"), primary_key=True)
    level: Mapped[str] = mapped_column(String(10), primary_key=True)
    author_id: Mapped[UUID] = mapped_column(Uuid)
    reviewer_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    decision: Mapped[str] = mapped_column(String(10))
    content_hash: Mapped[str] = mapped_column(String(64))
    comment: Mapped[str] = mapped_column(Text)
    credit_hours: Mapped[int | None] = mapped_column(HundredthHours)
    findings: Mapped[Any] = mapped_column(Json)  # the five principles of GB/T 38862, each true when it is met
    decided_at: Mapped[datetime] = mapped_column(Instant)


class RevisionEventRow(Model):
    """Every change of a revision's state: who, when, from, to, why."""

    __tablename__ = "revision_event"
    __table_args__ = (Index("ix_revision_event_revision_id", "revision_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    revision_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("revision.id"))
    old: Mapped[str] = mapped_column(String(20))
    new: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    comment: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


register_source(RevisionRow, part="content", but=["unit_path"])
register_source(SubmissionRow, part="content")
register_source(ReviewRow, part="content")
register_source(RevisionEventRow, part="content")
