"""Official records of closed years."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import HundredthHours, Instant, Json, SortKey, Uuid


class YearRecordRow(Model):
    """The official record of a person's year, with the hash of the lines that it sums.

    A correction after the year was closed makes the next version; an earlier one keeps proving the lines of its time.
    """

    __tablename__ = "hours_year_record"
    __table_args__ = (
        UniqueConstraint("person_id", "year", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("entries >= 0", name="entries"),
        Index("ix_hours_year_record_year_person_id", "year", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    year: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    people: Mapped[Any] = mapped_column(Json)  # ids of the accounts whose lines it sums
    category: Mapped[str] = mapped_column(String(12))
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    unit_path: Mapped[str] = mapped_column(SortKey(200))
    target_version: Mapped[int] = mapped_column(Integer)  # 0 when no plan held
    self_study: Mapped[int] = mapped_column(HundredthHours)
    self_study_required: Mapped[int] = mapped_column(HundredthHours)
    centralized: Mapped[int] = mapped_column(HundredthHours)
    centralized_required: Mapped[int] = mapped_column(HundredthHours)
    entries: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)


register_source(YearRecordRow, part="hours")
