"""Answers that people mark, one piece each, and the marks they got."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid

_HELD = text("held_by IS NOT NULL")


class MarkingPieceRow(Model):
    """One answer that people mark; what it is worth is settled once, by its marks."""

    __tablename__ = "marking_piece"
    __table_args__ = (
        ForeignKeyConstraint(["attempt_id", "position"], ["attempt_question.attempt_id", "attempt_question.position"]),
        UniqueConstraint("attempt_id", "position"),
        CheckConstraint("state IN ('waiting', 'settled')", name="state"),
        CheckConstraint("(state = 'settled') = (awarded IS NOT NULL)", name="awarded"),
        CheckConstraint("(awarded IS NULL) = (settled_at IS NULL)", name="settled_at"),
        CheckConstraint("awarded BETWEEN 0 AND points * 100", name="range"),
        CheckConstraint("wanted BETWEEN 1 AND 2", name="wanted"),
        CheckConstraint("(held_by IS NULL) = (held_until IS NULL)", name="lease"),
        Index("ix_marking_piece_exam_id_item_version_id_state_rank", "exam_id", "item_version_id", "state", "rank"),
        Index("ix_marking_piece_held_by", "held_by", sqlite_where=_HELD, postgresql_where=_HELD),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(Uuid)
    position: Mapped[int] = mapped_column(Integer)
    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"))
    item_version_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"))
    points: Mapped[int] = mapped_column(Integer)
    rank: Mapped[int] = mapped_column(BigInteger)  # its place in the queue: says nothing of who wrote it or when
    wanted: Mapped[int] = mapped_column(Integer)  # how many mark it independently
    state: Mapped[str] = mapped_column(String(8))
    held_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    held_until: Mapped[datetime | None] = mapped_column(Instant)
    draft: Mapped[Any | None] = mapped_column(Json)  # of who holds it: {parts, comment}
    awarded: Mapped[int | None] = mapped_column(Integer)  # hundredths of a point
    created_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)


class MarkRow(Model):
    """What one marker gave one piece; append-only."""

    __tablename__ = "mark"
    __table_args__ = (
        UniqueConstraint("piece_id", "no"),
        UniqueConstraint("piece_id", "marker_id"),
        CheckConstraint("no BETWEEN 1 AND 3", name="no"),
        CheckConstraint("earned >= 0", name="earned"),
        Index("ix_mark_marker_id", "marker_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    piece_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("marking_piece.id"))
    no: Mapped[int] = mapped_column(Integer)
    marker_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    earned: Mapped[int] = mapped_column(Integer)  # hundredths of a point
    parts: Mapped[Any] = mapped_column(Json)  # the same by question of a case
    comment: Mapped[str] = mapped_column(String(500))
    marked_at: Mapped[datetime] = mapped_column(Instant)


class MarkingPassRow(Model):
    """A marker left a piece to others: skipped, to see it again at the end, or flagged with a reason, never to see it again."""

    __tablename__ = "marking_pass"
    __table_args__ = (CheckConstraint("length(flag) <= 200", name="flag"),)

    piece_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("marking_piece.id"), primary_key=True)
    marker_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    flag: Mapped[str] = mapped_column(String(200))  # "" for skipped
    passed_at: Mapped[datetime] = mapped_column(Instant)


class MarkingPlanRow(Model):
    """How the answers of an exam are marked; append-only, the highest `no` counts. Without one each answer has one marker."""

    __tablename__ = "marking_plan"
    __table_args__ = (
        CheckConstraint("no >= 1", name="no"),
        CheckConstraint("markers BETWEEN 1 AND 2", name="markers"),
        CheckConstraint("threshold BETWEEN 0 AND 100", name="threshold"),
    )

    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"), primary_key=True)
    no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    markers: Mapped[int] = mapped_column(Integer)
    threshold: Mapped[int] = mapped_column(
        Integer
    )  # per cent of the item's points; a wider difference asks for a third
    by_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    set_at: Mapped[datetime] = mapped_column(Instant)


register_source(MarkRow, part="results")
register_source(MarkingPlanRow, part="results")
