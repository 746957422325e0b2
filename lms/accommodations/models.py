"""Accommodations of people, each by two persons; the database repeats who may not be both."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Uuid

_WAITING = text("state = 'proposed'")


class AccommodationRow(Model):
    """One version of what a person is given more of; triggers let only its decision and its revocation be added, once each.

    Of the confirmed versions that hold on a day the one confirmed last counts.
    """

    __tablename__ = "accommodation"
    __table_args__ = (
        UniqueConstraint("person_id", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("exam_percent BETWEEN 100 AND 300", name="exam_percent"),
        CheckConstraint("presence_percent IN (100, 200)", name="presence_percent"),
        CheckConstraint("exam_percent > 100 OR presence_percent > 100", name="something"),
        CheckConstraint("basis IN ('document', 'decision', 'application')", name="basis"),
        CheckConstraint("until_on >= from_on", name="days"),
        CheckConstraint("state IN ('proposed', 'confirmed', 'declined', 'withdrawn', 'revoked')", name="state"),
        CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("state IN ('proposed', 'withdrawn') OR decided_by <> proposed_by", name="two_persons"),
        CheckConstraint("proposed_by <> person_id AND (decided_by IS NULL OR decided_by <> person_id)", name="not_own"),
        CheckConstraint(
            "(state = 'revoked') = (revoked_by IS NOT NULL) AND (revoked_by IS NULL) = (revoked_at IS NULL) "
            "AND (revoked_by IS NULL OR (revoked_by <> person_id AND revoked_reason <> ''))",
            name="revoked",
        ),
        Index("uq_accommodation_proposed", "person_id", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_accommodation_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(Integer)
    exam_percent: Mapped[int] = mapped_column(Integer)  # of the time of an exam: 150 is half as much again
    presence_percent: Mapped[int] = mapped_column(Integer)  # of the seconds to answer a presence check
    basis: Mapped[str] = mapped_column(String(12))
    reference: Mapped[str] = mapped_column(String(40))  # number or day of the paper that was seen; never what it says
    from_on: Mapped[date] = mapped_column(Date)  # days in China, both included
    until_on: Mapped[date | None] = mapped_column(Date)  # None: until it is revoked
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    proposed_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    comment: Mapped[str] = mapped_column(String(200), default="")
    revoked_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_reason: Mapped[str] = mapped_column(String(200), default="")


register_source(AccommodationRow, part="results")
