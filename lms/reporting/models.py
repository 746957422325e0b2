"""Figures over units, counted from the ledger and the people; all can be counted again but who was counted where in past years."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import HundredthHours, Instant, SortKey, Uuid

_BEHIND = text("missing > 0")
_REACHED = text("missing = 0")
_MANUAL = text("stage IS NULL")
_AUTOMATIC = text("stage IS NOT NULL")


class StandingDueRow(Model):
    """Somebody whose standing has to be counted, and the line of the ledger, if any, that units' hours do not hold yet.

    Triggers on the ledger and on people write these rows, each its own, so that no writer waits for another; the job that
    counts removes them in the transaction that stores its figures.
    """

    __tablename__ = "standing_due"
    __table_args__ = (Index("ix_standing_due_person_id", "person_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(Uuid)
    entry_id: Mapped[UUID | None] = mapped_column(Uuid)


class HoursStandingRow(Model):
    """Where a person stands in a year. `path` is their unit in today's tree, in past years that of the last count; "" when
    they are counted nowhere. `missing` is what is left to earn; `name_key` is their name's, for lists."""

    __tablename__ = "hours_standing"
    __table_args__ = (
        CheckConstraint("missing >= 0", name="missing"),
        Index(
            "ix_hours_standing_behind",
            "year",
            "name_key",
            "person_id",
            sqlite_where=_BEHIND,
            postgresql_where=_BEHIND,
        ),
        Index(
            "ix_hours_standing_reached",
            "year",
            "name_key",
            "person_id",
            sqlite_where=_REACHED,
            postgresql_where=_REACHED,
        ),
        Index("ix_hours_standing_year_name_key", "year", "name_key", "person_id"),
        Index("ix_hours_standing_year_category", "year", "category", "name_key", "person_id"),
        Index("ix_hours_standing_year_missing", "year", "missing", "person_id"),
    )

    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    path: Mapped[str] = mapped_column(SortKey(200))
    category: Mapped[str] = mapped_column(String(12))
    name_key: Mapped[str] = mapped_column(SortKey(300))
    self_study: Mapped[int] = mapped_column(HundredthHours)
    centralized: Mapped[int] = mapped_column(HundredthHours)
    self_required: Mapped[int] = mapped_column(HundredthHours)
    central_required: Mapped[int] = mapped_column(HundredthHours)
    missing: Mapped[int] = mapped_column(HundredthHours)


class UnitStandingRow(Model):
    """How many people of one category a unit and all below it have in a year, and how many reached their targets."""

    __tablename__ = "unit_standing"

    path: Mapped[str] = mapped_column(SortKey(200), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    category: Mapped[str] = mapped_column(String(12), primary_key=True)
    persons: Mapped[int] = mapped_column(Integer)
    self_reached: Mapped[int] = mapped_column(Integer)
    central_reached: Mapped[int] = mapped_column(Integer)
    reached: Mapped[int] = mapped_column(Integer)


class UnitHoursRow(Model):
    """The hours of a unit and all below it in a year and ledger, by the unit that each line of the ledger names."""

    __tablename__ = "unit_hours"

    path: Mapped[str] = mapped_column(SortKey(200), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    ledger: Mapped[str] = mapped_column(String(12), primary_key=True)
    lines: Mapped[int] = mapped_column(Integer)
    hours: Mapped[int] = mapped_column(BigInteger)


class HoursReminderRow(Model):
    """Somebody was reminded of missing hours: by staff, at most once a calendar week, or by the platform, once at each stage."""

    __tablename__ = "hours_reminder"
    __table_args__ = (
        CheckConstraint("(stage IS NULL) = (sent_by IS NOT NULL)", name="sender"),
        Index(
            "uq_hours_reminder_week",
            "person_id",
            "week",
            unique=True,
            sqlite_where=_MANUAL,
            postgresql_where=_MANUAL,
        ),
        Index(
            "uq_hours_reminder_stage",
            "person_id",
            "year",
            "stage",
            unique=True,
            sqlite_where=_AUTOMATIC,
            postgresql_where=_AUTOMATIC,
        ),
        Index("ix_hours_reminder_person_id_sent_at", "person_id", "sent_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    year: Mapped[int] = mapped_column(Integer)
    week: Mapped[int] = mapped_column(Integer)
    stage: Mapped[int | None] = mapped_column(Integer)  # days before the year's end
    sent_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    sent_at: Mapped[datetime] = mapped_column(Instant)
