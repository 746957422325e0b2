"""Rules of exams are proposed by one person and published by another; orders that may stay, and a day for the review."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, is_postgresql, refuse
from lms.infra.types import Instant, Json

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

PROPOSED = sa.text("state = 'proposed'")
UNDECIDED = sa.text("state IN ('draft', 'proposed')")
FIXED = ("id", "class_id", "drafted_by", "drafted_at")
SAID = ("title", "sections", "settings", "reason")


def upgrade() -> None:
    moment = "TIMESTAMP WITH TIME ZONE" if is_postgresql() else "BIGINT"
    for column, kind in (("shuffle_items", "BOOLEAN"), ("shuffle_options", "BOOLEAN"), ("review_from", moment)):
        op.execute(f"ALTER TABLE exam_rules ADD COLUMN {column} {kind}")
    op.create_table(
        "exam_rules_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("sections", Json(), nullable=False),
        sa.Column("settings", Json(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'published', 'declined', 'withdrawn')",
            name=op.f("ck_exam_rules_draft_state"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_exam_rules_draft_decided"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('published', 'declined') OR decided_by <> drafted_by",
            name=op.f("ck_exam_rules_draft_two_persons"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'published') OR reason <> ''", name=op.f("ck_exam_rules_draft_reason")
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'published') OR CAST(settings AS TEXT) <> '{}'",
            name=op.f("ck_exam_rules_draft_settings"),
        ),
        sa.CheckConstraint("(state = 'published') = (version IS NOT NULL)", name=op.f("ck_exam_rules_draft_version")),
        sa.ForeignKeyConstraint(["class_id"], ["training_class.id"], name=op.f("fk_exam_rules_draft_class_id")),
        sa.ForeignKeyConstraint(["drafted_by"], ["person.id"], name=op.f("fk_exam_rules_draft_drafted_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_exam_rules_draft_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_rules_draft")),
    )
    op.create_index("ix_exam_rules_draft_class_id", "exam_rules_draft", ["class_id", "id"])
    op.create_index(
        "uq_exam_rules_draft_open",
        "exam_rules_draft",
        ["class_id"],
        unique=True,
        sqlite_where=UNDECIDED,
        postgresql_where=UNDECIDED,
    )
    op.create_index(
        "ix_exam_rules_draft_waiting", "exam_rules_draft", ["id"], sqlite_where=PROPOSED, postgresql_where=PROPOSED
    )
    refuse(
        "exam_rules_draft",
        "exam_rules_draft_decided_once",
        on="UPDATE",
        when=f"OLD.state NOT IN ('draft', 'proposed') OR {changed(*FIXED)} OR (OLD.state = 'proposed' AND ({changed(*SAID)}))"
        " OR (OLD.state = 'draft' AND NEW.state IN ('published', 'declined'))",
        message="exam_rules_draft: what is proposed stays as it is, what is decided for good",
    )
    refuse("exam_rules_draft", "exam_rules_draft_no_delete", on="DELETE", message="exam_rules_draft: kept for good")


def downgrade() -> None:
    for name in ("exam_rules_draft_decided_once", "exam_rules_draft_no_delete"):
        allow_again("exam_rules_draft", name)
    op.drop_table("exam_rules_draft")
    for column in ("review_from", "shuffle_options", "shuffle_items"):
        op.execute(f"ALTER TABLE exam_rules DROP COLUMN {column}")
