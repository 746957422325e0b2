"""Proposals to correct hours, and looks at ID numbers, know at which unit they were made; figures of exams know that people moved.

Rows of before keep no unit, and go by where the person works, or the path stood, until now.
"""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

FIXED = ("id", "entry_id", "kind", "person_id", "reason", "proposed_by", "proposed_at")


def _decided_once(*columns: str) -> None:
    name = "hours_correction_decided_once"
    allow_again("hours_correction", name)
    refuse(
        "hours_correction",
        name,
        on="UPDATE",
        when=f"OLD.state <> 'proposed' OR {changed(*columns)}",
        message="hours_correction: decided once",
    )


def upgrade() -> None:
    op.add_column("reveal", sa.Column("unit_id", sa.Uuid(), nullable=True))
    op.add_column("hours_correction", sa.Column("unit_id", sa.Uuid(), nullable=True))
    _decided_once(*FIXED, "unit_id")
    op.add_column("exam_figures", sa.Column("stale", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("exam_figures", "stale")
    _decided_once(*FIXED)
    op.drop_column("hours_correction", "unit_id")
    op.drop_column("reveal", "unit_id")
