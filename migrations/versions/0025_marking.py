"""Answers that people mark: pieces with a lease, marks, what was left to others, and how many mark each."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, no_longer_append_only, refuse
from lms.infra.types import Instant, Json

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

PIECE = ("id", "attempt_id", "position", "exam_id", "item_version_id", "points", "rank", "created_at")
APPEND_ONLY = ("mark", "marking_plan")
TRIGGERS = (
    ("marking_piece", "marking_piece_fixed"),
    ("marking_piece", "marking_piece_no_delete"),
    ("marking_piece", "marking_piece_marked"),
    ("mark", "mark_while_waiting"),
)


def upgrade() -> None:
    submitted = sa.text("state = 'submitted'")
    op.create_index("ix_attempt_submitted", "attempt", ["exam_id"], sqlite_where=submitted, postgresql_where=submitted)
    op.create_table(
        "marking_piece",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("item_version_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("held_by", sa.Uuid(), nullable=True),
        sa.Column("held_until", Instant(), nullable=True),
        sa.Column("draft", Json(), nullable=True),
        sa.Column("awarded", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'settled')", name=op.f("ck_marking_piece_state")),
        sa.CheckConstraint("(state = 'settled') = (awarded IS NOT NULL)", name=op.f("ck_marking_piece_awarded")),
        sa.CheckConstraint("(awarded IS NULL) = (settled_at IS NULL)", name=op.f("ck_marking_piece_settled_at")),
        sa.CheckConstraint("awarded BETWEEN 0 AND points * 100", name=op.f("ck_marking_piece_range")),
        sa.CheckConstraint("wanted BETWEEN 1 AND 2", name=op.f("ck_marking_piece_wanted")),
        sa.CheckConstraint("(held_by IS NULL) = (held_until IS NULL)", name=op.f("ck_marking_piece_lease")),
        sa.ForeignKeyConstraint(
            ["attempt_id", "position"],
            ["attempt_question.attempt_id", "attempt_question.position"],
            name=op.f("fk_marking_piece_attempt_id_position"),
        ),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_marking_piece_exam_id")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_marking_piece_item_version_id")
        ),
        sa.ForeignKeyConstraint(["held_by"], ["person.id"], name=op.f("fk_marking_piece_held_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marking_piece")),
        sa.UniqueConstraint("attempt_id", "position", name=op.f("uq_marking_piece_attempt_id_position")),
    )
    op.create_index(
        "ix_marking_piece_exam_id_item_version_id_state_rank",
        "marking_piece",
        ["exam_id", "item_version_id", "state", "rank"],
    )
    held = sa.text("held_by IS NOT NULL")
    op.create_index("ix_marking_piece_held_by", "marking_piece", ["held_by"], sqlite_where=held, postgresql_where=held)
    op.create_table(
        "mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("earned", sa.Integer(), nullable=False),
        sa.Column("parts", Json(), nullable=False),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.Column("marked_at", Instant(), nullable=False),
        sa.CheckConstraint("no BETWEEN 1 AND 3", name=op.f("ck_mark_no")),
        sa.CheckConstraint("earned >= 0", name=op.f("ck_mark_earned")),
        sa.ForeignKeyConstraint(["piece_id"], ["marking_piece.id"], name=op.f("fk_mark_piece_id")),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_mark_marker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
        sa.UniqueConstraint("piece_id", "no", name=op.f("uq_mark_piece_id_no")),
        sa.UniqueConstraint("piece_id", "marker_id", name=op.f("uq_mark_piece_id_marker_id")),
    )
    op.create_index("ix_mark_marker_id", "mark", ["marker_id"])
    op.create_table(
        "marking_pass",
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("marker_id", sa.Uuid(), nullable=False),
        sa.Column("flag", sa.String(length=200), nullable=False),
        sa.Column("passed_at", Instant(), nullable=False),
        sa.CheckConstraint("length(flag) <= 200", name=op.f("ck_marking_pass_flag")),
        sa.ForeignKeyConstraint(["piece_id"], ["marking_piece.id"], name=op.f("fk_marking_pass_piece_id")),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_marking_pass_marker_id")),
        sa.PrimaryKeyConstraint("piece_id", "marker_id", name=op.f("pk_marking_pass")),
    )
    op.create_table(
        "marking_plan",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("markers", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.CheckConstraint("no >= 1", name=op.f("ck_marking_plan_no")),
        sa.CheckConstraint("markers BETWEEN 1 AND 2", name=op.f("ck_marking_plan_markers")),
        sa.CheckConstraint("threshold BETWEEN 0 AND 100", name=op.f("ck_marking_plan_threshold")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_marking_plan_exam_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_marking_plan_by_id")),
        sa.PrimaryKeyConstraint("exam_id", "no", name=op.f("pk_marking_plan")),
    )
    for table in APPEND_ONLY:
        append_only(table)
    refuse(
        "marking_piece",
        "marking_piece_fixed",
        on="UPDATE",
        when=f"({changed(*PIECE)}) OR (OLD.state = 'settled' AND ({changed('state', 'awarded', 'settled_at')}))",
        message="marking_piece: what is marked, and what it was settled at, never changes",
    )
    refuse(
        "marking_piece",
        "marking_piece_marked",
        on="UPDATE",
        when="OLD.state = 'waiting' AND NEW.state = 'settled'"
        " AND (SELECT count(*) FROM mark m WHERE m.piece_id = NEW.id) < NEW.wanted",
        message="marking_piece: settled by its marks only",
    )
    refuse("marking_piece", "marking_piece_no_delete", on="DELETE", message="marking_piece: never deleted")
    refuse(
        "mark",
        "mark_while_waiting",
        on="INSERT",
        when="NOT EXISTS (SELECT 1 FROM marking_piece p JOIN attempt a ON a.id = p.attempt_id WHERE p.id = NEW.piece_id"
        " AND p.state = 'waiting' AND a.state = 'submitted' AND a.person_id <> NEW.marker_id"
        " AND NEW.earned <= p.points * 100)",
        message="mark: nothing to mark here",
    )


def downgrade() -> None:
    for table, name in reversed(TRIGGERS):
        allow_again(table, name)
    for table in APPEND_ONLY:
        no_longer_append_only(table)
    for table in ("marking_plan", "marking_pass", "mark", "marking_piece"):
        op.drop_table(table)
    op.drop_index("ix_attempt_submitted", "attempt")
