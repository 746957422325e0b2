"""Banks and the immutable versions of their items."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid


class BankRow(Model):
    """The bank of one course."""

    __tablename__ = "bank"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(Instant)


class ItemVersionRow(Model):
    """One version of an item, handed in with a revision; what it says never changes once that revision left the draft."""

    __tablename__ = "item_version"
    __table_args__ = (
        CheckConstraint("type IN ('single', 'multiple', 'true_false')", name="type"),
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="state"),
        CheckConstraint("difficulty BETWEEN 1 AND 5", name="difficulty"),
        UniqueConstraint("revision_id", "position"),
        Index("ix_item_version_bank_code_state_type", "bank_code", "state", "type"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    bank_code: Mapped[str] = mapped_column(String(20), ForeignKey("bank.code"))
    revision_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("revision.id"))
    position: Mapped[int] = mapped_column(Integer)
    ref: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(12))
    stem: Mapped[str] = mapped_column(Text)
    options: Mapped[Any] = mapped_column(Json)  # [[key, text], …]
    answer: Mapped[Any] = mapped_column(Json)  # keys of the right options
    explanation: Mapped[str] = mapped_column(Text)
    sources: Mapped[Any] = mapped_column(Json)  # citations as text
    knowledge_point: Mapped[str] = mapped_column(String(60))
    difficulty: Mapped[int] = mapped_column(Integer)
    is_case: Mapped[bool] = mapped_column(Boolean)
    void_rule: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    created_at: Mapped[datetime] = mapped_column(Instant)
