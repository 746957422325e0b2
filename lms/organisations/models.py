"""The unit table: the tree by materialised path."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Uuid

KINDS = ("national", "province", "city", "county", "unit")


class UnitRow(Model):
    """A union or a unit; `path` is the chain of short ids from the root, each ended by a slash."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("kind IN ('national', 'province', 'city', 'county', 'unit')", name="kind"),
        CheckConstraint("(kind = 'national') = (parent_id IS NULL)", name="root"),
        CheckConstraint("path LIKE '/%/'", name="path"),
        Index("uq_unit_path", "path", unique=True),
        Index("ix_unit_parent_id_name", "parent_id", "name"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    parent_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    path: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(12), default="")  # GB/T 2260 digits of a province, empty elsewhere
    created_at: Mapped[datetime] = mapped_column(Instant)
