"""Rules of exams on their way to being published."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid

_ASKED = text("state = 'asked'")
_PROPOSED = text("state = 'proposed'")
_UNDECIDED = text("state IN ('draft', 'proposed')")


class ExamRulesDraftRow(Model):
    """Rules on their way: one person drafts and proposes them with a reason, another one publishes or declines.

    Triggers: what is proposed stays as it is until it is decided, what is decided for good.
    """

    __tablename__ = "exam_rules_draft"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'proposed', 'published', 'declined', 'withdrawn')", name="state"),
        CheckConstraint(
            "state IN ('draft', 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("state NOT IN ('published', 'declined') OR decided_by <> drafted_by", name="two_persons"),
        CheckConstraint("state NOT IN ('proposed', 'published') OR reason <> ''", name="reason"),
        CheckConstraint("state NOT IN ('proposed', 'published') OR CAST(settings AS TEXT) <> '{}'", name="settings"),
        CheckConstraint("(state = 'published') = (version IS NOT NULL)", name="version"),
        Index("ix_exam_rules_draft_class_id", "class_id", "id"),
        Index("ix_exam_rules_draft_waiting", "id", sqlite_where=_PROPOSED, postgresql_where=_PROPOSED),
        Index(
            "uq_exam_rules_draft_open", "class_id", unique=True, sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    class_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("training_class.id"))
    state: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(120))
    sections: Mapped[Any] = mapped_column(Json)  # as in exam_rules
    settings: Mapped[Any] = mapped_column(Json)  # as domain/plans.py writes them; {}: not yet
    reason: Mapped[str] = mapped_column(String(500))
    drafted_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    drafted_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    comment: Mapped[str] = mapped_column(String(500))
    version: Mapped[int | None] = mapped_column(Integer)  # of the rules that it became


class SittingRequestRow(Model):
    """A make-up sitting 补考 that one person asks for and another one grants or declines; granted it is a sitting of the same id.

    Triggers: what was asked stays as it is, and is decided once.
    """

    __tablename__ = "sitting_request"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'granted', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("attempts BETWEEN 1 AND 5", name="attempts"),
        CheckConstraint(
            "(opens_at IS NULL) = (closes_at IS NULL) AND (closes_at IS NULL OR closes_at > opens_at)", name="window"
        ),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            "(state = 'asked') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)", name="decided"
        ),
        CheckConstraint("state NOT IN ('granted', 'declined') OR decided_by <> asked_by", name="two_persons"),
        CheckConstraint("asked_by <> person_id AND (decided_by IS NULL OR decided_by <> person_id)", name="not_own"),
        Index("ix_sitting_request_person_id_exam_id", "person_id", "exam_id"),
        Index(
            "uq_sitting_request_asked",
            "exam_id",
            "person_id",
            unique=True,
            sqlite_where=_ASKED,
            postgresql_where=_ASKED,
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    attempts: Mapped[int] = mapped_column(Integer)  # further ones
    opens_at: Mapped[datetime | None] = mapped_column(Instant)  # a time of its own; None: within the exam's window
    closes_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    comment: Mapped[str] = mapped_column(String(500))
