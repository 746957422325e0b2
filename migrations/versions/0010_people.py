"""Indexes for each filter of the list of people, and for memberships that are about to begin."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FILTERED = ("category", "employment", "identity_level")


def upgrade() -> None:
    for column in FILTERED:
        op.create_index(f"ix_person_{column}_name_key_id", "person", [column, "name_key", "id"])
    op.create_index("ix_person_name", "person", ["name"], postgresql_ops={"name": "text_pattern_ops"})
    op.create_index("ix_membership_from_on", "membership", ["from_on"])
    op.create_index(
        "ix_account_state",
        "account",
        ["state"],
        sqlite_where=sa.text("state <> 'active'"),
        postgresql_where=sa.text("state <> 'active'"),
    )


def downgrade() -> None:
    op.drop_index("ix_account_state", "account")
    op.drop_index("ix_membership_from_on", "membership")
    op.drop_index("ix_person_name", "person")
    for column in reversed(FILTERED):
        op.drop_index(f"ix_person_{column}_name_key_id", "person")
