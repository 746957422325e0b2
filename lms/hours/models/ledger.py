"""Versioned rules and the append-only ledger of 学时."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import HundredthHours, Instant, Json, Uuid


class HoursRuleRow(Model):
    """One version of what a course is worth; never changed, a new value is a new version."""

    __tablename__ = "hours_rule"
    __table_args__ = (
        UniqueConstraint("course_id", "version"),
        CheckConstraint("kind IN ('fixed', 'step', 'per_minutes')", name="kind"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(12))
    parameters: Mapped[Any] = mapped_column(
        Json
    )  # {"hours"}; {"hours", "minutes", "unit"}; {"steps": [{"from_ms", "hours"}]}
    revision_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("revision.id"))
    decided_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(Instant)


class CreditEntryRow(Model):
    """A line of the ledger; a correction is a new line with the hours negated that names the line it takes back.

    A course counts once for a person: learning completes it once, and the unique index over entries that are no reversals
    is the second fence, within a calendar year. `round` rises only when a course is credited again after a reversal, so
    that the index holds without ever changing a row.
    """

    __tablename__ = "credit_entry"
    __table_args__ = (
        CheckConstraint("ledger IN ('self_study', 'centralized')", name="ledger"),
        CheckConstraint("(reversal_of IS NULL) = (hours > 0)", name="sign"),
        CheckConstraint("(rule_id IS NULL) = (source IN ('offline', 'elsewhere'))", name="rule"),
        CheckConstraint("reversal_of IS NULL OR (reason <> '' AND actor_id IS NOT NULL)", name="reversal"),
        Index(
            "uq_credit_entry_once",
            "person_id",
            "source",
            "source_id",
            "count_year",
            "round",
            unique=True,
            sqlite_where=text("reversal_of IS NULL"),
            postgresql_where=text("reversal_of IS NULL"),
        ),
        Index(
            "uq_credit_entry_reversal_of",
            "reversal_of",
            unique=True,
            sqlite_where=text("reversal_of IS NOT NULL"),
            postgresql_where=text("reversal_of IS NOT NULL"),
        ),
        Index("ix_credit_entry_person_id_count_year", "person_id", "count_year"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    ledger: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[UUID] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(String(120))
    hours: Mapped[int] = mapped_column(HundredthHours)
    rule_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("hours_rule.id"))  # None: approved one level up
    earned_at: Mapped[datetime] = mapped_column(Instant)
    count_year: Mapped[int] = mapped_column(Integer)
    round: Mapped[int] = mapped_column(Integer, default=0)
    enrolment_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("enrolment.id"))
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    unit_path: Mapped[str] = mapped_column(String(200))  # the path of that day: statistics count by it
    reversal_of: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("credit_entry.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")
    actor_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))


register_source(HoursRuleRow, part="hours")
register_source(CreditEntryRow, part="hours")
