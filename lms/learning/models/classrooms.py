"""Branch classrooms: who held what where, what the screen played when, who was there, and the sheet that is kept as proof.

An attendance is a lease of the person, so that the rules of leases hold for it: one at a time, never two that overlap, never
more credit than real time.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid

_SESSION = "classroom_session.id"
_PERSON = "person.id"


class ClassroomSessionRow(Model):
    """A lecture that one person plays before one screen to people who sign in.

    Millisecond columns that say "real" count from `opened_at`. `held` are real spans in which nobody answered a presence check.
    The migration adds that a session goes from open to ended to signed and is never re-made into another one.
    """

    __tablename__ = "classroom_session"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'ended', 'signed')", name="state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("seats BETWEEN 1 AND 500", name="seats"),
        CheckConstraint("(check_id IS NULL) = (check_asked_at IS NULL)", name="check"),
        Index(
            "uq_classroom_session_open",
            "host_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_classroom_session_unit_id_id", "unit_id", "id"),
        Index("ix_classroom_session_class_id", "class_id"),
        Index("ix_classroom_session_state_last_beat_at", "state", "last_beat_at"),
        Index("ix_classroom_session_asset_id", "asset_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    host_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_PERSON))
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))  # who holds it
    class_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("training_class.id")
    )  # whose learners alone may sign in
    lecture_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("lecture.id"))
    asset_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("media_asset.id"))
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    title: Mapped[str] = mapped_column(String(120))  # the lecture's, on that day
    duration_ms: Mapped[int] = mapped_column(Integer)
    place: Mapped[str] = mapped_column(String(80))
    seats: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(8), default="open")
    opened_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    screen_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)  # 128 random bits: the page on the screen
    screen_opened_at: Mapped[datetime | None] = mapped_column(Instant)
    last_beat_at: Mapped[datetime] = mapped_column(Instant)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    position_ms: Mapped[int] = mapped_column(Integer, default=0)
    next_check_at: Mapped[datetime | None] = mapped_column(Instant)
    check_id: Mapped[UUID | None] = mapped_column(Uuid)
    check_asked_at: Mapped[datetime | None] = mapped_column(Instant)
    held: Mapped[Any] = mapped_column(Json)  # [[from, to], …] real milliseconds


class ClassroomPlayRow(Model):
    """The screen played media time from `media_from_ms` on, second for second, in a span of real time.

    The migration adds that the real spans of a session never overlap.
    """

    __tablename__ = "classroom_play"
    __table_args__ = (
        CheckConstraint("real_from_ms >= 0 AND real_to_ms > real_from_ms", name="span"),
        CheckConstraint("media_from_ms >= 0", name="media"),
    )

    session_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_SESSION), primary_key=True)
    no: Mapped[int] = mapped_column(Integer, primary_key=True)
    real_from_ms: Mapped[int] = mapped_column(Integer)
    real_to_ms: Mapped[int] = mapped_column(Integer)
    media_from_ms: Mapped[int] = mapped_column(Integer)


class ClassroomPhotoRow(Model):
    """A photo of the room or of a signed sheet, encoded anew when it came in."""

    __tablename__ = "classroom_photo"
    __table_args__ = (UniqueConstraint("session_id", "sha256"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_SESSION))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(Integer)
    uploaded_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_PERSON))
    uploaded_at: Mapped[datetime] = mapped_column(Instant)


class ClassroomAttendanceRow(Model):
    """A person's presence in a session; from when to when is said by its lease."""

    __tablename__ = "classroom_attendance"
    __table_args__ = (
        CheckConstraint("way IN ('list', 'code', 'photo', 'correction')", name="way"),
        CheckConstraint("(way = 'photo') = (photo_id IS NOT NULL)", name="photo"),
        CheckConstraint("(credited_ms IS NULL) = (credited_at IS NULL)", name="credited"),
        Index("ix_classroom_attendance_session_id", "session_id", "signed_in_at"),
        Index("ix_classroom_attendance_person_id", "person_id", "signed_in_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_SESSION))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_PERSON))
    lease_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("watch_lease.id"), unique=True)
    way: Mapped[str] = mapped_column(String(10))
    photo_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("classroom_photo.id"))
    signed_in_at: Mapped[datetime] = mapped_column(Instant)
    signed_in_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_PERSON))
    credited_ms: Mapped[int | None] = mapped_column(Integer)  # new media time; what was watched before adds nothing
    credited_at: Mapped[datetime | None] = mapped_column(Instant)


class ClassroomSheetRow(Model):
    """What the session was, frozen at its end; credit is given from this and from nothing else."""

    __tablename__ = "classroom_sheet"

    session_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_SESSION), primary_key=True)
    frozen_at: Mapped[datetime] = mapped_column(Instant)
    people: Mapped[Any] = mapped_column(Json)  # domain.classroomsheet.Line, in the order of signing in
    plays: Mapped[Any] = mapped_column(Json)  # [[real from, real to, media from], …]
    photos: Mapped[Any] = mapped_column(Json)  # SHA-256 of each
    sha256: Mapped[str] = mapped_column(String(64))


class ClassroomSignatureRow(Model):
    """The host says in their own name that the sheet is right."""

    __tablename__ = "classroom_signature"
    __table_args__ = (CheckConstraint("headcount >= 0", name="headcount"),)

    session_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("classroom_sheet.session_id"), primary_key=True)
    signed_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_PERSON))
    headcount: Mapped[int] = mapped_column(Integer)
    statement: Mapped[str] = mapped_column(String(500))
    sheet_sha256: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(Instant)


class ClassroomCorrectionRow(Model):
    """Somebody was there and is missing from the sheet, or stands on it and was not: proposed by one, decided by another."""

    __tablename__ = "classroom_correction"
    __table_args__ = (
        CheckConstraint("kind IN ('add', 'strike')", name="kind"),
        CheckConstraint("(kind = 'add') = (from_at IS NOT NULL)", name="from"),
        CheckConstraint(
            "(from_at IS NULL) = (until_at IS NULL) AND (from_at IS NULL OR until_at > from_at)", name="span"
        ),
        CheckConstraint("state IN ('proposed', 'confirmed', 'declined')", name="state"),
        CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("decided_by <> proposed_by", name="two_persons"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_classroom_correction_person_id", "person_id"),
        Index(
            "uq_classroom_correction_proposed",
            "session_id",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_SESSION))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_PERSON))
    kind: Mapped[str] = mapped_column(String(6))
    from_at: Mapped[datetime | None] = mapped_column(Instant)
    until_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey(_PERSON))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(9), default="proposed")
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey(_PERSON))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    comment: Mapped[str] = mapped_column(String(200), default="")


register_source(ClassroomSheetRow, part="hours")
register_source(ClassroomSignatureRow, part="hours")
