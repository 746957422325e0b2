"""Figures of exams: results by person and unit, sums by item, and what authors should look at."""

import sqlalchemy as sa
from alembic import op

from lms.infra.types import Instant, Json, SortKey

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_score_graded_at", "score", ["graded_at"])
    op.create_index("ix_score_adjustment_adjusted_at", "score_adjustment", ["adjusted_at"])
    op.create_table(
        "exam_figures",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("counted_until", Instant(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_figures_exam_id")),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_exam_figures")),
    )
    op.create_index("ix_exam_figures_counted_until", "exam_figures", ["counted_until"])
    op.create_table(
        "exam_standing",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("max_score", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_standing_exam_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exam_standing_person_id")),
        sa.PrimaryKeyConstraint("exam_id", "person_id", name=op.f("pk_exam_standing")),
    )
    op.create_index("ix_exam_standing_person_id", "exam_standing", ["person_id"])
    op.create_table(
        "exam_unit_figure",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("path", SortKey(400), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("shares", sa.BigInteger(), nullable=False),
        sa.Column("bins", Json(), nullable=False),
        sa.CheckConstraint("passed <= persons", name=op.f("ck_exam_unit_figure_passed")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_unit_figure_exam_id")),
        sa.PrimaryKeyConstraint("exam_id", "path", name=op.f("pk_exam_unit_figure")),
    )
    op.create_index("ix_exam_unit_figure_path", "exam_unit_figure", ["path"])
    op.create_table(
        "exam_item_figure",
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.Column("item_version_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("x", "xx", "y", "yy", "xy")),
        sa.Column("options", Json(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_item_figure_exam_id")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_exam_item_figure_item_version_id")
        ),
        sa.PrimaryKeyConstraint("exam_id", "item_version_id", name=op.f("pk_exam_item_figure")),
    )
    op.create_index("ix_exam_item_figure_item_version_id", "exam_item_figure", ["item_version_id"])
    op.create_table(
        "item_signal",
        sa.Column("item_version_id", sa.Uuid(), nullable=False),
        sa.Column("flags", Json(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["item_version_id"], ["item_version.id"], name=op.f("fk_item_signal_item_version_id")),
        sa.PrimaryKeyConstraint("item_version_id", name=op.f("pk_item_signal")),
    )


def downgrade() -> None:
    for table in ("item_signal", "exam_item_figure", "exam_unit_figure", "exam_standing", "exam_figures"):
        op.drop_table(table)
    op.drop_index("ix_score_adjustment_adjusted_at", "score_adjustment")
    op.drop_index("ix_score_graded_at", "score")
