"""Role grants: (person, role, unit, from, until, by, reason)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Uuid


class RoleGrantRow(Model):
    """A role over a unit's subtree; it holds from `from_at` until `until_at` or until it is ended."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("until_at IS NULL OR until_at > from_at", name="span"),
        Index(
            "uq_role_grant_open",
            "person_id",
            "role",
            "unit_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(30))
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    from_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    granted_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200))
