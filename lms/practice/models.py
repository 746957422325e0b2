"""Rounds of practice with their items, how learners stand with items, and mock exams. Triggers let in items of practice banks only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid

_UNFINISHED = text("finished_at IS NULL")
_UNSUBMITTED = text("submitted_at IS NULL")


class PracticeRoundRow(Model):
    """A round of practice on a course, from all of its items or from the learner's book; one at a time of each."""

    __tablename__ = "practice_round"
    __table_args__ = (
        CheckConstraint("source IN ('course', 'book')", name="source"),
        CheckConstraint("finished_at >= started_at", name="times"),
        Index(
            "uq_practice_round_unfinished",
            "person_id",
            "course_id",
            "source",
            unique=True,
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index("ix_practice_round_person_id", "person_id", "started_at"),
        Index("ix_practice_round_started_at", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    course_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("course.id"))
    source: Mapped[str] = mapped_column(String(6))
    started_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class PracticeStepRow(Model):
    """One item of a round; the answer is written once (trigger)."""

    __tablename__ = "practice_step"
    __table_args__ = (
        UniqueConstraint("round_id", "item_version_id"),
        CheckConstraint("position >= 1", name="positive"),
        CheckConstraint(
            "(answered_at IS NULL) = (given IS NULL) AND (answered_at IS NULL) = (is_right IS NULL)", name="answer"
        ),
        Index("ix_practice_step_item_version_id", "item_version_id"),
    )

    round_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("practice_round.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    item_version_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"))
    option_order: Mapped[Any] = mapped_column(Json)  # keys
    given: Mapped[Any | None] = mapped_column(Json)  # as exams.domain.answers normalises it
    is_right: Mapped[bool | None] = mapped_column(Boolean)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class PractisedItemRow(Model):
    """How a learner stands with an item, whatever version of it they met; `in_book` is their book of wrong answers."""

    __tablename__ = "practised_item"
    __table_args__ = (
        CheckConstraint(
            "times_right >= 0 AND times_wrong >= 0 AND right_in_row BETWEEN 0 AND times_right", name="counts"
        ),
        CheckConstraint("NOT in_book OR times_wrong > 0", name="book"),
        Index("ix_practised_item_item_version_id", "item_version_id"),
        Index("ix_practised_item_last_at", "last_at"),
        Index(
            "ix_practised_item_book",
            "person_id",
            "bank_code",
            "last_at",
            "ref",
            sqlite_where=text("in_book"),
            postgresql_where=text("in_book"),
        ),
    )

    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    bank_code: Mapped[str] = mapped_column(String(20), ForeignKey("bank.code"), primary_key=True)
    ref: Mapped[str] = mapped_column(String(40), primary_key=True)
    item_version_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"))  # the last one answered
    times_right: Mapped[int] = mapped_column(Integer)
    times_wrong: Mapped[int] = mapped_column(Integer)
    right_in_row: Mapped[int] = mapped_column(Integer)
    in_book: Mapped[bool] = mapped_column(Boolean)
    last_at: Mapped[datetime] = mapped_column(Instant)


class MockExamRow(Model):
    """A mock exam that a learner sat for a class: under the exam's rules, on items of practice banks, of no consequence."""

    __tablename__ = "mock_exam"
    __table_args__ = (
        CheckConstraint("started_at < deadline", name="times"),
        CheckConstraint("pass_mark BETWEEN 1 AND maximum", name="pass_mark"),
        CheckConstraint("partial IN ('all_or_nothing', 'proportional', 'minus_wrong')", name="partial"),
        CheckConstraint("(submitted_at IS NULL) = (earned IS NULL)", name="scored"),
        CheckConstraint("earned BETWEEN 0 AND maximum * 100", name="earned"),
        Index(
            "uq_mock_exam_open",
            "person_id",
            "class_id",
            unique=True,
            sqlite_where=_UNSUBMITTED,
            postgresql_where=_UNSUBMITTED,
        ),
        Index("ix_mock_exam_person_id", "person_id", "class_id", "started_at"),
        Index("ix_mock_exam_class_id", "class_id"),
        Index("ix_mock_exam_started_at", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    class_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("training_class.id"))
    seed: Mapped[int] = mapped_column(BigInteger)
    pass_mark: Mapped[int] = mapped_column(Integer)  # whole points
    maximum: Mapped[int] = mapped_column(Integer)  # whole points
    partial: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[datetime] = mapped_column(Instant)
    deadline: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    earned: Mapped[int | None] = mapped_column(Integer)  # hundredths of a point


class MockQuestionRow(Model):
    """One item of a mock exam with what was answered so far."""

    __tablename__ = "mock_question"
    __table_args__ = (
        UniqueConstraint("mock_exam_id", "item_version_id"),
        CheckConstraint("position >= 1 AND points >= 1", name="positive"),
        Index("ix_mock_question_item_version_id", "item_version_id"),
    )

    mock_exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("mock_exam.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    item_version_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"))
    type: Mapped[str] = mapped_column(String(12))
    points: Mapped[int] = mapped_column(Integer)
    option_order: Mapped[Any] = mapped_column(Json)  # keys
    given: Mapped[Any] = mapped_column(Json)  # [] while unanswered
