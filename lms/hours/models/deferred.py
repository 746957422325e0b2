"""Hours that a daily cap put off."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import HundredthHours, Instant, Uuid

_WAITS = text("settled_at IS NULL")


class DeferredHoursRow(Model):
    """Hours that the daily cap put off: worth, year and unit are those of the day of completion, the line comes on `credit_on`.

    `settled_at` without `entry_id`: when the day came, the course counted already by another account of the person.
    The migration adds that nothing but the settling changes, once.
    """

    __tablename__ = "deferred_hours"
    __table_args__ = (
        CheckConstraint("hours > 0", name="hours"),
        Index(
            "uq_deferred_hours_waiting",
            "person_id",
            "course_id",
            unique=True,
            sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        ),
        Index("ix_deferred_hours_credit_on", "credit_on", "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_deferred_hours_person_id", "person_id", "credit_on"),
        Index("ix_deferred_hours_entry_id", "entry_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    enrolment_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("enrolment.id"))
    hours: Mapped[int] = mapped_column(HundredthHours)
    rule_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("hours_rule.id"))
    completed_at: Mapped[datetime] = mapped_column(Instant)
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    unit_path: Mapped[str] = mapped_column(String(200))
    credit_on: Mapped[date] = mapped_column(Date)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    entry_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("credit_entry.id"))
