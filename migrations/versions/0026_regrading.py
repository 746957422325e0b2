"""Wrong keys are put right by two persons: what was decided, what it did, and the sheet of each later result."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, is_postgresql, refuse
from lms.infra.types import Instant, Json

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

FACTS = ("id", "exam_id", "item_version_id", "way", "reason", "proposed_by", "proposed_at")
STEPS = (
    ("checking", "proposed"),
    ("checking", "withdrawn"),
    ("proposed", "withdrawn"),
    ("proposed", "declined"),
    ("proposed", "confirmed"),
    ("confirmed", "done"),
)
TRIGGERS = (
    ("regrade", "regrade_fixed"),
    ("regrade", "regrade_state"),
    ("regrade", "regrade_no_delete"),
    ("score_adjustment", "score_adjustment_confirmed"),
)


def upgrade() -> None:
    op.create_table(
        "regrade",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("item_version_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("key", Json(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.CheckConstraint("way IN ('full_credit', 'either', 'new_only', 'none')", name=op.f("ck_regrade_way")),
        sa.CheckConstraint("(way IN ('either', 'new_only')) = (key IS NOT NULL)", name=op.f("ck_regrade_key")),
        sa.CheckConstraint(
            "state IN ('checking', 'proposed', 'confirmed', 'done', 'declined', 'withdrawn')",
            name=op.f("ck_regrade_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('checking', 'proposed')) = (decided_by IS NULL)", name=op.f("ck_regrade_decided_by")
        ),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_regrade_decided_at")),
        sa.CheckConstraint("state = 'withdrawn' OR decided_by <> proposed_by", name=op.f("ck_regrade_two_persons")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_regrade_exam_id")),
        sa.ForeignKeyConstraint(["item_version_id"], ["item_version.id"], name=op.f("fk_regrade_item_version_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_regrade_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_regrade_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade")),
    )
    waiting = sa.text("state IN ('checking', 'proposed')")
    op.create_index(
        "uq_regrade_waiting",
        "regrade",
        ["exam_id", "item_version_id"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index("ix_regrade_exam_id_proposed_at", "regrade", ["exam_id", "proposed_at"])
    op.create_table(
        "regrade_effect",
        sa.Column("regrade_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("turn", sa.String(length=6), nullable=False),
        sa.Column("certificate", sa.String(length=40), nullable=True),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.CheckConstraint("turn IN ('stays', 'passes', 'fails')", name=op.f("ck_regrade_effect_turn")),
        sa.ForeignKeyConstraint(["regrade_id"], ["regrade.id"], name=op.f("fk_regrade_effect_regrade_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_regrade_effect_attempt_id")),
        sa.PrimaryKeyConstraint("regrade_id", "attempt_id", name=op.f("pk_regrade_effect")),
    )
    op.create_index("ix_regrade_effect_regrade_id_turn", "regrade_effect", ["regrade_id", "turn", "attempt_id"])
    op.create_index("ix_regrade_effect_attempt_id", "regrade_effect", ["attempt_id"])
    # Added in place: a table that SQLite rebuilds would lose its triggers.
    text, uuid = ("JSONB", "UUID") if is_postgresql() else ("TEXT", "CHAR(32)")
    op.execute(f"ALTER TABLE score_adjustment ADD COLUMN sheet {text}")
    op.execute(
        f"ALTER TABLE score_adjustment ADD COLUMN regrade_id {uuid}"
        " CONSTRAINT fk_score_adjustment_regrade_id REFERENCES regrade (id)"
    )
    op.create_index(
        "uq_score_adjustment_attempt_id_regrade_id", "score_adjustment", ["attempt_id", "regrade_id"], unique=True
    )
    refuse(
        "regrade",
        "regrade_fixed",
        on="UPDATE",
        when=f"({changed(*FACTS)}) OR (OLD.decided_by IS NOT NULL AND ({changed('decided_by', 'decided_at', 'comment')}))",
        message="regrade: what was proposed, and what was decided, never changes",
    )
    steps = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in STEPS)
    refuse(
        "regrade",
        "regrade_state",
        on="UPDATE",
        when=f"NEW.state <> OLD.state AND NOT ({steps})",
        message="regrade: not from this state",
    )
    refuse("regrade", "regrade_no_delete", on="DELETE", message="regrade: never deleted")
    refuse(
        "score_adjustment",
        "score_adjustment_confirmed",
        on="INSERT",
        when="NEW.regrade_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM regrade r WHERE r.id = NEW.regrade_id"
        " AND r.state IN ('confirmed', 'done') AND r.proposed_by = NEW.by_id AND r.decided_by = NEW.second_by_id)",
        message="score_adjustment: nobody confirmed it",
    )


def downgrade() -> None:
    for table, name in reversed(TRIGGERS):
        allow_again(table, name)
    op.drop_index("uq_score_adjustment_attempt_id_regrade_id", "score_adjustment")
    op.execute("ALTER TABLE score_adjustment DROP COLUMN regrade_id")
    op.execute("ALTER TABLE score_adjustment DROP COLUMN sheet")
    op.drop_table("regrade_effect")
    op.drop_table("regrade")
