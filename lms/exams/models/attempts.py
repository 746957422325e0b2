"""Exams with their versioned rules, attempts with their frozen papers, saved answers and scores; the database repeats each rule."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.types import Instant, Json, Uuid

_OPEN = text("state = 'open'")
_SUBMITTED = text("state = 'submitted'")


class ExamRow(Model):
    """The final exam of a class."""

    __tablename__ = "exam"
    __table_args__ = (CheckConstraint("state IN ('open', 'closed')", name="state"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    class_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("training_class.id"), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Instant)


class ExamRulesRow(Model):
    """One version of an exam's rules; append-only, so that an attempt keeps the rules it began under."""

    __tablename__ = "exam_rules"
    __table_args__ = (
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("minutes > 0 AND max_attempts > 0 AND pass_mark > 0", name="positive"),
        CheckConstraint("grace_seconds BETWEEN 0 AND 60", name="grace"),
        CheckConstraint("review IN ('score', 'full')", name="review"),
        CheckConstraint("limits IN ('start', 'end')", name="limits"),
        CheckConstraint("closes_at > opens_at", name="closes_at"),
        CheckConstraint("late_entry_minutes > 0", name="late_entry_minutes"),
        CheckConstraint("wait_minutes > 0", name="wait_minutes"),
        CheckConstraint("counts IN ('best', 'last')", name="counts"),
        CheckConstraint("partial IN ('all_or_nothing', 'proportional', 'minus_wrong')", name="partial"),
        CheckConstraint("published_by <> proposed_by", name="published_by"),
    )

    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sections: Mapped[Any] = mapped_column(Json)  # [{type, count, points, banks}, …]
    minutes: Mapped[int] = mapped_column(Integer)
    pass_mark: Mapped[int] = mapped_column(Integer)
    max_attempts: Mapped[int] = mapped_column(Integer)
    grace_seconds: Mapped[int] = mapped_column(Integer)
    review: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Instant)
    limits: Mapped[str | None] = mapped_column(String(5))  # what the window limits; None: the start
    opens_at: Mapped[datetime | None] = mapped_column(Instant)  # inside the days of the class; None: all of them
    closes_at: Mapped[datetime | None] = mapped_column(Instant)
    late_entry_minutes: Mapped[int | None] = mapped_column(Integer)  # after opens_at; None: as long as the window
    wait_minutes: Mapped[int | None] = mapped_column(Integer)  # between two attempts; None: none
    counts: Mapped[str | None] = mapped_column(String(4))  # None: the best attempt
    partial: Mapped[str | None] = mapped_column(String(16))  # None: all or nothing
    proposed_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))  # None: came with the class
    published_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    shuffle_items: Mapped[bool | None] = mapped_column(Boolean)  # None: yes
    shuffle_options: Mapped[bool | None] = mapped_column(Boolean)  # None: yes
    review_from: Mapped[datetime | None] = mapped_column(Instant)  # None: as soon as everybody is done


class DrawnPaperRow(Model):
    """A paper drawn ahead; an attempt that begins takes it away."""

    __tablename__ = "drawn_paper"
    __table_args__ = (
        ForeignKeyConstraint(["exam_id", "rules_version"], ["exam_rules.exam_id", "exam_rules.version"]),
        Index("ix_drawn_paper_exam_id_rules_version_id", "exam_id", "rules_version", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    exam_id: Mapped[UUID] = mapped_column(Uuid)
    rules_version: Mapped[int] = mapped_column(Integer)
    seed: Mapped[int] = mapped_column(BigInteger)
    entries: Mapped[Any] = mapped_column(Json)  # [[hex of the item version, type, points, option keys], …]
    drawn_at: Mapped[datetime] = mapped_column(Instant)


class AttemptRow(Model):
    """One sitting of a person. All but state, epoch and hand-in stands as it was stored (triggers)."""

    __tablename__ = "attempt"
    __table_args__ = (
        ForeignKeyConstraint(["exam_id", "rules_version"], ["exam_rules.exam_id", "exam_rules.version"]),
        UniqueConstraint("exam_id", "person_id", "attempt_no"),
        Index("uq_attempt_open", "exam_id", "person_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_attempt_overdue", "closes_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_attempt_person_id", "person_id"),
        Index("ix_attempt_exam_id_id", "exam_id", "id"),
        Index("ix_attempt_submitted", "exam_id", sqlite_where=_SUBMITTED, postgresql_where=_SUBMITTED),
        CheckConstraint("state IN ('open', 'submitted', 'graded', 'voided')", name="state"),
        CheckConstraint("state = 'voided' OR (state = 'open') = (submitted_at IS NULL)", name="hand_in"),
        CheckConstraint("(submitted_at IS NULL) = (submitted_by IS NULL)", name="handed_in_by"),
        CheckConstraint("submitted_by IN ('learner', 'clock', 'invigilator')", name="submitted_by"),
        CheckConstraint("started_at < deadline AND deadline <= closes_at", name="times"),
        CheckConstraint("attempt_no >= 1 AND epoch >= 1 AND questions >= 1", name="positive"),
        CheckConstraint("extra_minutes > 0", name="extra_minutes"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"))
    rules_version: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    attempt_no: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    epoch: Mapped[int] = mapped_column(Integer)  # rises each time a page opens the attempt
    seed: Mapped[int] = mapped_column(BigInteger)
    questions: Mapped[int] = mapped_column(Integer)  # items on the paper; triggers let no more be added
    started_at: Mapped[datetime] = mapped_column(Instant)
    deadline: Mapped[datetime] = mapped_column(Instant)
    closes_at: Mapped[datetime] = mapped_column(Instant)  # the deadline and the grace for saves that were under way
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    submitted_by: Mapped[str | None] = mapped_column(String(12))
    extra_minutes: Mapped[int | None] = mapped_column(Integer)  # of `deadline`: what the person's accommodation gave


class AttemptQuestionRow(Model):
    """One item at its place in one paper, with its options in this candidate's order; append-only."""

    __tablename__ = "attempt_question"
    __table_args__ = (
        UniqueConstraint("attempt_id", "item_version_id"),
        CheckConstraint("position >= 1 AND points >= 1", name="positive"),
        Index("ix_attempt_question_item_version_id", "item_version_id"),
    )

    attempt_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("attempt.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    item_version_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("item_version.id"))
    type: Mapped[str] = mapped_column(String(12))
    points: Mapped[int] = mapped_column(Integer)
    option_order: Mapped[Any] = mapped_column(Json)  # keys


class AnswerEventRow(Model):
    """One acknowledged save of one answer; append-only. The answer that counts has the highest (epoch, client_seq)."""

    __tablename__ = "answer_event"
    __table_args__ = (
        ForeignKeyConstraint(["attempt_id", "position"], ["attempt_question.attempt_id", "attempt_question.position"]),
        CheckConstraint("epoch >= 1 AND client_seq >= 0", name="key"),
    )

    attempt_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    client_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    value: Mapped[Any] = mapped_column(Json)  # chosen keys, [] for an answer taken back
    received_at: Mapped[datetime] = mapped_column(Instant)


class ScoreRow(Model):
    """The result of an attempt, once; append-only."""

    __tablename__ = "score"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND max_score", name="range"),
        Index("ix_score_graded_at", "graded_at"),
        CheckConstraint("fraction BETWEEN 1 AND 99", name="fraction"),
    )

    attempt_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("attempt.id"), primary_key=True)
    score: Mapped[int] = mapped_column(Integer)  # whole points
    max_score: Mapped[int] = mapped_column(Integer)
    passed: Mapped[bool] = mapped_column(Boolean)
    sheet: Mapped[Any] = mapped_column(Json)  # [{position, given, key, earned, points}, …]
    graded_at: Mapped[datetime] = mapped_column(Instant)
    fraction: Mapped[int | None] = mapped_column(Integer)  # hundredths of a point beside the whole ones; None: none


class AllowanceRow(Model):
    """More time for one open attempt, by two persons; append-only. Only by such a row may a deadline move."""

    __tablename__ = "allowance"
    __table_args__ = (
        CheckConstraint("deadline > ran_until", name="more_time"),
        CheckConstraint("by_id <> second_by_id", name="two_persons"),
        Index("ix_allowance_attempt_id", "attempt_id"),
        Index("uq_allowance_attempt_id_request_id", "attempt_id", "request_id", unique=True),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("attempt.id"))
    ran_until: Mapped[datetime] = mapped_column(Instant)
    deadline: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(500))
    by_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    second_by_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    allowed_at: Mapped[datetime] = mapped_column(Instant)
    request_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("allowance_request.id"))


class AllowanceRequestRow(Model):
    """More time that one invigilator asks for and another decides on: for one attempt, or for all that are open then."""

    __tablename__ = "allowance_request"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'confirmed', 'done', 'declined')", name="state"),
        CheckConstraint("minutes BETWEEN 1 AND 60", name="minutes"),
        CheckConstraint("(state = 'asked') = (decided_by IS NULL)", name="decided_by"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("decided_by <> asked_by", name="two_persons"),
        Index("ix_allowance_request_exam_id_asked_at", "exam_id", "asked_at"),
        Index("ix_allowance_request_attempt_id", "attempt_id"),
        Index(
            "ix_allowance_request_confirmed",
            "decided_at",
            sqlite_where=text("state = 'confirmed'"),
            postgresql_where=text("state = 'confirmed'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"))
    attempt_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("attempt.id"))  # None: everybody at work
    minutes: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(10))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class AttemptPresenceRow(Model):
    """When the page of an open attempt was last heard of, which page, and over which network."""

    __tablename__ = "attempt_presence"
    __table_args__ = (Index("ix_attempt_presence_seen_at", "seen_at"),)

    attempt_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("attempt.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    epoch: Mapped[int] = mapped_column(Integer)
    network: Mapped[str] = mapped_column(String(32))  # a keyed hash
    events: Mapped[int] = mapped_column(Integer)  # how many were kept, so that there is an end to them


class AttemptEventRow(Model):
    """Something that invigilators see of an attempt; it weighs nothing in any score."""

    __tablename__ = "attempt_event"
    __table_args__ = (
        UniqueConstraint("attempt_id", "epoch", "no"),
        CheckConstraint("kind IN ('away', 'paste', 'reconnect', 'network', 'reopened')", name="kind"),
        Index("ix_attempt_event_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("attempt.id"))
    epoch: Mapped[int] = mapped_column(Integer)
    no: Mapped[int | None] = mapped_column(Integer)  # the page's own count; None: the server noticed it
    kind: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int | None] = mapped_column(Integer)  # seconds away or cut off, characters pasted
    at: Mapped[datetime] = mapped_column(Instant)


class ExamMessageRow(Model):
    """What an invigilator tells one candidate, or everybody in the exam; append-only."""

    __tablename__ = "exam_message"
    __table_args__ = (
        Index("ix_exam_message_exam_id_sent_at", "exam_id", "sent_at"),
        Index("ix_exam_message_attempt_id", "attempt_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"))
    attempt_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("attempt.id"))  # None: to everybody
    text: Mapped[str] = mapped_column(String(300))
    sent_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    sent_at: Mapped[datetime] = mapped_column(Instant)


class SittingRow(Model):
    """A make-up sitting 补考 of one person, by two persons: further attempts, in a time of their own if need be; append-only."""

    __tablename__ = "sitting"
    __table_args__ = (
        CheckConstraint("attempts BETWEEN 1 AND 5", name="attempts"),
        CheckConstraint("closes_at > opens_at", name="window"),
        CheckConstraint("by_id <> second_by_id", name="two_persons"),
        Index("ix_sitting_person_id_exam_id", "person_id", "exam_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    exam_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("exam.id"))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    attempts: Mapped[int] = mapped_column(Integer)
    opens_at: Mapped[datetime | None] = mapped_column(Instant)
    closes_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(500))
    by_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    second_by_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    granted_at: Mapped[datetime] = mapped_column(Instant)


class ScoreAdjustmentRow(Model):
    """A later result of an attempt, by two persons; append-only. The one with the highest `no` counts."""

    __tablename__ = "score_adjustment"
    __table_args__ = (
        UniqueConstraint("attempt_id", "no"),
        Index("ix_score_adjustment_adjusted_at", "adjusted_at"),
        Index("uq_score_adjustment_attempt_id_regrade_id", "attempt_id", "regrade_id", unique=True),
        CheckConstraint("no >= 1 AND score >= 0", name="positive"),
        CheckConstraint("fraction BETWEEN 1 AND 99", name="fraction"),
        CheckConstraint("by_id <> second_by_id", name="two_persons"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("score.attempt_id"))
    no: Mapped[int] = mapped_column(Integer)
    score: Mapped[int] = mapped_column(Integer)  # whole points
    fraction: Mapped[int | None] = mapped_column(Integer)  # hundredths beside them; None: none
    passed: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(String(500))
    by_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    second_by_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    adjusted_at: Mapped[datetime] = mapped_column(Instant)
    sheet: Mapped[Any | None] = mapped_column(Json)  # as that of the score; None: the score's still tells
    regrade_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("regrade.id"))


_TERMS = ["limits", "opens_at", "closes_at", "late_entry_minutes", "wait_minutes", "counts", "partial"]
_LATER_TERMS = ["shuffle_items", "shuffle_options", "review_from"]
register_source(ExamRulesRow, part="results", later=[*_TERMS, *_LATER_TERMS, "proposed_by", "published_by"])
register_source(AttemptRow, part="results", but=["epoch"], later=["extra_minutes"])
register_source(ScoreRow, part="results", later=["fraction"])
register_source(AllowanceRow, part="results", later=["request_id"])
register_source(SittingRow, part="results")
register_source(ScoreAdjustmentRow, part="results", later=["sheet", "regrade_id"])
