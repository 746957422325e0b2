"""Exams."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, no_longer_append_only, refuse
from lms.infra.types import Instant, Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = ("exam_rules", "attempt_question", "answer_event", "score")
TRIGGERS = (
    ("attempt", "attempt_max_attempts"),
    ("attempt", "attempt_born_open"),
    ("attempt", "attempt_fixed"),
    ("attempt", "attempt_state"),
    ("attempt", "attempt_score_first"),
    ("attempt", "attempt_epoch"),
    ("attempt", "attempt_hand_in_once"),
    ("attempt", "attempt_no_delete"),
    ("attempt_question", "attempt_question_frozen"),
    ("answer_event", "answer_event_in_time"),
    ("score", "score_after_hand_in"),
)


def _add_triggers() -> None:
    refuse(
        "attempt",
        "attempt_max_attempts",
        on="INSERT",
        when="(SELECT count(*) FROM attempt a WHERE a.exam_id = NEW.exam_id AND a.person_id = NEW.person_id"
        " AND a.state <> 'voided') >= (SELECT r.max_attempts FROM exam_rules r"
        " WHERE r.exam_id = NEW.exam_id AND r.version = NEW.rules_version)",
        message="attempt: no attempts are left",
    )
    refuse("attempt", "attempt_born_open", on="INSERT", when="NEW.state <> 'open'", message="attempt: begins open")
    refuse(
        "attempt",
        "attempt_fixed",
        on="UPDATE",
        when=changed(
            *("id", "exam_id", "rules_version", "person_id", "attempt_no", "seed", "questions"),
            *("started_at", "deadline", "closes_at"),
        ),
        message="attempt: owner, paper and deadline never change",
    )
    refuse(
        "attempt",
        "attempt_state",
        on="UPDATE",
        when="NEW.state <> OLD.state AND NOT (OLD.state = 'open' AND NEW.state = 'submitted')"
        " AND NOT (OLD.state = 'submitted' AND NEW.state = 'graded')"
        " AND NOT (OLD.state <> 'voided' AND NEW.state = 'voided')",
        message="attempt: open, submitted, graded is the only way",
    )
    refuse(
        "attempt",
        "attempt_score_first",
        on="UPDATE",
        when="NEW.state = 'graded' AND OLD.state = 'submitted'"
        " AND NOT EXISTS (SELECT 1 FROM score s WHERE s.attempt_id = NEW.id)",
        message="attempt: graded needs a score",
    )
    refuse(
        "attempt",
        "attempt_epoch",
        on="UPDATE",
        when="NEW.epoch < OLD.epoch OR (NEW.epoch <> OLD.epoch AND OLD.state <> 'open')",
        message="attempt: epoch rises, and only while open",
    )
    refuse(
        "attempt",
        "attempt_hand_in_once",
        on="UPDATE",
        when=f"OLD.submitted_at IS NOT NULL AND ({changed('submitted_at', 'submitted_by')})",
        message="attempt: handed in once",
    )
    refuse("attempt", "attempt_no_delete", on="DELETE", message="attempt: never deleted")
    refuse(
        "attempt_question",
        "attempt_question_frozen",
        on="INSERT",
        when="NOT EXISTS (SELECT 1 FROM attempt a WHERE a.id = NEW.attempt_id AND a.state = 'open'"
        " AND NEW.position <= a.questions)",
        message="attempt_question: the paper is drawn once",
    )
    refuse(
        "answer_event",
        "answer_event_in_time",
        on="INSERT",
        when="NOT EXISTS (SELECT 1 FROM attempt a WHERE a.id = NEW.attempt_id AND a.state = 'open'"
        " AND NEW.received_at <= a.closes_at AND NEW.epoch <= a.epoch)",
        message="answer_event: the attempt is over",
    )
    refuse(
        "score",
        "score_after_hand_in",
        on="INSERT",
        when="NOT EXISTS (SELECT 1 FROM attempt a WHERE a.id = NEW.attempt_id AND a.state = 'submitted')",
        message="score: the attempt is not handed in",
    )


def upgrade() -> None:
    op.create_table(
        "exam",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_exam_state")),
        sa.ForeignKeyConstraint(["class_id"], ["training_class.id"], name=op.f("fk_exam_class_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam")),
        sa.UniqueConstraint("class_id", name=op.f("uq_exam_class_id")),
    )
    op.create_table(
        "exam_rules",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sections", Json(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("grace_seconds", sa.Integer(), nullable=False),
        sa.Column("review", sa.String(length=10), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("review IN ('score', 'full')", name=op.f("ck_exam_rules_review")),
        sa.CheckConstraint("grace_seconds BETWEEN 0 AND 60", name=op.f("ck_exam_rules_grace")),
        sa.CheckConstraint("minutes > 0 AND max_attempts > 0 AND pass_mark > 0", name=op.f("ck_exam_rules_positive")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_exam_rules_version")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_rules_exam_id")),
        sa.PrimaryKeyConstraint("exam_id", "version", name=op.f("pk_exam_rules")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("deadline", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.Column("submitted_by", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "state = 'voided' OR (state = 'open') = (submitted_at IS NULL)", name=op.f("ck_attempt_hand_in")
        ),
        sa.CheckConstraint("state IN ('open', 'submitted', 'graded', 'voided')", name=op.f("ck_attempt_state")),
        sa.CheckConstraint("submitted_by IN ('learner', 'clock', 'invigilator')", name=op.f("ck_attempt_submitted_by")),
        sa.CheckConstraint("(submitted_at IS NULL) = (submitted_by IS NULL)", name=op.f("ck_attempt_handed_in_by")),
        sa.CheckConstraint("attempt_no >= 1 AND epoch >= 1 AND questions >= 1", name=op.f("ck_attempt_positive")),
        sa.CheckConstraint("started_at < deadline AND deadline <= closes_at", name=op.f("ck_attempt_times")),
        sa.ForeignKeyConstraint(
            ["exam_id", "rules_version"],
            ["exam_rules.exam_id", "exam_rules.version"],
            name=op.f("fk_attempt_exam_id_rules_version"),
        ),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_attempt_exam_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attempt_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("exam_id", "person_id", "attempt_no", name=op.f("uq_attempt_exam_id_person_id_attempt_no")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attempt_overdue",
            ["closes_at"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_attempt_person_id", ["person_id"], unique=False)
        batch_op.create_index(
            "uq_attempt_open",
            ["exam_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "attempt_question",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_version_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("option_order", Json(), nullable=False),
        sa.CheckConstraint("position >= 1 AND points >= 1", name=op.f("ck_attempt_question_positive")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_attempt_question_attempt_id")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_attempt_question_item_version_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "position", name=op.f("pk_attempt_question")),
        sa.UniqueConstraint(
            "attempt_id", "item_version_id", name=op.f("uq_attempt_question_attempt_id_item_version_id")
        ),
    )
    with op.batch_alter_table("attempt_question", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_question_item_version_id", ["item_version_id"], unique=False)

    op.create_table(
        "score",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("max_score", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("sheet", Json(), nullable=False),
        sa.Column("graded_at", Instant(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND max_score", name=op.f("ck_score_range")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_score_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_score")),
    )
    op.create_table(
        "answer_event",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("client_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.CheckConstraint("epoch >= 1 AND client_seq >= 0", name=op.f("ck_answer_event_key")),
        sa.ForeignKeyConstraint(
            ["attempt_id", "position"],
            ["attempt_question.attempt_id", "attempt_question.position"],
            name=op.f("fk_answer_event_attempt_id_position"),
        ),
        sa.PrimaryKeyConstraint("attempt_id", "position", "epoch", "client_seq", name=op.f("pk_answer_event")),
    )
    for table in APPEND_ONLY:
        append_only(table)
    _add_triggers()


def downgrade() -> None:
    for table, name in TRIGGERS:
        allow_again(table, name)
    for table in APPEND_ONLY:
        no_longer_append_only(table)
    op.drop_table("answer_event")
    op.drop_table("score")
    with op.batch_alter_table("attempt_question", schema=None) as batch_op:
        batch_op.drop_index("ix_attempt_question_item_version_id")

    op.drop_table("attempt_question")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attempt_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index("ix_attempt_person_id")
        batch_op.drop_index(
            "ix_attempt_overdue", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )

    op.drop_table("attempt")
    op.drop_table("exam_rules")
    op.drop_table("exam")
