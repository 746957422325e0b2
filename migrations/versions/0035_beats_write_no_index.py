"""A beat changes no indexed column of its lease, so that PostgreSQL keeps the new version on the same page."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

NAME = "ix_watch_lease_state_last_beat_at"


def upgrade() -> None:
    op.drop_index(NAME, table_name="watch_lease")


def downgrade() -> None:
    op.create_index(NAME, "watch_lease", ["state", "last_beat_at"])
