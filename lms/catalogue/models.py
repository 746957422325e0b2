"""Teachers, courses, lectures and their versions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import HundredthHours, Instant, Json, Uuid


class TeacherRow(Model):
    """A teacher as shown beside courses: name, institution, post."""

    __tablename__ = "teacher"
    __table_args__ = (UniqueConstraint("name", "institution", "post"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    institution: Mapped[str] = mapped_column(String(120))
    post: Mapped[str] = mapped_column(String(60))


class CourseRow(Model):
    """A course and the banks of its items; who teaches it, its outline and its hours are in the versions of its lectures.

    Triggers hold the banks to their kinds, so that nobody ever practises on an exam's items.
    """

    __tablename__ = "course"
    __table_args__ = (Index("ix_course_author_id", "author_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    bank_code: Mapped[str] = mapped_column(String(20), ForeignKey("bank.code"))
    practice_bank_code: Mapped[str | None] = mapped_column(String(20), ForeignKey("bank.code"))  # None: no item yet
    author_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    demo: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(Instant)


class LectureRow(Model):
    """A place in a course; `live_revision_id` is the version that learners see, NULL while they see none."""

    __tablename__ = "lecture"
    __table_args__ = (
        UniqueConstraint("course_id", "position"),
        Index("ix_lecture_live_revision_id", "live_revision_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    position: Mapped[int] = mapped_column(Integer)
    live_revision_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("revision.id"))


class LectureVersionRow(Model):
    """A lecture's content as one revision hands it in."""

    __tablename__ = "lecture_version"
    __table_args__ = (
        CheckConstraint("credit_hours IS NULL OR credit_hours > 0", name="credit_hours"),
        Index("ix_lecture_version_asset_id", "asset_id"),
        Index("ix_lecture_version_lecture_id", "lecture_id"),
    )

    revision_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("revision.id"), primary_key=True)
    lecture_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("lecture.id"))
    title: Mapped[str] = mapped_column(String(120))
    teacher_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("teacher.id"))
    outline: Mapped[str] = mapped_column(Text)
    asset_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("media_asset.id"))
    caption_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("caption.id"))
    credit_hours: Mapped[int | None] = mapped_column(HundredthHours)
    length_rule: Mapped[Any | None] = mapped_column(
        Json
    )  # [kind, parameters] by which they follow from the length; None: fixed
