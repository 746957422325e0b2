"""Decisions about wrong keys, by two persons, and what each of them did to whom."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid

_WAITING = text("state IN ('checking', 'proposed')")


class RegradeRow(Model):
    """One decision about one version of an item in one exam. What was proposed never changes; another person confirms it."""

    __tablename__ = "regrade"
    __table_args__ = (
        CheckConstraint("way IN ('full_credit', 'either', 'new_only', 'none')", name="way"),
        CheckConstraint("(way IN ('either', 'new_only')) = (key IS NOT NULL)", name="key"),
        CheckConstraint(
            "state IN ('checking', 'proposed', 'confirmed', 'done', 'declined', 'withdrawn')", name="state"
        ),
        CheckConstraint("(state IN ('checking', 'proposed')) = (decided_by IS NULL)", name="decided_by"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("state = 'withdrawn' OR decided_by <> proposed_by", name="two_persons"),
        Index(
            "uq_regrade_waiting",
            "exam_id",
            "item_version_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index("ix_regrade_exam_id_proposed_at", "exam_id", "proposed_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"))
    item_version_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"))
    way: Mapped[str] = mapped_column(String(12))
    key: Mapped[Any | None] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(10))
    proposed_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    comment: Mapped[str] = mapped_column(String(500))


class RegradeEffectRow(Model):
    """What a decision does to one attempt: foreseen while `applied` is false, then what it did."""

    __tablename__ = "regrade_effect"
    __table_args__ = (
        CheckConstraint("turn IN ('stays', 'passes', 'fails')", name="turn"),
        Index("ix_regrade_effect_regrade_id_turn", "regrade_id", "turn", "attempt_id"),
        Index("ix_regrade_effect_attempt_id", "attempt_id"),
    )

    regrade_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("regrade.id"), primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("attempt.id"), primary_key=True)
    before: Mapped[int] = mapped_column(Integer)  # hundredths of a point
    after: Mapped[int] = mapped_column(Integer)
    turn: Mapped[str] = mapped_column(String(6))  # of the person in this exam, not of the attempt alone
    certificate: Mapped[str | None] = mapped_column(String(40))  # the number of one that rests on it
    applied: Mapped[bool] = mapped_column(Boolean)


register_source(RegradeRow, part="results")
