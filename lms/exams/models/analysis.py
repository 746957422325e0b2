"""Figures of exams, made anew by a task from papers and results; nothing official rests on them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, false
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Json, SortKey, Uuid


class ExamFiguresRow(Model):
    """When the figures of an exam were made, from scores up to which moment."""

    __tablename__ = "exam_figures"
    __table_args__ = (Index("ix_exam_figures_counted_until", "counted_until"),)

    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"), primary_key=True)
    counted_until: Mapped[datetime] = mapped_column(Instant)
    made_at: Mapped[datetime] = mapped_column(Instant)
    stale: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())  # somebody moved since


class ExamStandingRow(Model):
    """The result of one person that counts in one exam."""

    __tablename__ = "exam_standing"
    __table_args__ = (Index("ix_exam_standing_person_id", "person_id"),)

    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    score: Mapped[int] = mapped_column(Integer)  # hundredths of a point
    max_score: Mapped[int] = mapped_column(Integer)
    passed: Mapped[bool] = mapped_column(Boolean)
    attempts: Mapped[int] = mapped_column(Integer)


class ExamUnitFigureRow(Model):
    """The people of a unit and all below it in one exam; "/" is everybody."""

    __tablename__ = "exam_unit_figure"
    __table_args__ = (CheckConstraint("passed <= persons", name="passed"), Index("ix_exam_unit_figure_path", "path"))

    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"), primary_key=True)
    path: Mapped[str] = mapped_column(SortKey(400), primary_key=True)
    persons: Mapped[int] = mapped_column(Integer)
    passed: Mapped[int] = mapped_column(Integer)
    shares: Mapped[int] = mapped_column(BigInteger)  # sum of their shares of the maximum, in ten-thousandths
    bins: Mapped[Any] = mapped_column(Json)  # how many in each tenth of the maximum


class ExamItemFigureRow(Model):
    """The sums of one version of an item in one exam, over the first graded attempt of each person."""

    __tablename__ = "exam_item_figure"
    __table_args__ = (Index("ix_exam_item_figure_item_version_id", "item_version_id"),)

    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"), primary_key=True)
    item_version_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    x: Mapped[int] = mapped_column(BigInteger)
    xx: Mapped[int] = mapped_column(BigInteger)
    y: Mapped[int] = mapped_column(BigInteger)
    yy: Mapped[int] = mapped_column(BigInteger)
    xy: Mapped[int] = mapped_column(BigInteger)
    options: Mapped[Any] = mapped_column(Json)  # {key of an option: [how many chose it, sum of their y]}
