"""Leases, watched intervals and completed courses; the database repeats what a lease may credit."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
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
        Index("ix_watch_lease_asset_id", "asset_id"),
        Index(
            "ix_watch_lease_ended_at",
            "ended_at",
            sqlite_where=text("ended_at IS NOT NULL"),
            postgresql_where=text("ended_at IS NOT NULL"),
        ),
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
    policy_version: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    threshold_percent: Mapped[int] = mapped_column(Integer, default=95, server_default="95")  # of that version
    session_id: Mapped[UUID | None] = mapped_column(Uuid)  # the sign-in that opened it: signing out ends it
    playlist_at: Mapped[datetime | None] = mapped_column(
        Instant
    )  # when its playlist was first fetched: before, nothing pays
    presence_seconds: Mapped[int | None] = mapped_column(Integer)  # to answer in; None: this lease asks nobody
    presence_due_ms: Mapped[int | None] = mapped_column(
        Integer
    )  # asks when credited_ms gets there; carried on by others
    presence_item_id: Mapped[UUID | None] = mapped_column(Uuid)
    presence_asked_at: Mapped[datetime | None] = mapped_column(Instant)  # of the open check: time from here on is held
    presence_id: Mapped[UUID | None] = mapped_column(Uuid)
    beats: Mapped[int] = mapped_column(
        Integer, default=0, server_default="0"
    )  # those one regular gap after another, see domain.suspicion
    gap_low_ms: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    gap_high_ms: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class WatchProgressRow(Model):
    """What a person has watched of an asset, from all leases: the union of half-open intervals in media milliseconds."""

    __tablename__ = "watch_progress"
    __table_args__ = (CheckConstraint("covered_ms >= 0", name="covered"),)

    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    asset_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("media_asset.id"), primary_key=True)
    watched: Mapped[Any] = mapped_column(Json)  # [[from, to], …]
    covered_ms: Mapped[int] = mapped_column(Integer, default=0)
    trims: Mapped[Any] = mapped_column(
        Json, default=dict, server_default="{}"
    )  # {reason: ms} of all beats that were cut
    position_ms: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=0)
    completed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class WatchPolicyRow(Model):
    """One version of what a course asks of who watches it; never changed, a new decision is a new version."""

    __tablename__ = "watch_policy"
    __table_args__ = (
        UniqueConstraint("course_id", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("threshold_percent BETWEEN 50 AND 100", name="threshold"),
        CheckConstraint("max_rate_percent BETWEEN 100 AND 200", name="rate"),
        CheckConstraint(
            "presence_from_minutes >= 1 AND presence_to_minutes BETWEEN presence_from_minutes AND 120", name="minutes"
        ),
        CheckConstraint("presence_seconds BETWEEN 30 AND 600", name="seconds"),
        CheckConstraint("presence_kind IN ('button', 'item')", name="kind"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    version: Mapped[int] = mapped_column(Integer)
    threshold_percent: Mapped[int] = mapped_column(Integer)
    max_rate_percent: Mapped[int] = mapped_column(Integer)
    seek_courtesy: Mapped[bool] = mapped_column(Boolean)
    pause_when_hidden: Mapped[bool] = mapped_column(Boolean)
    presence: Mapped[bool] = mapped_column(Boolean)
    presence_from_minutes: Mapped[int] = mapped_column(Integer)
    presence_to_minutes: Mapped[int] = mapped_column(Integer)
    presence_seconds: Mapped[int] = mapped_column(Integer)
    presence_kind: Mapped[str] = mapped_column(String(6))
    reason: Mapped[str] = mapped_column(String(200))
    decided_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(Instant)


class PresenceCheckRow(Model):
    """A presence check that was answered, in time or not; one that never was stands in its lease alone."""

    __tablename__ = "presence_check"
    __table_args__ = (
        CheckConstraint("answered_at >= asked_at", name="span"),
        CheckConstraint("lost_ms >= 0", name="lost"),
        CheckConstraint("(item_version_id IS NULL) = (correct IS NULL)", name="correct"),
        Index("ix_presence_check_lease_id", "lease_id"),
        Index("ix_presence_check_person_id_answered_at", "person_id", "answered_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    lease_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("watch_lease.id"))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    item_version_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("item_version.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime] = mapped_column(Instant)
    seconds: Mapped[int] = mapped_column(Integer)  # the window, with the person's accommodation
    answer: Mapped[str] = mapped_column(String(20), default="")
    correct: Mapped[bool | None] = mapped_column(Boolean)  # of an item; a wrong answer is presence as well
    lost_ms: Mapped[int] = mapped_column(Integer, default=0)  # real time that a late answer cost


class CourseCompletionRow(Model):
    """A person has completed a course, once; the enrolment that it counted for, if any."""

    __tablename__ = "course_completion"
    __table_args__ = (UniqueConstraint("person_id", "course_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    enrolment_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("enrolment.id"))
    completed_at: Mapped[datetime] = mapped_column(Instant)


register_source(WatchPolicyRow, part="hours")
