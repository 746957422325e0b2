"""Leases, watched intervals and completed courses; the database repeats what a lease may credit."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid

LEASE_STATES = ("active", "ended", "superseded", "expired", "revoked")


class LeaseRow(Model):
    """Permission to earn watch time, one live at a time for a person; a row a lease, never a row a beat.

    The migration adds two rules that the dialects write differently: credited_ms never exceeds the real time at the top
    rate, and two leases of a person never overlap in time.
    """

    __tablename__ = "watch_lease"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'ended', 'superseded', 'expired', 'revoked')", name="state"),
        CheckConstraint("(state = 'active') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("ended_at IS NULL OR ended_at >= opened_at", name="span"),
        CheckConstraint("credited_ms >= 0 AND held_ms >= 0", name="not_negative"),
        Index(
            "uq_watch_lease_live",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_watch_lease_person_id_opened_at", "person_id", "opened_at"),
        Index("ix_watch_lease_state_last_beat_at", "state", "last_beat_at"),
        Index("ix_watch_lease_asset_id", "asset_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    asset_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("media_asset.id"))
    lecture_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("lecture.id"))
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    enrolment_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("enrolment.id"))
    state: Mapped[str] = mapped_column(String(10), default="active")
    opened_at: Mapped[datetime] = mapped_column(Instant)
    last_beat_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    held_ms: Mapped[int] = mapped_column(Integer, default=0)  # real time that pays nothing
    credited_ms: Mapped[int] = mapped_column(Integer, default=0)  # media time that was paid
    max_rate_percent: Mapped[int] = mapped_column(Integer)  # the course's top rate when the lease was opened
    duration_ms: Mapped[int] = mapped_column(Integer)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)


class WatchProgressRow(Model):
    """What a person has watched of an asset, from all leases: the union of half-open intervals in media milliseconds."""

    __tablename__ = "watch_progress"
    __table_args__ = (CheckConstraint("covered_ms >= 0", name="covered"),)

    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    asset_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("media_asset.id"), primary_key=True)
    watched: Mapped[Any] = mapped_column(Json)  # [[from, to], …]
    covered_ms: Mapped[int] = mapped_column(Integer, default=0)
    position_ms: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=0)
    completed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class CourseCompletionRow(Model):
    """A person has completed a course, once; the enrolment that it counted for, if any."""

    __tablename__ = "course_completion"
    __table_args__ = (UniqueConstraint("person_id", "course_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    enrolment_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("enrolment.id"))
    completed_at: Mapped[datetime] = mapped_column(Instant)
