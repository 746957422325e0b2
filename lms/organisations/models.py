"""The tree of unions by materialised path, its dated history, and units that people could not find."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Json, SortKey, Uuid


class UnitRow(Model):
    """A union or a unit; `path` is the chain of short ids from the root, each ended by a slash."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('national', 'province', 'industry', 'city', 'county', 'township', 'unit')", name="kind"
        ),
        CheckConstraint("(kind = 'national') = (parent_id IS NULL)", name="root"),
        CheckConstraint("path LIKE '/%/'", name="path"),
        CheckConstraint("uscc IS NULL OR length(uscc) = 18", name="uscc"),
        CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged"),
        CheckConstraint("state IN ('open', 'closed', 'merged')", name="state"),
        Index("uq_unit_path", "path", unique=True),
        Index("ix_unit_parent_id_name_key", "parent_id", "name_key"),
        Index("ix_unit_name_key", "name_key"),
        Index("ix_unit_initials", "initials"),
        Index("ix_unit_uscc", "uscc"),
        Index(
            "uq_unit_uscc_open",
            "uscc",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("(state = 'merged') = (successor_id IS NOT NULL)", name="successor"),
        Index(
            "ix_unit_successor_id",
            "successor_id",
            sqlite_where=text("successor_id IS NOT NULL"),
            postgresql_where=text("successor_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    parent_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    path: Mapped[str] = mapped_column(SortKey(200))
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(SortKey(400), default="")  # pinyin, lower case: lists sort by it
    initials: Mapped[str] = mapped_column(SortKey(120), default="")  # first letters of the pinyin
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(12), default="")  # GB/T 2260 digits of a province, empty elsewhere
    uscc: Mapped[str | None] = mapped_column(String(18))  # unified social credit code, GB 32100
    state: Mapped[str] = mapped_column(String(10), default="open")
    merged_into: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    successor_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))  # the same after all later mergers
    created_at: Mapped[datetime] = mapped_column(Instant)


class UnitChangeRow(Model):
    """One dated change of a unit, never altered: what it was before and after, who did it and why."""

    __tablename__ = "unit_change"
    __table_args__ = (
        CheckConstraint(
            "action IN ('created', 'renamed', 'moved', 'merged', 'closed', 'reopened', 'recoded')", name="action"
        ),
        Index("ix_unit_change_unit_id", "unit_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    effective_on: Mapped[date] = mapped_column(Date)
    action: Mapped[str] = mapped_column(String(10))
    before: Mapped[Any] = mapped_column(Json)
    after: Mapped[Any] = mapped_column(Json)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    reason: Mapped[str] = mapped_column(String(200), default="")


class UnitRequestRow(Model):
    """ "My unit is not listed": the name as typed and the nearest unit that is; an administrator settles it."""

    __tablename__ = "unit_request"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'settled', 'declined')", name="state"),
        CheckConstraint("(state = 'settled') = (unit_id IS NOT NULL)", name="settled"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        Index("ix_unit_request_person_id", "person_id"),
        Index("ix_unit_request_state_parent_id", "state", "parent_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid)  # of accounts, which stands above
    parent_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), default="open")
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    comment: Mapped[str] = mapped_column(String(200), default="")


class UnitTermRow(Model):
    """What follows one place of a unit's name, so that an index finds names by any part of them."""

    __tablename__ = "unit_term"
    __table_args__ = (
        Index("ix_unit_term_unit_id", "unit_id"),
        Index("ix_unit_term_tier_term_unit_id", "tier", "term", "unit_id"),
    )

    term: Mapped[str] = mapped_column(SortKey(16), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"), primary_key=True)
    tier: Mapped[int] = mapped_column(SmallInteger)  # how early a stranger is shown it, see domain.names.tier_of


class UnitImportRow(Model):
    """A spreadsheet of units that was read below one unit: its rows wait to be confirmed, or have been applied."""

    __tablename__ = "unit_import"
    __table_args__ = (
        CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied"),
        CheckConstraint("state IN ('waiting', 'applied')", name="state"),
        Index(
            "uq_unit_import_applied",
            "unit_id",
            "sha256",
            unique=True,
            sqlite_where=text("state = 'applied'"),
            postgresql_where=text("state = 'applied'"),
        ),
        Index("ix_unit_import_actor_id", "actor_id", "read_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))  # everything in it goes below this one
    actor_id: Mapped[UUID] = mapped_column(Uuid)  # of accounts, which stands above
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[Any] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    read_at: Mapped[datetime] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)


# A path follows from the units above, keys of sorting from the name, a successor from the mergers.
register_source(UnitRow, part="units", but=["path", "name_key", "initials", "successor_id"], followed=True)
