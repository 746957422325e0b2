"""Requests about people, and disclosures, know at which unit they were made: who reads them later reaches that unit.

Rows of before keep none, and go by where the person works, or the path stood, until now.
"""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

FIXED = {
    "joint_help": ("id", "person_id", "help", "reason", "asked_by", "asked_at"),
    "join_proposal": ("id", "kept_id", "gone_id", "reason", "proposed_by", "proposed_at"),
}
ADDED = {"joint_help": ("unit_id",), "join_proposal": ("kept_unit_id", "gone_unit_id")}


def _decided_once(table: str, *columns: str) -> None:
    name = f"{table}_decided_once"
    allow_again(table, name)
    refuse(
        table,
        name,
        on="UPDATE",
        when=f"OLD.state <> 'open' OR {changed(*columns)}",
        message=f"{table}: it can only be decided, once",
    )


def upgrade() -> None:
    op.add_column("disclosure", sa.Column("unit_id", sa.Uuid(), nullable=True))
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
        _decided_once(table, *FIXED[table], *columns)


def downgrade() -> None:
    for table, columns in ADDED.items():
        _decided_once(table, *FIXED[table])
        for column in columns:
            op.drop_column(table, column)
    op.drop_column("disclosure", "unit_id")
