"""Classes, their courses in order, and enrolments."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Uuid


class TrainingClassRow(Model):
    """An online training class; `kind` decides in which ledger its hours are earned (requirement 11)."""

    __tablename__ = "training_class"
    __table_args__ = (
        CheckConstraint("kind IN ('centralized', 'self_study')", name="kind"),
        CheckConstraint("phase IN ('design', 'implement', 'summarise')", name="phase"),
        CheckConstraint("enrolment IN ('open', 'closed')", name="enrolment"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        Index("ix_training_class_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    target_group: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(12))
    phase: Mapped[str] = mapped_column(String(12), default="design")
    enrolment: Mapped[str] = mapped_column(String(10))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    certificate_name: Mapped[str] = mapped_column(String(120))
    certificate_kind: Mapped[str] = mapped_column(String(4))  # two letters of the certificate's number, e.g. SG 上岗
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))  # who holds the class
    demo: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(Instant)


class ClassCourseRow(Model):
    """A course of a class at its place."""

    __tablename__ = "class_course"
    __table_args__ = (UniqueConstraint("class_id", "position"), Index("ix_class_course_course_id", "course_id"))

    class_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("training_class.id"), primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)


class EnrolmentRow(Model):
    """A person in a class, once."""

    __tablename__ = "enrolment"
    __table_args__ = (
        CheckConstraint(
            "state IN ('pending', 'approved', 'declined', 'waitlisted', 'withdrawn', 'completed')", name="state"
        ),
        UniqueConstraint("class_id", "person_id"),
        Index("ix_enrolment_person_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    class_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("training_class.id"))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
