"""Sets of targets that were decided."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid


class HoursTargetSetRow(Model):
    """A decided set of targets; version 1 is the national plan that the platform brings (domain/targets.py)."""

    __tablename__ = "hours_target_set"
    __table_args__ = (
        UniqueConstraint("version"),
        CheckConstraint("version >= 2", name="version"),
        CheckConstraint("first_year >= 2000 AND last_year >= first_year AND last_year <= 2999", name="years"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    first_year: Mapped[int] = mapped_column(Integer)
    last_year: Mapped[int] = mapped_column(Integer)
    parameters: Mapped[Any] = mapped_column(
        Json
    )  # {"pro_rata", "requirements": [{"ledger", "span", "hours", "categories"}]}
    decided_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(Instant)


register_source(HoursTargetSetRow, part="hours")
