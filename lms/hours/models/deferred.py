"""Hours that a daily cap put off."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import HundredthHours, Instant, Uuid


class DeferredHoursRow(Model):
    """Hours that the daily cap put off: earned when the course was completed, credited on a later day."""

    __tablename__ = "deferred_hours"
    __table_args__ = (
        UniqueConstraint("person_id", "course_id"),
        CheckConstraint("hours > 0", name="hours"),
        Index(
            "ix_deferred_hours_pending",
            "credit_on",
            "id",
            sqlite_where=text("entry_id IS NULL"),
            postgresql_where=text("entry_id IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    enrolment_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("enrolment.id"))
    class_kind: Mapped[str | None] = mapped_column(String(12))
    hours: Mapped[int] = mapped_column(HundredthHours)
    completed_at: Mapped[datetime] = mapped_column(Instant)
    credit_on: Mapped[date] = mapped_column(Date)
    entry_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("credit_entry.id"))
