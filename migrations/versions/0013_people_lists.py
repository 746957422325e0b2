"""Indexes that lead straight to a page of a list: of people by the beginning of their name, of those who left or were joined."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import is_postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NOT_ACTIVE = sa.text("state <> 'active'")
GONE = ("merged_into", "closed_at")


def upgrade() -> None:
    if is_postgresql():  # where there are so many people that it matters; SQLite cannot show what it indexes
        op.create_index("ix_person_family_name_key_id", "person", [sa.text("substr(name, 1, 1)"), "name_key", "id"])
    for column in GONE:
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_person_{column}_name_key_id", "person", ["name_key", "id"], sqlite_where=where, postgresql_where=where
        )
    op.drop_index("ix_account_state", "account")
    op.create_index(
        "ix_account_state_person_id",
        "account",
        ["state", "person_id"],
        sqlite_where=NOT_ACTIVE,
        postgresql_where=NOT_ACTIVE,
    )


def downgrade() -> None:
    op.drop_index("ix_account_state_person_id", "account")
    op.create_index("ix_account_state", "account", ["state"], sqlite_where=NOT_ACTIVE, postgresql_where=NOT_ACTIVE)
    for column in reversed(GONE):
        op.drop_index(f"ix_person_{column}_name_key_id", "person")
    if is_postgresql():
        op.drop_index("ix_person_family_name_key_id", "person")
