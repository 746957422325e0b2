"""Banks and the immutable versions of their items."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid


class BankRow(Model):
    """A bank of items: exams draw from those of kind exam, learners practise with the others, and never the other way round."""

    __tablename__ = "bank"
    __table_args__ = (
        CheckConstraint("kind IN ('exam', 'practice')", name="kind"),
        Index("ix_bank_unit_id", "unit_id"),
    )

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10), default="exam")  # fixed for good
    unit_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("unit.id")
    )  # whose bank it is; None: no staff page shows it
    created_at: Mapped[datetime] = mapped_column(Instant)


class ItemVersionRow(Model):
    """One version of an item; what it says never changes once it left the draft.

    It was handed in with a revision, or it came from a file: then it has no revision and stays a draft that only staff see.
    """

    __tablename__ = "item_version"
    __table_args__ = (
        CheckConstraint(
            "type IN ('single', 'multiple', 'true_false', 'fill_in', 'matching', 'short_answer', 'case')", name="type"
        ),
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="state"),
        CheckConstraint("difficulty BETWEEN 1 AND 5", name="difficulty"),
        CheckConstraint("revision_id IS NOT NULL OR (state = 'draft' AND content IS NOT NULL)", name="imported"),
        CheckConstraint("type IN ('single', 'multiple', 'true_false') OR content IS NOT NULL", name="whole"),
        UniqueConstraint("revision_id", "position"),
        Index("ix_item_version_bank_code_state_type", "bank_code", "state", "type"),
        Index("ix_item_version_bank_code_ref", "bank_code", "ref"),
        Index(
            "uq_item_version_imported_ref",
            "bank_code",
            "ref",
            unique=True,
            sqlite_where=text("revision_id IS NULL"),
            postgresql_where=text("revision_id IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    bank_code: Mapped[str] = mapped_column(String(20), ForeignKey("bank.code"))
    revision_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("revision.id"))
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
    content: Mapped[Any | None] = mapped_column(Json)  # an imported draft whole, as domain/exchangedata.py writes it
    state: Mapped[str] = mapped_column(String(10), default="draft")
    created_at: Mapped[datetime] = mapped_column(Instant)


class ItemImportRow(Model):
    """A file of items that was read for a bank: everything in it waits to be confirmed, or has been stored."""

    __tablename__ = "item_import"
    __table_args__ = (
        CheckConstraint("(state = 'stored') = (stored_at IS NOT NULL)", name="stored"),
        CheckConstraint("state IN ('waiting', 'stored')", name="state"),
        Index("ix_item_import_actor_id", "actor_id", "read_at"),
        Index("ix_item_import_read_at", "read_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    bank_code: Mapped[str] = mapped_column(String(20), ForeignKey("bank.code"))
    actor_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    file_name: Mapped[str] = mapped_column(String(120))
    format: Mapped[str] = mapped_column(String(12))
    items: Mapped[Any] = mapped_column(Json)  # [[item as domain/exchangedata.py writes it, place, warnings], …]
    faults: Mapped[Any] = mapped_column(Json)  # [[place, message], …]
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    read_at: Mapped[datetime] = mapped_column(Instant)
    stored_at: Mapped[datetime | None] = mapped_column(Instant)
