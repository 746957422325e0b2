"""Banks and the immutable versions of their items."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Json, SortKey, Uuid

_OPEN = text("revision_id IS NULL AND state IN ('draft', 'province_review', 'national_review', 'returned')")
_WAITING = text("state IN ('province_review', 'national_review')")
_UNREAD = text("compared = false")
_DECISION = text("level IS NOT NULL")
_UNSETTLED = text("settled_at IS NULL")


def _own_id(context: Any) -> UUID:
    """The first version of an item gives the item its id."""
    found: UUID = context.get_current_parameters()["id"]
    return found


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

    It was handed in with a revision of a lecture; or it was typed in or came from a file: then it has no revision, goes through
    a review of its own, and a trigger lets it be published only after a decision at each level.
    """

    __tablename__ = "item_version"
    __table_args__ = (
        CheckConstraint(
            "type IN ('single', 'multiple', 'true_false', 'fill_in', 'matching', 'short_answer', 'case')", name="type"
        ),
        CheckConstraint(
            "state IN ('draft', 'province_review', 'national_review', 'returned', 'published', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("difficulty BETWEEN 1 AND 5", name="difficulty"),
        CheckConstraint("revision_id IS NULL OR state IN ('draft', 'published', 'withdrawn')", name="of_a_lecture"),
        CheckConstraint("revision_id IS NOT NULL OR content IS NOT NULL", name="own"),
        CheckConstraint("version_no >= 1 AND round >= 0", name="numbers"),
        CheckConstraint("type IN ('single', 'multiple', 'true_false') OR content IS NOT NULL", name="whole"),
        UniqueConstraint("revision_id", "position"),
        Index("ix_item_version_bank_code_state_type", "bank_code", "state", "type"),
        Index("ix_item_version_bank_code_ref", "bank_code", "ref"),
        Index(
            "uq_item_version_on_its_way", "bank_code", "ref", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
        Index("ix_item_version_item_id_version_no", "item_id", "version_no"),
        Index("ix_item_version_bank_code_created_at_id", "bank_code", "created_at", "id"),
        Index("ix_item_version_bank_code_state_created_at", "bank_code", "state", "created_at", "id"),
        Index("ix_item_version_bank_code_difficulty", "bank_code", "difficulty", "created_at", "id"),
        Index("ix_item_version_bank_code_knowledge_point", "bank_code", "knowledge_point", "created_at", "id"),
        Index("ix_item_version_bank_code_valid_until", "bank_code", "valid_until"),
        Index("ix_item_version_waiting", "state", "created_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_item_version_unread", "id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
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
    content: Mapped[Any | None] = mapped_column(
        Json
    )  # an own item whole, as domain/exchangedata.py writes it, but the bytes of pictures
    state: Mapped[str] = mapped_column(String(16), default="draft")
    created_at: Mapped[datetime] = mapped_column(Instant)
    item_id: Mapped[UUID] = mapped_column(Uuid, default=_own_id)  # the same for all versions of an item
    version_no: Mapped[int] = mapped_column(Integer, default=1)
    author_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))  # who wrote an own item last
    valid_until: Mapped[date | None] = mapped_column(Date)
    round: Mapped[int] = mapped_column(Integer, default=0)  # how many times it was handed in
    compared: Mapped[bool] = mapped_column(Boolean, default=False)  # with the others of its bank, for near-duplicates


class ItemPictureRow(Model):
    """The bytes of a picture of an own item's version, which names it by its digest; they change with drafts only."""

    __tablename__ = "item_picture"

    version_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ItemEventRow(Model):
    """What happened to a version of an own item: written, handed in, decided at a level; append-only.

    Who wrote it decides at no level, and nobody at two; a trigger and two indexes hold it to that.
    """

    __tablename__ = "item_event"
    __table_args__ = (
        CheckConstraint("action IN ('written', 'handed_in', 'approved', 'returned', 'withdrawn')", name="action"),
        CheckConstraint("level IN ('province', 'national')", name="level"),
        CheckConstraint("(action IN ('approved', 'returned')) = (level IS NOT NULL)", name="decision"),
        CheckConstraint("action NOT IN ('returned', 'withdrawn') OR comment <> ''", name="reason"),
        CheckConstraint("level IS NULL OR actor_id IS NOT NULL", name="decider"),
        Index("ix_item_event_item_id_at", "item_id", "at"),
        Index(
            "uq_item_event_level",
            "version_id",
            "round",
            "level",
            unique=True,
            sqlite_where=_DECISION,
            postgresql_where=_DECISION,
        ),
        Index(
            "uq_item_event_decider",
            "version_id",
            "round",
            "actor_id",
            unique=True,
            sqlite_where=_DECISION,
            postgresql_where=_DECISION,
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    item_id: Mapped[UUID] = mapped_column(Uuid)
    version_id: Mapped[UUID] = mapped_column(Uuid)  # no foreign key: a draft may be thrown away, its events stay
    action: Mapped[str] = mapped_column(String(10))
    level: Mapped[str | None] = mapped_column(String(10))
    round: Mapped[int] = mapped_column(Integer)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))  # None: a command
    content_hash: Mapped[str] = mapped_column(String(64))
    comment: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(Instant)


class ItemFlagRow(Model):
    """Why an item has to be looked at again, until somebody has settled it."""

    __tablename__ = "item_flag"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(settled_at IS NULL) = (settled_by IS NULL)", name="settled"),
        Index("uq_item_flag_open", "item_id", unique=True, sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
        Index("ix_item_flag_bank_code", "bank_code", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    bank_code: Mapped[str] = mapped_column(String(20), ForeignKey("bank.code"))
    item_id: Mapped[UUID] = mapped_column(Uuid)
    reason: Mapped[str] = mapped_column(String(200))
    flagged_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    flagged_at: Mapped[datetime] = mapped_column(Instant)
    settled_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    settled_at: Mapped[datetime | None] = mapped_column(Instant)


class ItemSignalRow(Model):
    """What the figures of all exams say that the author of a version should look at, until somebody has settled it.

    It is open while the version is drawn: publishing a newer one takes it out of the draw, and closes this with it.
    """

    __tablename__ = "item_signal"

    item_version_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"), primary_key=True)
    flags: Mapped[Any] = mapped_column(Json)  # names of domain/itemstatistics.py's Signal
    made_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)  # by whom is in the audit


class KnowledgePointRow(Model):
    """A knowledge point of a bank that may be chosen; its path nests by slashes."""

    __tablename__ = "knowledge_point"

    bank_code: Mapped[str] = mapped_column(String(20), ForeignKey("bank.code"), primary_key=True)
    path: Mapped[str] = mapped_column(SortKey(60), primary_key=True)


class ItemPieceRow(Model):
    """A piece of an item's text by its hash, a few of each version: those who share one may say the same."""

    __tablename__ = "item_piece"
    __table_args__ = (Index("ix_item_piece_version_id", "version_id"),)

    bank_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    piece: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)


class ItemTwinRow(Model):
    """Two items of a bank that say nearly the same, until one is mended or somebody says that both are wanted."""

    __tablename__ = "item_twin"
    __table_args__ = (
        CheckConstraint("likeness BETWEEN 1 AND 100", name="likeness"),
        Index("ix_item_twin_bank_code_likeness", "bank_code", "likeness", "version_id"),
        Index("ix_item_twin_other_id", "other_id"),
    )

    version_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"), primary_key=True)
    bank_code: Mapped[str] = mapped_column(String(20))
    likeness: Mapped[int] = mapped_column(Integer)  # per cent
    wanted_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))  # who says that both are


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


register_source(ItemEventRow, part="content")
