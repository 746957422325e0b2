"""Proposals, decisions and answers about people know at which unit they were written; figures of exams know that people moved.

Rows of before keep no unit, and go by where the person works, or the path stood, until now.
"""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

WRITTEN = ("reveal", "hours_correction", "correction", "watch_flag", "watch_objection")
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
    for table in WRITTEN:
        op.add_column(table, sa.Column("unit_id", sa.Uuid(), nullable=True))
    _decided_once(*FIXED, "unit_id")
    op.add_column("exam_figures", sa.Column("stale", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("exam_figures", "stale")
    _decided_once(*FIXED)
    for table in WRITTEN:
        op.drop_column(table, "unit_id")
