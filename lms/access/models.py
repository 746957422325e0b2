"""Role grants (person, role, unit, from, until, by, reason), help that takes two, and the two tables that say who gives what where."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import SEEDED, Model
from lms.infra.types import Instant, Uuid


class RoleGrantRow(Model):
    """A role over a unit's subtree; it holds from `from_at` until `until_at` or until it is ended.

    Triggers refuse a giver who may not give it, a role at the wrong place or beside another that it excludes, any change but
    ending it once, and the end of the last national administrator. `granted_by` is NULL only for the first ones of all.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint("until_at IS NULL OR until_at > from_at", name="span"),
        CheckConstraint("granted_by IS NULL OR granted_by <> person_id", name="not_oneself"),
        Index(
            "uq_role_grant_open",
            "person_id",
            "role",
            "unit_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_role_grant_person_id", "person_id"),
        Index("ix_role_grant_unit_id", "unit_id"),
        Index("ix_role_grant_until_at", "until_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(30))
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    from_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime | None] = mapped_column(Instant)
    granted_at: Mapped[datetime] = mapped_column(Instant)
    granted_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    end_reason: Mapped[str] = mapped_column(String(200), default="")


class JointHelpRow(Model):
    """Help into an account that two persons give together: one asks, another one confirms, the helped person is neither.

    Triggers refuse any change but deciding it once. A decision by the asker is a withdrawal, by another one it is none.
    """

    __tablename__ = "joint_help"
    __table_args__ = (
        CheckConstraint("help IN ('sign_in_code', 'second_factor')", name="help"),
        CheckConstraint("state IN ('open', 'confirmed', 'declined', 'withdrawn', 'lapsed')", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(state IN ('open', 'lapsed')) = (decided_by IS NULL)", name="decided_by"),
        CheckConstraint(
            "asked_by <> person_id AND (decided_by IS NULL OR decided_by <> person_id)", name="for_another"
        ),
        CheckConstraint("decided_by IS NULL OR (state = 'withdrawn') = (decided_by = asked_by)", name="two_persons"),
        Index(
            "uq_joint_help_open",
            "person_id",
            "help",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_joint_help_state", "state", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    help: Mapped[str] = mapped_column(String(13))
    reason: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)  # where the helped person worked then; None: from before 0043
    state: Mapped[str] = mapped_column(String(9))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


role_delegation = Table(
    "role_delegation",
    Model.metadata,
    Column("giver", String(30), primary_key=True),
    Column("given", String(30), primary_key=True),
    info=SEEDED,
)
"""The holder of the role `giver` gives the role `given`: for the triggers, written by migrations only."""

role_place = Table(
    "role_place",
    Model.metadata,
    Column("role", String(30), primary_key=True),
    Column("unit_kind", String(10), primary_key=True),
    info=SEEDED,
)
"""The role can be held over units of this kind: for the triggers, written by migrations only."""

register_source(RoleGrantRow, part="access")
register_source(JointHelpRow, part="access", later=["unit_id"])
